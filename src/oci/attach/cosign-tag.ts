/**
 * Attestations as cosign kept them before version 3: envelopes below a tag, the rest of a bundle in annotations.
 * https://github.com/sigstore/cosign/blob/main/specs/ATTESTATION_SPEC.md
 */
import { AttestError } from "../../error.js";
import { gather, bytesSource } from "../../signing/source.js";
import type { ReadBundle } from "../../verification/bundle/types.js";
import { isAbout } from "../content.js";
import type { Annotations, Descriptor } from "../descriptor.js";
import { digestOf, tagOfDigest } from "../digest.js";
import { dsseEnvelope } from "../media-types.js";
import { atOnce, mapParallel } from "../parallel.js";
import type { ContentStore } from "../store.js";
import type { Timing } from "../timing.js";
import type { BundleFile } from "./bundle-file.js";
import { addLayers } from "./layers-tag.js";

/** Bytes of a statement; cosign reads no more unless told otherwise. */
const statementBytes = 128 * 1024 * 1024;

/** Adds the envelopes of bundles to the tag of each subject that they are about. */
export async function attachToCosignTag(
  store: ContentStore,
  subjects: readonly string[],
  bundles: readonly BundleFile[],
  timing: Timing,
): Promise<void> {
  for (const subject of subjects) {
    const about = bundles.filter(({ content }) => isAbout(content.header, subject));
    if (about.length === 0) continue;
    const layers = await mapParallel(about, atOnce, (bundle) => pushEnvelope(store, bundle));
    await addLayers(store, tagOfDigest(subject, ".att"), layers, timing);
  }
}

async function pushEnvelope(store: ContentStore, { path, content }: BundleFile): Promise<Descriptor> {
  const { signed, statement, header } = content;
  if (signed === undefined || statement.size > statementBytes) {
    throw new AttestError("LIMIT_EXCEEDED", `${path} is too large for the layout of older cosign versions`, {
      problems: [{ path: "payload", expected: `at most ${statementBytes} bytes`, got: `${statement.size}` }],
      next: "Attach it as a referrer.",
    });
  }
  const bytes = Buffer.from(
    JSON.stringify({
      payloadType: signed.content.kind === "envelope" ? signed.content.payloadType : "",
      payload: (await gather(statement)).toString("base64"),
      signatures: [{ keyid: signed.keyid, sig: signed.signature.toString("base64") }],
    }),
  );
  const layer = { mediaType: dsseEnvelope, digest: digestOf(bytes), size: bytes.length };
  await store.pushBlob(layer, bytesSource(bytes));
  return {
    ...layer,
    annotations: { ...(await materialAnnotations(signed)), predicateType: header.predicateType },
  };
}

/** What a bundle says of its signature, in the annotations of a layer. */
async function materialAnnotations(signed: ReadBundle): Promise<Annotations> {
  const { signer, tlogEntries, timestamps } = signed;
  const [entry] = tlogEntries;
  const [timestamp] = timestamps;
  const promise = entry?.inclusionPromise?.signedEntryTimestamp;
  return {
    "dev.cosignproject.cosign/signature": "",
    ...(signer.kind === "certificate"
      ? {
          "dev.sigstore.cosign/certificate": await pemOf(signer.certificate),
          "dev.sigstore.cosign/chain": "",
        }
      : {}),
    ...(entry !== undefined && promise !== undefined
      ? {
          "dev.sigstore.cosign/bundle": JSON.stringify({
            SignedEntryTimestamp: promise.toString("base64"),
            Payload: {
              body: entry.canonicalizedBody.toString("base64"),
              integratedTime: Number(entry.integratedTime),
              logIndex: Number(entry.logIndex),
              logID: entry.logId?.keyId.toString("hex") ?? "",
            },
          }),
        }
      : {}),
    ...(timestamp === undefined
      ? {}
      : {
          "dev.sigstore.cosign/rfc3161timestamp": JSON.stringify({
            SignedRFC3161Timestamp: timestamp.toString("base64"),
          }),
        }),
  };
}

async function pemOf(der: Buffer): Promise<string> {
  const { X509Certificate } = await import("node:crypto");
  return new X509Certificate(der).toString();
}
