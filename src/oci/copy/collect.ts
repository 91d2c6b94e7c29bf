/** Finds all manifests that belong to an image: those it is made of, and those that are attached to it. */
import { AttestError } from "../../error.js";
import type { Descriptor } from "../descriptor.js";
import { tagOfDigest } from "../digest.js";
import { resolveImage } from "../image.js";
import { assertCount } from "../limits.js";
import type { StoredManifest } from "../manifest.js";
import { indexTypes, manifestTypes } from "../media-types.js";
import { atOnce, mapParallel } from "../parallel.js";
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
  /** What an index lists and is no manifest, each once: BuildKit's caches list their blobs so. */
  readonly loose: readonly Descriptor[];
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
  const manifests = [...found.values()];
  const listed = looseIn(manifests);
  const isThere = await mapParallel(listed, atOnce, ({ digest }) => store.hasBlob(digest));
  for (const [at, { digest }] of listed.entries()) if (isThere[at] !== true) absent.add(digest);
  return { root, manifests, loose: listed.filter((_, at) => isThere[at]), absent: [...absent] };
}

function looseIn(manifests: readonly StoredManifest[]): Descriptor[] {
  const all = manifests.flatMap(({ content }) =>
    content.kind === "index" ? content.manifests.filter(({ mediaType }) => !isManifestType(mediaType)) : [],
  );
  return [...new Map(all.map((one) => [one.digest, one])).values()];
}

function isManifestType(mediaType: string): boolean {
  return indexTypes.includes(mediaType) || manifestTypes.includes(mediaType);
}

async function collect(
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
    const wanted = [...new Set(named.map(({ digest }) => digest))].filter((digest) => !found.has(digest));
    const children = await mapParallel(wanted, atOnce, (digest) => collector.fetch(digest));
    for (const [at, child] of children.entries()) {
      if (child === undefined) absent.add(wanted[at] ?? "");
      else await collect(collector, child, depth - 1, found, absent);
    }
  }
  found.set(descriptor.digest, stored);
}

export type Attached = {
  /** Everything that is attached, each once. */
  readonly manifests: readonly StoredManifest[];
  /** By the digest that they refer to: descriptors as a list of referrers holds them. */
  readonly referrers: ReadonlyMap<string, readonly Descriptor[]>;
  /** Tags of older cosign versions, with what they name. */
  readonly tags: ReadonlyMap<string, StoredManifest>;
  /** Digests that are listed and not there. */
  readonly absent: readonly string[];
};

/** The suffixes of tags under which older cosign versions keep attestations, signatures and SBOMs. */
const cosignSuffixes = [".att", ".sig", ".sbom"];

/** Whatever is attached to any of the manifests, also to what is attached itself. */
export async function collectAttached(
  store: ContentStore,
  subjects: readonly StoredManifest[],
  collector: Collector,
): Promise<Attached> {
  const absent = new Set<string>();
  const own = new Set(subjects.map(({ descriptor }) => descriptor.digest));
  const manifests = new Map<string, StoredManifest>();
  const referrers = new Map<string, readonly Descriptor[]>();
  const tags = new Map<string, StoredManifest>();
  let level = [...own];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > store.limits.depth)
      throw new AttestError("LIMIT_EXCEEDED", `referrers in ${store.name} are nested too deep`, {});
    const next: string[] = [];
    const found = await mapParallel(level, atOnce, (digest) =>
      attachedTo(store, digest, depth === 0, collector),
    );
    for (const [at, one] of found.entries()) {
      if (one.referrers.length > 0) referrers.set(level[at] ?? "", one.referrers);
      for (const [tag, manifest] of one.tags) tags.set(tag, manifest);
      for (const digest of one.absent) absent.add(digest);
      for (const manifest of one.manifests) {
        const { digest } = manifest.descriptor;
        if (own.has(digest) || manifests.has(digest)) continue;
        manifests.set(digest, manifest);
        next.push(digest);
      }
    }
    level = next;
  }
  for (const manifest of tags.values()) manifests.set(manifest.descriptor.digest, manifest);
  return { manifests: [...manifests.values()], referrers, tags, absent: [...absent] };
}

type AttachedToOne = {
  readonly referrers: readonly Descriptor[];
  readonly manifests: readonly StoredManifest[];
  readonly tags: ReadonlyMap<string, StoredManifest>;
  readonly absent: readonly string[];
};

async function attachedTo(
  store: ContentStore,
  digest: string,
  withTags: boolean,
  collector: Collector,
): Promise<AttachedToOne> {
  const fromApi = await store.referrers(digest);
  const fallback =
    fromApi !== undefined && !withTags ? undefined : await store.fetchManifest(tagOfDigest(digest));
  const fromTag = fallback?.content.kind === "index" ? fallback.content.manifests : [];
  const listed = [...new Map([...fromTag, ...(fromApi ?? [])].map((one) => [one.digest, one])).values()];
  const fetched = await mapParallel(listed, atOnce, (one) => collector.fetch(one.digest));
  const manifests = fetched.filter((one): one is StoredManifest => one !== undefined);
  const there = new Set(manifests.map(({ descriptor }) => descriptor.digest));
  const tags = new Map<string, StoredManifest>();
  if (withTags) {
    await mapParallel(cosignSuffixes, atOnce, async (suffix) => {
      const tag = tagOfDigest(digest, suffix);
      const manifest = await collector.fetch(tag);
      if (manifest !== undefined) tags.set(tag, manifest);
    });
  }
  const isThere = ({ digest: own }: Descriptor) => there.has(own);
  const absent = listed.filter((one) => !isThere(one)).map((one) => one.digest);
  return { referrers: listed.filter(isThere), manifests, tags, absent };
}
