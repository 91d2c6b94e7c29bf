import { rm } from "node:fs/promises";
import { join } from "node:path";

import { bytesSource, fileSource, type ByteSource } from "../../signing/source.js";
import { downloadBlob, holdsBlob, readBlob } from "../blob.js";
import { bareDescriptor, type Descriptor } from "../descriptor.js";
import { assertWellFormed, type StoredManifest } from "../manifest.js";
import { atOnce } from "../limits.js";
import { mapParallel } from "../../parallel.js";
import type { BlobOutcome, ContentStore } from "../store.js";

/** What became of the blobs; `foreign`: not in the source, since registries don't distribute them. */
export type BlobCount = Readonly<Record<BlobOutcome | "foreign", number>>;

export const noBlobs: BlobCount = { present: 0, mounted: 0, pushed: 0, foreign: 0 };

export function sumOf(one: BlobCount, other: BlobCount): BlobCount {
  return {
    present: one.present + other.present,
    mounted: one.mounted + other.mounted,
    pushed: one.pushed + other.pushed,
    foreign: one.foreign + other.foreign,
  };
}

export type CopiedBlobs = {
  readonly count: BlobCount;
  /** Digests of those that stay where they are. */
  readonly foreign: ReadonlySet<string>;
};

/** Blobs up to so many bytes pass through memory. */
const inMemory = 1024 * 1024;
/** Blobs up to so many bytes are sent without a question where their manifest is new: they are so too. */
const unasked = 64 * 1024;

/** @throws AttestError IMAGE_INVALID when a manifest does not say what it needs: an index goes as it is, whatever stands in it */
export function assertAllWellFormed(from: ContentStore, manifests: readonly StoredManifest[]): void {
  for (const { content, descriptor } of manifests)
    if (content.kind === "manifest")
      assertWellFormed(content.malformed, `${descriptor.digest} in ${from.name}`);
}

/**
 * Copies every blob that the manifests need, each once.
 * @param others that belong to them besides
 * @throws AttestError IMAGE_INVALID, before anything is written, when a manifest does not say what it needs
 */
export async function copyBlobs(
  from: ContentStore,
  to: ContentStore,
  manifests: readonly StoredManifest[],
  directory: string,
  others: readonly Descriptor[] = [],
): Promise<CopiedBlobs> {
  const known = await mapParallel(manifests, atOnce, ({ descriptor }) => to.resolve(descriptor.digest));
  const wanted = new Map<string, { readonly descriptor: Descriptor; readonly isNew: boolean }>();
  for (const [at, { content }] of manifests.entries()) {
    if (content.kind === "index") continue;
    const isNew = known[at] === undefined;
    for (const descriptor of [content.config ?? [], content.layers].flat())
      if (!wanted.has(descriptor.digest)) wanted.set(descriptor.digest, { descriptor, isNew });
  }
  for (const descriptor of others)
    if (!wanted.has(descriptor.digest)) wanted.set(descriptor.digest, { descriptor, isNew: false });
  const count = { ...noBlobs };
  const foreign = new Set<string>();
  await mapParallel([...wanted.values()], atOnce, async ({ descriptor, isNew }) => {
    const isUnasked = isNew && descriptor.size <= unasked;
    const outcome = await copyBlob(from, to, descriptor, isUnasked, directory);
    count[outcome] += 1;
    if (outcome === "foreign") foreign.add(descriptor.digest);
  });
  return { count, foreign };
}

/** Sends the blobs of one manifest, whether the target says that it has them or not. */
export async function resendBlobs(
  from: ContentStore,
  to: ContentStore,
  { content }: StoredManifest,
  directory: string,
): Promise<void> {
  if (content.kind === "index") return;
  const blobs = [content.config ?? [], content.layers].flat();
  const once = [...new Map(blobs.map((one) => [one.digest, one])).values()];
  await mapParallel(once, atOnce, async (descriptor) => {
    if (isForeign(descriptor) && !(await holdsBlob(from, descriptor))) return;
    await sendBlob(from, to, descriptor, directory, undefined);
  });
}

async function copyBlob(
  from: ContentStore,
  to: ContentStore,
  descriptor: Descriptor,
  isUnasked: boolean,
  directory: string,
): Promise<BlobOutcome | "foreign"> {
  if (!isUnasked && (await to.hasBlob(descriptor.digest))) return "present";
  if (isForeign(descriptor) && !(await holdsBlob(from, descriptor))) return "foreign";
  return sendBlob(from, to, descriptor, directory, mountable(from, to));
}

async function sendBlob(
  from: ContentStore,
  to: ContentStore,
  descriptor: Descriptor,
  directory: string,
  mountFrom: string | undefined,
): Promise<BlobOutcome> {
  const waiting = waitingBlob(from, descriptor, directory);
  try {
    return await to.pushBlob(bareDescriptor(descriptor), waiting.source, mountFrom);
  } finally {
    await waiting.remove();
  }
}

/** A blob of the source that is fetched when it is read first: what is mounted is never fetched. */
function waitingBlob(from: ContentStore, descriptor: Descriptor, directory: string) {
  const path = join(directory, descriptor.digest.replace(":", "-"));
  const fetch = async (): Promise<ByteSource> => {
    if (descriptor.size <= inMemory) return bytesSource(await readBlob(from, descriptor, inMemory));
    await downloadBlob(from, descriptor, path, Number.MAX_SAFE_INTEGER);
    return fileSource(path);
  };
  let fetched: Promise<ByteSource> | undefined;
  const source: ByteSource = {
    size: descriptor.size,
    chunks: async function* (start = 0, end = descriptor.size) {
      fetched ??= fetch();
      yield* (await fetched).chunks(start, end);
    },
  };
  return { source, remove: () => rm(path, { force: true }) };
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#non-distributable-layers */
function isForeign({ urls = [], mediaType }: Descriptor): boolean {
  return urls.length > 0 || /\.nondistributable\.|\.foreign\./.test(mediaType);
}

function mountable(from: ContentStore, to: ContentStore): string | undefined {
  const isSame = from.location !== undefined && from.location.registry === to.location?.registry;
  return isSame ? from.location.repository : undefined;
}
