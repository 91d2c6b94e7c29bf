/**
 * The referrers of a digest where the registry has no API for them: an index at a tag.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
import { AttestError } from "../error.js";
import type { Descriptor } from "./descriptor.js";
import { tagOfDigest } from "./digest.js";
import type { StoredManifest } from "./manifest.js";
import { ociIndex } from "./media-types.js";
import type { ContentStore } from "./store.js";

/**
 * What the tag names; undefined where there is no such tag. GitLab was seen to take the tag for the digest and to give the manifest
 * itself: what that lists are no referrers.
 */
export async function fetchFallback(
  store: ContentStore,
  digest: string,
): Promise<StoredManifest | undefined> {
  const stored = await store.fetchManifest(tagOfDigest(digest));
  return stored?.descriptor.digest === digest ? undefined : stored;
}

/** What the tag lists; nothing when there is no such tag. @throws AttestError IMAGE_INVALID for no index */
export async function readFallback(store: ContentStore, digest: string): Promise<readonly Descriptor[]> {
  const stored = await fetchFallback(store, digest);
  if (stored === undefined) return [];
  return stored.content.kind === "index" ? stored.content.manifests : refuseTag(stored, digest);
}

/** @throws AttestError IMAGE_INVALID: the tag names something else than what is kept there */
export function refuseTag(stored: StoredManifest, digest: string): never {
  throw new AttestError("IMAGE_INVALID", `the tag ${tagOfDigest(digest)} names no index of referrers`, {
    problems: [{ path: "mediaType", expected: ociIndex, got: stored.descriptor.mediaType }],
    next: "The tag is reserved by the distribution specification; give what it names another tag.",
  });
}
