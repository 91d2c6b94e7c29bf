/** What is verified of an attachment: its bytes, or what older cosign versions keep in two places as one bundle. */
import { X509Certificate } from "node:crypto";

import { bytesSource, type ByteSource } from "../../signing/source.js";
import { membersOf } from "../../statement/json-value.js";
import type { Annotations } from "../descriptor.js";
import { sigstoreBundlePrefix } from "../media-types.js";
import type { Attachment } from "./types.js";

const prefix = "dev.sigstore.cosign/";

/**
 * The bytes of an attachment for a verification. An envelope whose layer has the certificate, the log entry or
 * the timestamp of its signature in annotations becomes a bundle of all of them; nothing of it is believed, and
 * what can't be read is in there as it stands, so that the verdict names it.
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#properties
 */
export function evidenceSource({ source, form, annotations }: Evidence): ByteSource {
  if (!hasBundleParts({ form, annotations })) return source;
  const head = JSON.stringify({
    mediaType: `${sigstoreBundlePrefix}+json;version=0.1`,
    verificationMaterial: material(annotations),
  });
  return joined([
    bytesSource(Buffer.from(`${head.slice(0, -1)},"dsseEnvelope":`)),
    source,
    bytesSource(Buffer.from("}")),
  ]);
}

type Evidence = Pick<Attachment, "source" | "form" | "annotations">;

/** It is an envelope, and the rest of a bundle stands beside it. */
export function hasBundleParts({ form, annotations }: Omit<Evidence, "source">): boolean {
  const names = ["certificate", "bundle", "rfc3161timestamp"];
  return form === "envelope" && names.some((name) => Boolean(annotations[prefix + name]));
}

function material(annotations: Annotations): object {
  const certificate = annotations[`${prefix}certificate`];
  const entry = annotations[`${prefix}bundle`];
  const timestamp = annotations[`${prefix}rfc3161timestamp`];
  return {
    ...(certificate
      ? { x509CertificateChain: { certificates: [{ rawBytes: derOf(certificate) }] } }
      : { publicKey: { hint: "" } }),
    ...(entry ? { tlogEntries: [logEntry(entry)] } : {}),
    ...(timestamp
      ? {
          timestampVerificationData: {
            rfc3161Timestamps: [{ signedTimestamp: membersIn(timestamp)["SignedRFC3161Timestamp"] ?? null }],
          },
        }
      : {}),
  };
}

/** The entry of a log of version 1, with the log's promise in the place of a proof. */
function logEntry(text: string): object {
  const { SignedEntryTimestamp: signedEntryTimestamp, Payload: payload } = membersIn(text);
  const { body, integratedTime, logIndex, logID } = membersOf(payload);
  const { kind, apiVersion } = membersIn(Buffer.from(textOf(body), "base64").toString("utf8"));
  return {
    logIndex,
    logId: { keyId: Buffer.from(textOf(logID), "hex").toString("base64") },
    kindVersion: { kind, version: apiVersion },
    integratedTime,
    inclusionPromise: { signedEntryTimestamp },
    canonicalizedBody: body,
  };
}

function derOf(pem: string): string {
  try {
    return new X509Certificate(pem).raw.toString("base64");
  } catch {
    return pem;
  }
}

/** The members of the object that a text is; none of anything else. */
function membersIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return membersOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Several sources, one after the other. */
function joined(sources: readonly ByteSource[]): ByteSource {
  const size = sources.reduce((sum, source) => sum + source.size, 0);
  return {
    size,
    chunks: async function* (start = 0, end = size) {
      let at = 0;
      for (const source of sources) {
        const from = Math.max(0, start - at);
        const to = Math.min(source.size, end - at);
        if (from < to) yield* source.chunks(from, to);
        at += source.size;
      }
    },
  };
}
