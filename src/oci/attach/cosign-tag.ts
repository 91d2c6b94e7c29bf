/**
 * Attestations as cosign kept them before version 3: envelopes below a tag, the rest of a bundle in annotations.
 * https://github.com/sigstore/cosign/blob/main/specs/ATTESTATION_SPEC.md
 */
import { basename } from "node:path";

import { AttestError } from "../../error.js";
import { parseJson } from "../../json/parse.js";
import { gather, bytesSource } from "../../signing/source.js";
import type { Witness } from "../../signing/witness.js";
import { membersOf } from "../../statement/json-value.js";
import type { ReadBundle } from "../../verification/bundle/types.js";
import { isAbout } from "../content.js";
import type { Annotations, Descriptor } from "../descriptor.js";
import { digestOf, tagOfDigest } from "../digest.js";
import { dsseEnvelope } from "../media-types.js";
import { atOnce } from "../limits.js";
import { mapParallel } from "../../parallel.js";
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
  bundles.forEach(assertFits);
  for (const subject of subjects) {
    const about = bundles.filter(({ content }) => isAbout(content.header, subject));
    if (about.length === 0) continue;
    const layers = await mapParallel(about, atOnce, (bundle) => pushEnvelope(store, bundle));
    await addLayers(store, tagOfDigest(subject, ".att"), layers, timing);
  }
}

/** Whether the layout has room for all that a bundle holds. */
function assertFits({ path, content }: BundleFile): void {
  const { statement, signed } = content;
  const name = basename(path);
  assertStatementFits(name, statement.size);
  const promised = signed?.tlogEntries.filter(({ inclusionPromise }) => inclusionPromise !== undefined);
  if (promised?.length !== signed?.tlogEntries.length)
    throw noRoom(name, "verificationMaterial.tlogEntries", "one with a proof alone");
}

/**
 * Whether the layout has room for what these witnesses add and for statements of these sizes, before there is a bundle.
 * @throws AttestError ARGUMENT_INVALID, LIMIT_EXCEEDED
 */
export function assertWillFit(witnesses: readonly Witness[], statements: readonly number[]): void {
  for (const size of statements) assertStatementFits("a statement", size);
  if (witnesses.some(({ provesOnly }) => provesOnly === true))
    throw noRoom(
      "what a log of version 2 gives",
      "rekorVersion",
      "a log of version 2, which gives a proof alone",
    );
}

function assertStatementFits(name: string, size: number): void {
  if (size <= statementBytes) return;
  throw new AttestError("LIMIT_EXCEEDED", `${name} is too large for the layout of older cosign versions`, {
    problems: [{ path: "payload", expected: `at most ${statementBytes} bytes`, got: `${size}` }],
    next: "Attach it as a referrer.",
  });
}

function noRoom(name: string, path: string, got: string): AttestError {
  return new AttestError(
    "ARGUMENT_INVALID",
    `${name} does not fit into the layout of older cosign versions`,
    {
      problems: [{ path, expected: "an entry with the log's promise, as logs of version 1 give it", got }],
      next: "Attach it as a referrer, or sign with a log of version 1.",
    },
  );
}

async function pushEnvelope(store: ContentStore, { content }: BundleFile): Promise<Descriptor> {
  const { signed, statement, header } = content;
  if (signed === undefined) throw new Error("a bundle is signed");
  const bytes = envelopeBytes(signed, (await gather(statement)).toString("base64"));
  const layer = { mediaType: dsseEnvelope, digest: digestOf(bytes), size: bytes.length };
  await store.pushBlob(layer, bytesSource(bytes));
  return {
    ...layer,
    annotations: { ...(await materialAnnotations(signed)), predicateType: header.predicateType },
  };
}

/**
 * The envelope, in the spelling whose hash the log has where it has one: cosign compares the two. A bundle does
 * not say how its envelope was spelt when it was logged.
 */
function envelopeBytes({ content, keyid, signature, tlogEntries }: ReadBundle, payload: string): Buffer {
  const payloadType = content.kind === "envelope" ? content.payloadType : "";
  const sig = signature.toString("base64");
  const cosigns = Buffer.from(JSON.stringify({ payloadType, payload, signatures: [{ keyid, sig }] }));
  const protobufs = Buffer.from(
    JSON.stringify({ payload, payloadType, signatures: [{ sig, ...(keyid === "" ? {} : { keyid }) }] }),
  );
  const logged = tlogEntries.map(loggedEnvelope);
  return logged.includes(digestOf(protobufs)) ? protobufs : cosigns;
}

/** https://github.com/sigstore/rekor/blob/main/pkg/types/dsse/v0.0.1/dsse_v0_0_1_schema.json */
function loggedEnvelope({ canonicalizedBody }: ReadBundle["tlogEntries"][number]): string | undefined {
  try {
    const { spec } = membersOf(parseJson(canonicalizedBody));
    const { algorithm, value } = membersOf(membersOf(spec)["envelopeHash"]);
    return typeof algorithm === "string" && typeof value === "string" ? `${algorithm}:${value}` : undefined;
  } catch {
    // Attaching judges nothing: whoever verifies will say that the entry is none.
    return undefined;
  }
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
