/** Finds all manifests that are attached to those of an image. */
import { AttestError } from "../../error.js";
import { fetchFallback } from "../fallback.js";
import { tagOfDigest } from "../digest.js";
import { entryKey, writtenEntries, writtenEntry, type WrittenEntry } from "../list-text.js";
import { referrerDescriptor, type StoredManifest } from "../manifest.js";
import { atOnce } from "../limits.js";
import { mapParallel } from "../../parallel.js";
import type { ContentStore, Referrers } from "../store.js";
import { collect, type Collector } from "./collect.js";

export type Attached = {
  /** Everything that is attached, each once. */
  readonly manifests: readonly StoredManifest[];
  /** By the digest that they refer to: entries as a list of referrers holds them. */
  readonly referrers: ReadonlyMap<string, readonly WrittenEntry[]>;
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
  const isKnown = (digest: string) => own.has(digest) || manifests.has(digest);
  const referrers = new Map<string, readonly WrittenEntry[]>();
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
        if (isKnown(manifest.descriptor.digest)) continue;
        // An attached index, and what is in it.
        const inner = new Map<string, StoredManifest>();
        await collect(collector, manifest, store.limits.depth, inner, absent);
        for (const [digest, each] of inner) {
          if (isKnown(digest)) continue;
          manifests.set(digest, each);
          next.push(digest);
        }
      }
    }
    level = next;
  }
  for (const manifest of tags.values())
    await collect(collector, manifest, store.limits.depth, manifests, absent);
  for (const digest of own) manifests.delete(digest);
  return { manifests: [...manifests.values()], referrers, tags, absent: [...absent] };
}

type AttachedToOne = {
  readonly referrers: readonly WrittenEntry[];
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
  const listed = await store.referrers(digest);
  const fallback = listed !== undefined && !withTags ? undefined : await fetchFallback(store, digest);
  const isIndex = fallback?.content.kind === "index";
  const fromTag = isIndex ? writtenEntries(fallback.bytes, "manifests") : [];
  const fromApi = (listed?.manifests ?? []).map(writtenEntry);
  // As somebody wrote it rather than as the registry tells it.
  const entries = [...new Map([...fromApi, ...fromTag].map((one) => [entryKey(one), one])).values()];
  const listedDigests = entries.flatMap(
    ({ descriptor, malformed }) => (descriptor ?? malformed)?.digest ?? [],
  );
  const unread = unreadIn(store, listed);
  const wanted = [...new Set([...listedDigests, ...unread])];
  const fetched = await mapParallel(wanted, atOnce, (one) => collector.fetch(one));
  const manifests = fetched.filter((one): one is StoredManifest => one !== undefined);
  const there = new Set(manifests.map((one) => one.descriptor.digest));
  // What is malformed is kept where it stood.
  const kept = entries.filter(({ descriptor }) => descriptor === undefined || there.has(descriptor.digest));
  const mended = manifests
    .filter(({ descriptor }) => unread.includes(descriptor.digest))
    .map((one) => writtenEntry(referrerDescriptor(one)));
  return {
    referrers: [...kept, ...mended],
    manifests,
    tags: withTags ? await cosignTags(digest, collector) : new Map(),
    absent: wanted.filter((one) => !there.has(one)),
  };
}

/** Digests of what the store could not read. @throws AttestError IMAGE_INVALID where there is none, and something would be lost */
function unreadIn(store: ContentStore, listed: Referrers | undefined): string[] {
  const unread = listed?.unread ?? [];
  const problems = unread
    .filter(({ digest }) => digest === undefined)
    .map(({ reason }) => ({ path: "", expected: "entries that name what they stand for", got: reason }));
  if (problems.length === 0) return unread.flatMap(({ digest }) => digest ?? []);
  throw new AttestError("IMAGE_INVALID", `a list of ${store.name} does not say what is attached`, {
    problems,
    next: "What such an entry stands for would be lost: have it removed from the list, or mended, and copy again.",
  });
}

async function cosignTags(digest: string, collector: Collector): Promise<Map<string, StoredManifest>> {
  const tags = new Map<string, StoredManifest>();
  await mapParallel(cosignSuffixes, atOnce, async (suffix) => {
    const tag = tagOfDigest(digest, suffix);
    const manifest = await collector.fetch(tag);
    if (manifest !== undefined) tags.set(tag, manifest);
  });
  return tags;
}
