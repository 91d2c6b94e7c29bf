import { createHash, createVerify, hash, verify, type Hash, type KeyObject, type Verify } from "node:crypto";
import { preAuthEncoding, preAuthHeader } from "../signing/dsse.js";
import { keyAlgorithm } from "../signing/key-algorithm.js";
import { gather, type ByteSource } from "../signing/source.js";
import type { SignedContent } from "./bundle/types.js";

/** The outcome of checking a signature, with the digests that log entries are compared with. */
export type CheckedSignature = {
  readonly valid: boolean;
  /** SHA-256 of the payload; of the file, where a file is signed. */
  readonly content: Buffer;
  /** SHA-256 of the bytes that the signature covers. */
  readonly signed: Buffer;
};

/** Up to this size a content is taken in one piece: setting out to read it in several takes longer than all of it. */
const wholeBytes = 64 * 1024;

/**
 * Checks a signature by reading the content once, in memory that does not grow with it (but for Ed25519).
 *
 * @param file the bytes of the signed file, for a content that is not an envelope
 */
export async function checkSignature(
  content: SignedContent,
  signature: Buffer,
  key: KeyObject,
  file?: ByteSource,
): Promise<CheckedSignature> {
  const body = content.kind === "envelope" ? content.payload : file;
  const accepted = keyAlgorithm(key)?.accepted ?? [];
  if (body === undefined) return { valid: false, content: Buffer.alloc(0), signed: Buffer.alloc(0) };
  const header =
    content.kind === "envelope" ? preAuthHeader(content.payloadType, body.size) : Buffer.alloc(0);
  if (body.size <= wholeBytes) {
    const bytes = await gather(body);
    const message = Buffer.concat([header, bytes]);
    const valid = accepted.some((algorithm) => verify(algorithm, message, key, signature));
    return { valid, content: hash("sha256", bytes, "buffer"), signed: hash("sha256", message, "buffer") };
  }
  const hashes = accepted.flatMap((algorithm) => (algorithm === null ? [] : [createVerify(algorithm)]));
  const digests = await digestOnce(header, body, hashes);
  const valid =
    hashes.some((each) => each.verify(key, signature)) ||
    (await checkWhole(accepted, content, body, key, signature));
  return { valid, ...digests };
}

async function digestOnce(header: Buffer, body: ByteSource, others: readonly Verify[]) {
  const content = createHash("sha256");
  const signed = createHash("sha256");
  const covering: readonly (Verify | Hash)[] = [signed, ...others];
  for (const each of covering) each.update(header);
  for await (const chunk of body.chunks()) {
    content.update(chunk);
    for (const each of covering) each.update(chunk);
  }
  return { content: content.digest(), signed: signed.digest() };
}

/** Ed25519 takes the message in one piece. */
async function checkWhole(
  accepted: readonly (string | null)[],
  content: SignedContent,
  body: ByteSource,
  key: KeyObject,
  signature: Buffer,
): Promise<boolean> {
  if (!accepted.includes(null)) return false;
  const message = content.kind === "envelope" ? preAuthEncoding(content.payloadType, body) : body;
  return verify(null, await gather(message), key, signature);
}
