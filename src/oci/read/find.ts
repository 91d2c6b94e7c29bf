/** Looks in every place where attestations of an image may be. */
import type { Descriptor } from "../descriptor.js";
import { tagOfDigest } from "../digest.js";
import type { ResolvedImage } from "../image.js";
import { assertCount } from "../limits.js";
import { mayHoldAttestations } from "../media-types.js";
import { atOnce, mapParallel } from "../parallel.js";
import type { ContentStore } from "../store.js";
import type { AttachmentPlace, Skipped } from "./types.js";

/** A manifest that may hold attestations. */
export type Candidate = {
  readonly place: AttachmentPlace;
  /** Digest of what it is attached to. */
  readonly subject: string;
  readonly digest: string;
};

export type Candidates = { readonly candidates: readonly Candidate[]; readonly skipped: readonly Skipped[] };

/**
 * Everything that may hold attestations of an image, of its platforms or of indexes in it. A place that can't be read is an
 * error: nothing found there must not pass for nothing being there.
 */
export async function findCandidates(store: ContentStore, image: ResolvedImage): Promise<Candidates> {
  const digests = partsOf(image);
  const found = await mapParallel(digests, atOnce, (digest) => candidatesOf(store, digest));
  const inline = inlineCandidates(image);
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

function inlineCandidates(image: ResolvedImage): Candidates {
  const platforms = new Set(image.platforms.map(({ descriptor }) => descriptor.digest));
  const place = "buildkit-index" as const;
  const all = image.inline.map(({ subject, descriptor: { digest } }) => ({ place, subject, digest }));
  return {
    candidates: all.filter(({ subject }) => platforms.has(subject)),
    skipped: all
      .filter(({ subject }) => !platforms.has(subject))
      .map((one) => ({ ...one, reason: "the index says that it is about a manifest that it does not hold" })),
  };
}

async function candidatesOf(store: ContentStore, subject: string): Promise<Candidates> {
  const [referrers, fallback, legacy] = await Promise.all([
    store.referrers(subject),
    store.fetchManifest(tagOfDigest(subject)),
    store.resolve(tagOfDigest(subject, ".att")),
  ]);
  const fromApi = listed("referrer", subject, referrers ?? []);
  const isIndex = fallback?.content.kind === "index";
  const fromTag = isIndex ? listed("fallback-tag", subject, fallback.content.manifests) : nothing;
  const misplaced: Skipped[] =
    fallback === undefined || isIndex
      ? []
      : [
          {
            place: "fallback-tag",
            subject,
            digest: fallback.descriptor.digest,
            reason: "the tag names no index of referrers",
          },
        ];
  const fromCosign: Candidate[] =
    legacy === undefined ? [] : [{ place: "cosign-tag", subject, digest: legacy.digest }];
  return {
    candidates: [...fromApi.candidates, ...fromTag.candidates, ...fromCosign],
    skipped: [...fromApi.skipped, ...fromTag.skipped, ...misplaced],
  };
}

const nothing: Candidates = { candidates: [], skipped: [] };

function listed(place: AttachmentPlace, subject: string, descriptors: readonly Descriptor[]): Candidates {
  const candidates: Candidate[] = [];
  const skipped: Skipped[] = [];
  for (const { digest, artifactType = "" } of descriptors) {
    const isOpened = mayHoldAttestations(artifactType);
    if (isOpened) candidates.push({ place, subject, digest });
    else skipped.push({ place, subject, digest, reason: `it is of type ${artifactType}, no attestation` });
  }
  return { candidates, skipped };
}
