/**
 * Adds to the referrers of a digest where the registry has no API for them: an index at a tag.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
import { AttestError } from "../../error.js";
import { rawMembers, type RawMember } from "../../json/raw.js";
import { tagOfDigest } from "../digest.js";
import { refuseTag } from "../fallback.js";
import { entryKey, newMembers, withList, writtenEntries, type WrittenEntry } from "../list-text.js";
import { documentOf, type StoredManifest } from "../manifest.js";
import { ociIndex } from "../media-types.js";
import type { ContentStore, NewManifest } from "../store.js";
import type { Timing } from "../timing.js";
import { changeTag, type TagChange } from "./tag.js";

type Flight = { readonly wanted: Map<string, WrittenEntry>; isOpen: boolean; readonly done: Promise<void> };

/** Changes that are under way, so that parallel ones of this process go out together. */
const flights = new WeakMap<ContentStore, Map<string, Flight>>();

/** Adds entries to the index at the tag; what is there stays as it was written. */
export async function addToFallback(
  store: ContentStore,
  digest: string,
  added: readonly WrittenEntry[],
  timing: Timing,
): Promise<void> {
  const open = flights.get(store) ?? new Map<string, Flight>();
  flights.set(store, open);
  const running = open.get(digest);
  const flight = running?.isOpen === true ? running : startFlight(store, digest, timing, running?.done);
  for (const one of added) if (!flight.wanted.has(entryKey(one))) flight.wanted.set(entryKey(one), one);
  open.set(digest, flight);
  await flight.done;
}

/** @param before one that takes no more entries; two at once would only be in each other's way */
function startFlight(store: ContentStore, digest: string, timing: Timing, before?: Promise<void>): Flight {
  const wanted = new Map<string, WrittenEntry>();
  let mirrored = 0;
  const own = (found: StoredManifest | undefined) =>
    found?.descriptor.digest === digest ? undefined : found;
  const listedIn = (current: StoredManifest | undefined) =>
    current === undefined ? [] : entriesOf(current, digest);
  const change: TagChange = {
    // What was seen once is wanted from then on, as it was written: another writer may drop it.
    see: (found) => {
      for (const one of listedIn(own(found))) wanted.set(entryKey(one), one);
    },
    next: (found) => {
      const current = own(found);
      // It was written meanwhile, and again.
      if (current !== found && (mirrored += 1) > 3) throw noTag(store, digest);
      const listed = listedIn(current);
      const there = new Set(listed.map(entryKey));
      const missing = [...wanted].flatMap(([key, one]) => (there.has(key) ? [] : [one]));
      if (missing.length > 0) return fallbackIndex(current, [...listed, ...missing]);
      flight.isOpen = false;
      return undefined;
    },
  };
  // Begins after the first entries were added.
  const done = Promise.resolve(before)
    .catch(() => undefined)
    .then(() => changeTag(store, tagOfDigest(digest), change, timing))
    .finally(() => {
      flight.isOpen = false;
    });
  const flight: Flight = { wanted, isOpen: true, done };
  return flight;
}

function noTag({ name }: ContentStore, digest: string): AttestError {
  return new AttestError("REGISTRY_RESPONSE_INVALID", `${name} can't keep what refers to ${digest}`, {
    problems: [
      { path: tagOfDigest(digest), expected: "the index that was stored there", got: "the manifest itself" },
    ],
    next: "The registry has no referrers API and takes this tag for the digest. Attach in the layout of older cosign versions (COSIGN_TAG).",
  });
}

function entriesOf(stored: StoredManifest, digest: string): WrittenEntry[] {
  if (stored.content.kind !== "index") return refuseTag(stored, digest);
  return writtenEntries(stored.bytes, "manifests");
}

const emptyIndex: readonly RawMember[] = newMembers({ schemaVersion: 2, mediaType: ociIndex, manifests: [] });

/** Sorted: the same entries give the same bytes, whoever wrote first. */
function fallbackIndex(current: StoredManifest | undefined, entries: readonly WrittenEntry[]): NewManifest {
  const members = current === undefined ? emptyIndex : rawMembers(current.bytes);
  const order = (entry: WrittenEntry) => `${entryKey(entry)} ${entry.text}`;
  const sorted = [...entries].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return documentOf(withList(members, "manifests", sorted), current?.descriptor.mediaType ?? ociIndex);
}
