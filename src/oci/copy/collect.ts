/** Finds all manifests that an image is made of. */
import { AttestError } from "../../error.js";
import { holdsBlob } from "../blob.js";
import type { Descriptor } from "../descriptor.js";
import { resolveImage } from "../image.js";
import { atOnce, assertCount } from "../limits.js";
import type { StoredManifest } from "../manifest.js";
import { indexTypes, manifestTypes } from "../media-types.js";
import { mapParallel } from "../../parallel.js";
import type { ContentStore } from "../store.js";

/** Fetches manifests, as long as all of them can be held. */
export type Collector = { fetch(digest: string): Promise<StoredManifest | undefined> };

export function createCollector(store: ContentStore): Collector {
  let count = 0;
  let bytes = 0;
  return {
    fetch: async (reference) => {
      const stored = await store.fetchManifest(reference);
      if (stored === undefined) return undefined;
      count += 1;
      bytes += stored.bytes.length;
      assertCount(count, store.limits.total, `the manifests of an image in ${store.name}`);
      assertCount(bytes, store.limits.totalBytes, `the manifests of an image in ${store.name} in bytes`);
      return stored;
    },
  };
}

export type ImageContent = {
  readonly root: StoredManifest;
  /** Inner ones first, each once; the root is the last. */
  readonly manifests: readonly StoredManifest[];
  readonly absent: readonly string[];
};

/** The manifests that an image is made of; an index may name some that are not there. */
export async function collectImage(
  store: ContentStore,
  reference: string,
  collector: Collector,
): Promise<ImageContent> {
  const { root } = await resolveImage(store, reference);
  const found = new Map<string, StoredManifest>();
  const absent = new Set<string>();
  await collect(collector, root, store.limits.depth, found, absent);
  return { root, manifests: [...found.values()], absent: [...absent] };
}

/** What indexes list and is no manifest, each once: BuildKit's caches list their blobs so. */
export async function collectLoose(
  store: ContentStore,
  manifests: readonly StoredManifest[],
): Promise<{ readonly loose: readonly Descriptor[]; readonly absent: readonly string[] }> {
  const all = manifests.flatMap(({ content }) =>
    content.kind === "index" ? content.manifests.filter(({ mediaType }) => !isManifestType(mediaType)) : [],
  );
  const listed = [...new Map(all.map((one) => [one.digest, one])).values()];
  const isThere = await mapParallel(listed, atOnce, (one) => holdsBlob(store, one));
  const absent = listed.filter((_, at) => isThere[at] !== true).map(({ digest }) => digest);
  return { loose: listed.filter((_, at) => isThere[at]), absent };
}

function isManifestType(mediaType: string): boolean {
  return indexTypes.includes(mediaType) || manifestTypes.includes(mediaType);
}

/** Adds a manifest with all that is in it, inner ones first. */
export async function collect(
  collector: Collector,
  stored: StoredManifest,
  depth: number,
  found: Map<string, StoredManifest>,
  absent: Set<string>,
): Promise<void> {
  const { content, descriptor } = stored;
  if (content.kind === "index") {
    if (depth === 0)
      throw new AttestError("LIMIT_EXCEEDED", `the index ${descriptor.digest} is nested too deep`, {});
    const named = content.manifests.filter(({ mediaType }) => isManifestType(mediaType));
    const all = [...named, ...content.malformed].flatMap(({ digest }) => digest ?? []);
    const wanted = [...new Set(all)].filter((digest) => !found.has(digest));
    const children = await mapParallel(wanted, atOnce, (digest) => collector.fetch(digest));
    for (const [at, child] of children.entries()) {
      if (child === undefined) absent.add(wanted[at] ?? "");
      else await collect(collector, child, depth - 1, found, absent);
    }
  }
  found.set(descriptor.digest, stored);
}
