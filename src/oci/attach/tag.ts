import { AttestError } from "../../error.js";
import type { StoredManifest } from "../manifest.js";
import type { ContentStore, NewManifest } from "../store.js";
import type { Timing } from "../timing.js";

/**
 * What a tag should name instead of what it names; undefined when it is right already. It is asked again
 * after each look, so what was seen once may be kept in it and put back when another writer dropped it.
 */
export type TagChange = (
  current: StoredManifest | undefined,
) => NewManifest | undefined | Promise<NewManifest | undefined>;

/** Milliseconds: longer than a writer may take from reading a tag to having written it. */
const settling = 1000;
const mostAttempts = 100;
const mostFailures = 8;

/**
 * Changes what a tag names beside other writers, without a conditional write, which registries don't have:
 * writes, waits until nobody can still be writing on what it read before, and looks again. A writer that was
 * held up between reading and writing reads again instead.
 * @throws AttestError REGISTRY_FAILED when the tag does not come to rest
 */
export async function changeTag(
  store: ContentStore,
  tag: string,
  change: TagChange,
  timing: Timing,
): Promise<void> {
  let slowest = 0;
  let failures = 0;
  let collisions = 0;
  let written = "";
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const start = timing.now();
    const current = await store.fetchManifest(tag);
    if (written !== "" && current?.descriptor.digest !== written) collisions += 1;
    const next = await change(current);
    if (next === undefined) return;
    // Held up: what was read may be old by now.
    if (attempt % 8 !== 0 && timing.now() - start > settling / 2) continue;
    try {
      await store.moveTag(next, tag);
    } catch (error) {
      // The tag may have moved though its answer was lost; the next look tells.
      failures += 1;
      if (failures > mostFailures || !isTransient(error)) throw error;
    }
    written = next.descriptor.digest;
    slowest = Math.max(slowest, timing.now() - start);
    const rest = Math.max(settling, 2 * slowest);
    // The more writers there are, the further they drift apart.
    await timing.sleep(rest + timing.random() * rest * (0.25 + Math.min(collisions, 3)));
  }
  throw new AttestError("REGISTRY_FAILED", `the tag ${tag} of ${store.name} does not come to rest`, {
    next: "Too many writers at once change it. Attach again later; what was stored is not lost.",
  });
}

function isTransient(error: unknown): boolean {
  return error instanceof AttestError && error.code === "REGISTRY_FAILED";
}
