import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";

/**
 * Bytes of a known size that can be read as often as needed, a piece at a time. What is signed or
 * verified may be larger than what should be held in memory.
 */
export type ByteSource = {
  /** Size in bytes. */
  readonly size: number;
  /** All bytes, or those from `start` up to but not including `end`. */
  chunks(start?: number, end?: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
};

const chunkSize = 1024 * 1024;

/** Bytes that are in memory already. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, chunks: (start = 0, end = bytes.length) => [bytes.subarray(start, end)] };
}

/** Most bundles are smaller: opening one again for each reading costs more than keeping it. */
const smallBytes = 16 * 1024;

/**
 * A file: a small one as it is now, in memory; any other in pieces of 1 MiB. Its size is taken now; that its content
 * stays is checked where it matters.
 * @param kept bytes up to which a file is small; 0 keeps none
 */
export async function fileSource(path: string, kept = smallBytes): Promise<ByteSource> {
  const stats = await stat(path);
  const { size } = stats;
  if (size <= kept && stats.isFile()) return bytesSource(await readFile(path));
  return {
    size,
    chunks: (start = 0, end = size): AsyncIterable<Buffer> | Iterable<Buffer> =>
      // A read stream takes the last byte inclusively, so it can't be asked for none.
      end <= start ? [] : createReadStream(path, { start, end: end - 1, highWaterMark: chunkSize }),
  };
}

/** A part of a source as a source of its own. */
export function partOf(source: ByteSource, from: number, to: number): ByteSource {
  return {
    size: to - from,
    chunks: (start = 0, end = to - from) => source.chunks(from + start, from + end),
  };
}

/** All bytes in one buffer of exactly `source.size`; where they are in memory, these themselves. */
export async function gather(source: ByteSource): Promise<Buffer> {
  const chunks = source.chunks();
  const only = Array.isArray(chunks) && chunks.length === 1 ? (chunks[0] as Uint8Array) : undefined;
  if (only?.length === source.size) return Buffer.from(only.buffer, only.byteOffset, only.length);
  const whole = Buffer.allocUnsafe(source.size);
  let filled = 0;
  for await (const chunk of chunks) {
    if (filled + chunk.length > source.size) throw changed(source.size);
    whole.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled !== source.size) throw changed(source.size);
  return whole;
}

/** SHA-256 of all bytes, read a piece at a time. */
export async function sha256Of(source: ByteSource): Promise<Buffer> {
  const hash = createHash("sha256");
  for await (const chunk of source.chunks()) hash.update(chunk);
  return hash.digest();
}

function changed(size: number): Error {
  return new Error(`the content changed while it was read: ${size} bytes were announced`);
}
