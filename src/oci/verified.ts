import { AttestError, type Problem } from "../error.js";
import type { Descriptor } from "./descriptor.js";
import { digestOf, hashFor } from "./digest.js";

/** Bytes beyond the announced size that are read to tell a wrong descriptor from other content. */
const mostSurplus = 16 * 1024 * 1024;

/** Hands bytes on while they are counted and hashed; fails where they are not what the descriptor says. */
export async function* verified(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  descriptor: Descriptor,
  from: string,
): AsyncGenerator<Uint8Array, void> {
  const hash = hashFor(descriptor.digest);
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > descriptor.size + mostSurplus) throw mismatch(descriptor, from, endless(descriptor));
    hash.update(chunk);
    if (size <= descriptor.size) yield chunk;
  }
  const found = `${descriptor.digest.split(":")[0] ?? ""}:${hash.digest("hex")}`;
  assertSame(descriptor, size, found, from);
}

/** Checks bytes that are in memory. @throws AttestError DIGEST_MISMATCH */
export function assertContent(bytes: Uint8Array, descriptor: Descriptor, from: string): void {
  const found = digestOf(bytes, descriptor.digest.split(":")[0]);
  assertSame(descriptor, bytes.length, found, from);
}

function assertSame(descriptor: Descriptor, size: number, digest: string, from: string): void {
  const problems: Problem[] = [];
  if (size !== descriptor.size)
    problems.push({ path: "size", expected: `${descriptor.size} bytes`, got: `${size}` });
  if (digest !== descriptor.digest)
    problems.push({ path: "digest", expected: descriptor.digest, got: digest });
  if (problems.length > 0) throw mismatch(descriptor, from, problems);
}

function endless({ size, digest }: Descriptor): Problem[] {
  return [
    { path: "size", expected: `${size} bytes`, got: `more than ${size + mostSurplus}` },
    { path: "digest", expected: digest, got: "unknown" },
  ];
}

/** Whether the content is the right one, and only its descriptor says another size. */
export function isWrongSize({ code, problems }: AttestError): boolean {
  return code === "DIGEST_MISMATCH" && problems.every(({ path }) => path === "size");
}

/**
 * Whether what was read is wrong in itself, as its digest tells: nobody needs to ask again. Any other error may hide
 * something.
 */
export function isMalformed(error: unknown): error is AttestError {
  if (!(error instanceof AttestError)) return false;
  return ["IMAGE_INVALID", "JSON_INVALID", "LIMIT_EXCEEDED"].includes(error.code) || isWrongSize(error);
}

/** For content of somebody else's that may be malformed: there is none then. */
export function passMalformed(error: unknown): undefined {
  if (!isMalformed(error)) throw error;
}

function mismatch(descriptor: Descriptor, from: string, problems: readonly Problem[]): AttestError {
  return new AttestError("DIGEST_MISMATCH", `${from} gave other content than ${descriptor.digest}`, {
    problems,
    next: "Don't use it: it was damaged or changed on the way. Fetch it again or from somewhere else.",
  });
}

/** @throws AttestError LIMIT_EXCEEDED when the descriptor says more than `limit` bytes */
export function assertWithin({ size, digest }: Descriptor, limit: number): void {
  if (size <= limit) return;
  throw new AttestError("LIMIT_EXCEEDED", `${digest} is larger than what is read`, {
    problems: [{ path: "size", expected: `at most ${limit} bytes`, got: `${size}` }],
  });
}
