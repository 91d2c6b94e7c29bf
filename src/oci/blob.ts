import { AttestError } from "../error.js";
import { bytesSource, fileSource, type ByteSource } from "../signing/source.js";
import { writeWhole, type WrittenFile } from "../statement/files.js";
import type { Descriptor } from "./descriptor.js";
import { isDigestOf } from "./digest.js";
import type { ContentStore } from "./store.js";
import { assertWithin } from "./verified.js";

/**
 * The content of a descriptor, checked: what it holds of it itself, when that is the right one, and else the blob.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#embedded-content
 */
async function openContent(
  store: ContentStore,
  descriptor: Descriptor,
): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>> {
  const { data, size, digest } = descriptor;
  const embedded = data === undefined ? undefined : Buffer.from(data, "base64");
  const isRight = embedded?.length === size && isDigestOf(digest, embedded);
  return isRight ? [embedded] : store.openBlob(descriptor);
}

/** All bytes of a small blob, checked. @throws AttestError LIMIT_EXCEEDED when it is larger than `limit` */
export async function readBlob(store: ContentStore, descriptor: Descriptor, limit: number): Promise<Buffer> {
  assertWithin(descriptor, limit);
  const parts: Uint8Array[] = [];
  for await (const chunk of await openContent(store, descriptor)) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Writes a blob to a file, checked, in pieces; the file appears only when all is well. */
export async function downloadBlob(
  store: ContentStore,
  descriptor: Descriptor,
  path: string,
  limit: number,
): Promise<WrittenFile> {
  assertWithin(descriptor, limit);
  return writeWhole(path, async (writer) => {
    for await (const chunk of await openContent(store, descriptor)) await writer.write(chunk);
  });
}

/** Whether a blob is there: asked for, where a store knows of none. Some registries answer HEAD with 404 whatever is there. */
export async function holdsBlob(store: ContentStore, descriptor: Descriptor): Promise<boolean> {
  if (await store.hasBlob(descriptor.digest)) return true;
  try {
    for await (const _ of await store.openBlob(descriptor)) break;
    return true;
  } catch (error) {
    if (error instanceof AttestError && error.code === "IMAGE_NOT_FOUND") return false;
    throw error;
  }
}

/** Bytes that may still be kept, in memory and in files. */
export type Room = { memory: number; files: number };

/** A blob that was fetched and checked. */
export type KeptBlob = {
  readonly source: ByteSource;
  /** Writes it to a file, unless it lies in one, and tells the file's path. */
  save(): Promise<string>;
};

/** Fetches a blob: into memory while there is room for it there, else to a file. */
export async function keepBlob(
  store: ContentStore,
  descriptor: Descriptor,
  path: string,
  limit: number,
  room: Room,
): Promise<KeptBlob> {
  if (descriptor.size > room.memory) {
    await downloadBlob(store, descriptor, path, limit);
    return { source: await fileSource(path, 0), save: () => Promise.resolve(path) };
  }
  room.memory -= descriptor.size;
  const bytes = await readBlob(store, descriptor, limit);
  const save = async () => {
    await writeWhole(path, (writer) => writer.write(bytes));
    return path;
  };
  return { source: bytesSource(bytes), save };
}
