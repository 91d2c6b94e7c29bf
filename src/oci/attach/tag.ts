import { AttestError } from "../../error.js";
import type { StoredManifest } from "../manifest.js";
import type { ContentStore, NewManifest } from "../store.js";
import type { Timing } from "../timing.js";
import { createPatience } from "./patience.js";

/** A change of what a tag names. It is told of all that was seen there, to put it back when another writer drops it. */
export type TagChange = {
  see(current: StoredManifest | undefined): void;
  /** What the tag should name instead of what it names; undefined when it is right already. */
  next(current: StoredManifest | undefined): NewManifest | undefined | Promise<NewManifest | undefined>;
};

const mostAttempts = 100;
const mostFailures = 8;
/** How often others may change what is right already before nobody waits for them any more. */
const mostUnrest = 2;

/**
 * Changes what a tag names beside other writers, without a conditional write, which registries don't have: writes, rests
 * until nobody can still be writing on what it read before, and looks again, until the tag names the same as before the
 * rest. Nothing is lost while each writer's last look before its write is younger than the others' rest: a writer that was held
 * up between reading and writing reads again instead, and one whose write takes long keeps looking meanwhile.
 * @throws AttestError REGISTRY_FAILED when the tag does not come to rest
 */
export async function changeTag(
  store: ContentStore,
  tag: string,
  change: TagChange,
  timing: Timing,
): Promise<void> {
  const look = async () => {
    const found = await store.fetchManifest(tag);
    change.see(found);
    return found;
  };
  const patience = createPatience(store, look, timing);
  let failures = 0;
  let unrest = 0;
  let collisions = 0;
  let last: string | undefined;
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const start = timing.now();
    const current = await look();
    const digest = current?.descriptor.digest ?? "";
    const isAsBefore = last === undefined || digest === last;
    const next = await change.next(current);
    if (next === undefined) {
      // Somebody may have dropped and another one put back what is there, and a third may be about to drop it.
      if (isAsBefore || (unrest += 1) > mostUnrest) return;
      last = digest;
      await patience.rest();
    } else {
      if (!isAsBefore) collisions += 1;
      const isHeldUp = patience.isHeldUp(timing.now() - start);
      if (isHeldUp && attempt % 8 !== 0) continue;
      last = next.descriptor.digest;
      try {
        await patience.write(() => store.moveTag(next, tag), start, last, digest);
      } catch (error) {
        // The tag may have moved though its answer was lost; the next look tells.
        failures += 1;
        if (failures > mostFailures || !isTransient(error)) throw error;
      }
      await patience.rest(collisions);
    }
  }
  throw new AttestError("REGISTRY_FAILED", `the tag ${tag} of ${store.name} does not come to rest`, {
    next: "Too many writers at once change it. Attach again later; what was stored is not lost.",
  });
}

function isTransient(error: unknown): boolean {
  return error instanceof AttestError && error.code === "REGISTRY_FAILED";
}
