/** Looks in every place where attestations of an image may be. */
import { fetchFallback } from "../fallback.js";
import type { Descriptor } from "../descriptor.js";
import { tagOfDigest } from "../digest.js";
import type { ResolvedImage } from "../image.js";
import { atOnce, assertCount } from "../limits.js";
import { mayHoldAttestations } from "../media-types.js";
import type { StoredManifest } from "../manifest.js";
import { mapParallel } from "../../parallel.js";
import { unreadEntry, type ContentStore, type UnreadEntry } from "../store.js";
import { shownText } from "./shown.js";
import type { AttachmentPlace, Skipped } from "./types.js";

/** A manifest that may hold attestations. */
export type Candidate = {
  readonly store: ContentStore;
  readonly place: AttachmentPlace;
  /** Digest of what it is attached to. */
  readonly subject: string;
  readonly digest: string;
};

export type Candidates = { readonly candidates: readonly Candidate[]; readonly skipped: readonly Skipped[] };

/**
 * Everything that may hold attestations of some digests. A place that can't be read is an error: nothing found there must not pass
 * for nothing being there.
 * @param places the image's own store, and another one where more is attached to it
 */
export function findAttached(
  places: readonly ContentStore[],
  digests: readonly string[],
): Promise<Candidates[]> {
  const wanted = places.flatMap((place) => digests.map((digest) => ({ place, digest })));
  return mapParallel(wanted, atOnce, ({ place, digest }) => candidatesOf(place, digest));
}

/** What was found attached to parts of an image, and what its own index holds. */
export function allCandidates(
  store: ContentStore,
  image: ResolvedImage,
  found: readonly Candidates[],
): Candidates {
  const inline = inlineCandidates(store, image);
  const count = found.reduce((sum, { candidates, skipped }) => sum + candidates.length + skipped.length, 0);
  assertCount(count, store.limits.total, `what is attached to an image in ${store.name}`);
  return {
    candidates: [...inline.candidates, ...found.flatMap((one) => one.candidates)],
    skipped: [...inline.skipped, ...found.flatMap((one) => one.skipped)],
  };
}

/** Digests of everything in an image that something may be attached to, the image's own first. */
export function partsOf({ root, inner, platforms }: ResolvedImage): string[] {
  const parts = [root.descriptor, ...inner, ...platforms.map(({ descriptor }) => descriptor)];
  return [...new Set(parts.map(({ digest }) => digest))];
}

function inlineCandidates(store: ContentStore, image: ResolvedImage): Candidates {
  const { inline, malformed } = image;
  const place = "buildkit-index" as const;
  const known = new Set(partsOf(image));
  const all = inline.map(({ subject, descriptor: { digest } }) => ({ place, subject, digest }));
  const strangers = all.filter(({ subject }) => !known.has(subject));
  const reasonOf = (subject: string) =>
    subject === ""
      ? "the index does not say what it is about"
      : "the index says that it is about a manifest that it does not hold";
  return {
    candidates: all.filter(({ subject }) => known.has(subject)).map((one) => ({ ...one, store })),
    skipped: [
      ...strangers.map((one) => ({ ...one, reason: reasonOf(one.subject), isUnread: false })),
      ...malformed.map(({ subject, entry }) => unreadIn(place, subject, unreadEntry(entry))),
    ],
  };
}

async function candidatesOf(store: ContentStore, subject: string): Promise<Candidates> {
  const [referrers, fallback, legacy] = await Promise.all([
    store.referrers(subject),
    fetchFallback(store, subject),
    store.resolve(tagOfDigest(subject, ".att")),
  ]);
  // A layout has one list for everything in it.
  const listedFor = store.location === undefined ? "" : subject;
  const unread = (referrers?.unread ?? []).map((entry) => unreadIn("referrer", listedFor, entry));
  const fromApi = listed(store, "referrer", subject, referrers?.manifests ?? []);
  const fromTag = fallbackCandidates(store, subject, fallback);
  const fromCosign: Candidate[] =
    legacy === undefined ? [] : [{ store, place: "cosign-tag", subject, digest: legacy.digest }];
  return {
    candidates: [...fromApi.candidates, ...fromTag.candidates, ...fromCosign],
    skipped: [...fromApi.skipped, ...unread, ...fromTag.skipped],
  };
}

function fallbackCandidates(
  store: ContentStore,
  subject: string,
  stored: StoredManifest | undefined,
): Candidates {
  const place = "fallback-tag" as const;
  if (stored === undefined) return { candidates: [], skipped: [] };
  const { content, descriptor } = stored;
  if (content.kind === "index") {
    const { candidates, skipped } = listed(store, place, subject, content.manifests);
    const unread = content.malformed.map((entry) => unreadIn(place, subject, unreadEntry(entry)));
    return { candidates, skipped: [...skipped, ...unread] };
  }
  const reason = "the tag names no index of referrers";
  return {
    candidates: [],
    skipped: [{ place, subject, digest: descriptor.digest, reason, isUnread: false }],
  };
}

function listed(
  store: ContentStore,
  place: AttachmentPlace,
  subject: string,
  descriptors: readonly Descriptor[],
): Candidates {
  const candidates: Candidate[] = [];
  const skipped: Skipped[] = [];
  for (const { digest, artifactType = "" } of descriptors) {
    if (mayHoldAttestations(artifactType)) candidates.push({ store, place, subject, digest });
    else {
      const reason = `it is of type ${shownText(artifactType)}, no attestation`;
      skipped.push({ place, subject, digest, reason, isUnread: false });
    }
  }
  return { candidates, skipped };
}

function unreadIn(place: AttachmentPlace, subject: string, { digest = "", reason }: UnreadEntry): Skipped {
  return { place, subject, digest, reason, isUnread: true };
}
