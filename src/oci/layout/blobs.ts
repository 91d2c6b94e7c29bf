/** The files of a layout, by digest. */
import { createReadStream, type Stats } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { ByteSource } from "../../signing/source.js";
import { fileError, isAbsent } from "../../statement/file-error.js";
import { writeWhole } from "../../statement/files.js";
import type { Descriptor } from "../descriptor.js";
import { ownMediaType, readManifest, type StoredManifest } from "../manifest.js";
import type { BlobOutcome } from "../store.js";
import { assertWithin, verified } from "../verified.js";
import type { Place } from "./index-file.js";

export type Layout = Place & {
  /** Manifests that were opened in search of referrers: each part of an image is asked for its own. */
  readonly known: Map<string, Referring>;
};

/** What a manifest refers to, and how it is listed there. */
export type Referring = { readonly subject: string | undefined; readonly descriptor: Descriptor };

export function blobPath(directory: string, digest: string): string {
  return join(directory, "blobs", ...digest.split(":"));
}

/** Bytes of a blob's file; undefined when there is none. What may not be looked at may be there. */
export async function sizeOf(directory: string, digest: string): Promise<number | undefined> {
  const stats = await statIfThere(blobPath(directory, digest));
  return stats?.isFile() === true ? stats.size : undefined;
}

/** What the system says of a path; undefined when there is nothing. */
export async function statIfThere(path: string): Promise<Stats | undefined> {
  return stat(path).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw error;
  });
}

/** The bytes of a blob's file. */
export async function* chunksOf(directory: string, digest: string): AsyncGenerator<Uint8Array, void> {
  const chunks: AsyncIterable<Buffer> = createReadStream(blobPath(directory, digest));
  try {
    yield* chunks;
  } catch (error) {
    throw fileError(error, `can't read ${digest}`);
  }
}

/** A manifest or index, checked; undefined when it is not there. An empty media type leaves it to the document. */
export async function loadManifest(
  { directory, limits, name }: Place,
  wanted: { readonly digest: string; readonly mediaType: string; readonly size?: number },
): Promise<StoredManifest | undefined> {
  const { digest } = wanted;
  const size = await sizeOf(directory, digest);
  if (size === undefined) return undefined;
  const expected = { mediaType: wanted.mediaType, digest, size: wanted.size ?? size };
  assertWithin({ ...expected, size }, limits.manifestBytes);
  const parts: Uint8Array[] = [];
  for await (const chunk of verified(chunksOf(directory, digest), expected, name)) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  const mediaType = wanted.mediaType === "" ? ownMediaType(bytes, digest) : wanted.mediaType;
  const content = readManifest(bytes, mediaType, limits, digest);
  return { descriptor: { mediaType, digest, size }, bytes, content };
}

export async function writeBlob(
  directory: string,
  descriptor: Descriptor,
  content: ByteSource,
): Promise<BlobOutcome> {
  if ((await sizeOf(directory, descriptor.digest)) === descriptor.size) return "present";
  const path = blobPath(directory, descriptor.digest);
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, async (writer) => {
    for await (const chunk of verified(content.chunks(), descriptor, "what is written"))
      await writer.write(chunk);
  });
  return "pushed";
}
