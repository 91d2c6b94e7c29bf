/**
 * The referrers of a digest where the registry has no API for them: an index at a tag.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
import { AttestError } from "../../error.js";
import type { Descriptor } from "../descriptor.js";
import { tagOfDigest } from "../digest.js";
import { manifestDocument, type StoredManifest } from "../manifest.js";
import { ociIndex } from "../media-types.js";
import type { ContentStore } from "../store.js";
import type { Timing } from "../timing.js";
import { changeTag } from "./tag.js";

/** What the tag lists; nothing when there is no such tag. @throws AttestError IMAGE_INVALID for no index */
export async function readFallback(store: ContentStore, digest: string): Promise<readonly Descriptor[]> {
  return listedIn(await store.fetchManifest(tagOfDigest(digest)), digest);
}

function listedIn(stored: StoredManifest | undefined, digest: string): readonly Descriptor[] {
  if (stored === undefined) return [];
  if (stored.content.kind === "index") return stored.content.manifests;
  throw new AttestError("IMAGE_INVALID", `the tag ${tagOfDigest(digest)} names no index of referrers`, {
    problems: [{ path: "mediaType", expected: ociIndex, got: stored.descriptor.mediaType }],
    next: "The tag is reserved by the distribution specification; give what it names another tag.",
  });
}

type Flight = { readonly wanted: Map<string, Descriptor>; isOpen: boolean; readonly done: Promise<void> };

/** Changes that are under way, so that parallel ones of this process go out together. */
const flights = new WeakMap<ContentStore, Map<string, Flight>>();

/** Adds entries to the index at the tag; entries that are there stay. */
export async function addToFallback(
  store: ContentStore,
  digest: string,
  added: readonly Descriptor[],
  timing: Timing,
): Promise<void> {
  const open = flights.get(store) ?? new Map<string, Flight>();
  flights.set(store, open);
  const running = open.get(digest);
  const flight = running?.isOpen === true ? running : startFlight(store, digest, timing);
  for (const one of added) flight.wanted.set(one.digest, one);
  open.set(digest, flight);
  await flight.done;
}

function startFlight(store: ContentStore, digest: string, timing: Timing): Flight {
  const wanted = new Map<string, Descriptor>();
  const change = (current: StoredManifest | undefined) => {
    const listed = listedIn(current, digest);
    // What was seen once is wanted from then on: another writer may drop it.
    for (const one of listed) if (!wanted.has(one.digest)) wanted.set(one.digest, one);
    const isComplete = new Set(listed.map((one) => one.digest)).size === wanted.size;
    if (isComplete) flight.isOpen = false;
    return isComplete ? undefined : fallbackIndex([...wanted.values()]);
  };
  // Begins after the first entries were added.
  const done = Promise.resolve()
    .then(() => changeTag(store, tagOfDigest(digest), change, timing))
    .finally(() => {
      flight.isOpen = false;
    });
  const flight: Flight = { wanted, isOpen: true, done };
  return flight;
}

/** Sorted by digest: the same entries give the same bytes, whoever wrote first. */
function fallbackIndex(manifests: readonly Descriptor[]) {
  const sorted = [...manifests].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  return manifestDocument({ schemaVersion: 2, mediaType: ociIndex, manifests: sorted });
}
