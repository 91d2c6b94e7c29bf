/** The files of a layout, by digest. */
import { createReadStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { ByteSource } from "../../signing/source.js";
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

/** Bytes of a blob's file; undefined when there is none. */
export async function sizeOf(directory: string, digest: string): Promise<number | undefined> {
  const stats = await stat(blobPath(directory, digest)).catch(() => undefined);
  return stats?.isFile() === true ? stats.size : undefined;
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
  const chunks: AsyncIterable<Buffer> = createReadStream(blobPath(directory, digest));
  for await (const chunk of verified(chunks, expected, name)) parts.push(chunk);
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
