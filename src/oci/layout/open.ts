import { createReadStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { bytesSource, type ByteSource } from "../../signing/source.js";
import { writeWhole } from "../../statement/files.js";
import { bareDescriptor, type Descriptor } from "../descriptor.js";
import { isDigest } from "../digest.js";
import { ociLimits, type OciLimits } from "../limits.js";
import { ownMediaType, readManifest, type StoredManifest } from "../manifest.js";
import { AttestError } from "../../error.js";
import type { BlobOutcome, ContentStore } from "../store.js";
import type { Timing } from "../timing.js";
import { assertWithin, verified } from "../verified.js";
import { isCosignSave, possibleManifests, savedUnderTag } from "./cosign-save.js";
import {
  assertLayout,
  changeLayoutIndex,
  createLayout,
  readLayoutIndex,
  tagAnnotation,
} from "./index-file.js";
import { removeLeftovers } from "./leftovers.js";

export type LayoutOptions = {
  readonly timing: Timing;
  readonly limits?: OciLimits;
  /** What errors call it. Default: the directory's path. */
  readonly name?: string;
  /** Make a layout of the directory when it is none yet. */
  readonly create?: boolean;
};

/**
 * Opens an OCI layout directory. Blobs are written beside their place and renamed; `index.json` is changed by
 * one writer at a time; what killed writers left is removed at the first write. What refers to a manifest stands in
 * `index.json` without a tag, as ORAS writes it.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 *
 * @throws AttestError IMAGE_INVALID when it is no layout
 */
export async function openLayout(directory: string, options: LayoutOptions): Promise<ContentStore> {
  const { limits = ociLimits, name = directory } = options;
  const layout: Layout = { directory, limits, name };
  if (options.create === true) await createLayout(directory, options.timing);
  await assertLayout(directory);
  let tidied: Promise<void> | undefined;
  const tidy = () => (tidied ??= removeLeftovers(directory));
  const change = async (work: (listed: readonly Descriptor[]) => readonly Descriptor[]) => {
    await tidy();
    await changeLayoutIndex(directory, limits, options.timing, work);
  };
  const write = async (descriptor: Descriptor, content: ByteSource) => {
    await tidy();
    return writeBlob(directory, descriptor, content);
  };
  const listed = () => readLayoutIndex(directory, limits);

  const fetchManifest = async (reference: string): Promise<StoredManifest | undefined> => {
    const found = find(reference, await listed());
    return found === undefined ? undefined : loadManifest(layout, found);
  };
  const pushManifest: ContentStore["pushManifest"] = async ({ descriptor, bytes }, tag) => {
    await write(descriptor, bytesSource(bytes));
    if (tag !== undefined) await change((manifests) => tagged(manifests, descriptor, tag));
  };
  return {
    name,
    limits,
    fetchManifest,
    resolve: async (reference) => (await fetchManifest(reference))?.descriptor,
    pushManifest,
    moveTag: pushManifest,
    hasBlob: async (digest) => (await sizeOf(directory, digest)) !== undefined,
    openBlob: async (descriptor) => {
      if ((await sizeOf(directory, descriptor.digest)) === undefined) throw absent(name, descriptor);
      const chunks: AsyncIterable<Buffer> = createReadStream(blobPath(directory, descriptor.digest));
      return verified(chunks, descriptor, name);
    },
    pushBlob: write,
    referrers: async (digest) => {
      const found = new Map<string, Descriptor>();
      for (const manifest of await mayRefer(layout, await listed())) {
        if (manifest.content.subject?.digest !== digest) continue;
        const { artifactType, annotations } = manifest.content;
        found.set(manifest.descriptor.digest, {
          ...bareDescriptor(manifest.descriptor),
          ...(artifactType === undefined ? {} : { artifactType }),
          annotations,
        });
      }
      return [...found.values()];
    },
    announce: (descriptors) => change((manifests) => announced(manifests, descriptors)),
    retire: (digest) => change((manifests) => manifests.filter((one) => one.digest !== digest)),
    tags: async () =>
      (await listed()).flatMap(({ annotations }) => {
        const tag = annotations?.[tagAnnotation];
        return tag === undefined ? [] : [tag];
      }),
  };
}

type Layout = {
  readonly directory: string;
  readonly limits: OciLimits;
  /** What errors call it. */
  readonly name: string;
};

function blobPath(directory: string, digest: string): string {
  return join(directory, "blobs", ...digest.split(":"));
}

async function sizeOf(directory: string, digest: string): Promise<number | undefined> {
  const stats = await stat(blobPath(directory, digest)).catch(() => undefined);
  return stats?.isFile() === true ? stats.size : undefined;
}

/** What the layout lists, and what `cosign save` left out of its list. */
async function mayRefer(layout: Layout, listed: readonly Descriptor[]): Promise<readonly StoredManifest[]> {
  const manifests: StoredManifest[] = [];
  for (const one of listed) {
    const manifest = await loadManifest(layout, one);
    if (manifest !== undefined) manifests.push(manifest);
  }
  if (!isCosignSave(listed)) return manifests;
  for (const digest of await possibleManifests(layout.directory, layout.limits)) {
    // Blobs are anything: what is no manifest refers to nothing.
    const manifest = await loadManifest(layout, { digest, mediaType: "" }).catch(passNone);
    if (manifest !== undefined) manifests.push(manifest);
  }
  return manifests;
}

function passNone(error: unknown): undefined {
  if (!(error instanceof AttestError) || error.code === "DIGEST_MISMATCH") throw error;
}

/** A tag stands in the index; a digest may also be of a manifest that only another one refers to. */
function find(
  reference: string,
  listed: readonly Descriptor[],
): { readonly digest: string; readonly mediaType: string } | undefined {
  const isDigestReference = isDigest(reference);
  const found = listed.find(({ digest, annotations }) =>
    isDigestReference ? digest === reference : annotations?.[tagAnnotation] === reference,
  );
  if (found !== undefined) return found;
  return isDigestReference ? { digest: reference, mediaType: "" } : savedUnderTag(listed, reference);
}

async function loadManifest(
  { directory, limits, name }: Layout,
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

async function writeBlob(
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

function tagged(listed: readonly Descriptor[], descriptor: Descriptor, tag: string): readonly Descriptor[] {
  const entry = {
    ...bareDescriptor(descriptor),
    annotations: { ...descriptor.annotations, [tagAnnotation]: tag },
  };
  const others = listed.filter(({ annotations }) => annotations?.[tagAnnotation] !== tag);
  return [...others, entry];
}

function announced(listed: readonly Descriptor[], descriptors: readonly Descriptor[]): readonly Descriptor[] {
  const known = new Set(listed.map(({ digest }) => digest));
  const fresh = new Map(descriptors.map((one) => [one.digest, one]));
  return [...listed, ...[...fresh.values()].filter(({ digest }) => !known.has(digest))];
}

function absent(name: string, { digest }: Descriptor): AttestError {
  return new AttestError("IMAGE_NOT_FOUND", `${name} does not hold ${digest}`, {
    next: "Export the image again with all its content.",
  });
}
