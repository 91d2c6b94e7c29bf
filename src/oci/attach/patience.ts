/**
 * How long a writer of a tag waits, by what it saw of the registry. How the times hang together, and what was tried:
 * docs/decisions/2026-11-27-settling.md
 */
import type { StoredManifest } from "../manifest.js";
import type { ContentStore } from "../store.js";
import type { Timing } from "../timing.js";

/**
 * Milliseconds from a write to the look after it, at least: longer than other writers take from their last look to having
 * written, wherever they are.
 */
export const leastRest = 650;
/** What was read longer ago is read again before anything is written. */
const heldUp = leastRest / 2;
/** So often the tag is looked at while a write is not answered. */
const watching = leastRest / 6;
/** Milliseconds for which the registry may go on showing what was there before a write. */
const longestLateness = 8000;
/** The most that slow answers to other requests make of a rest: one of them alone may have been held up. */
const longestRest = 4 * leastRest;

type Look = () => Promise<StoredManifest | undefined>;

export type Patience = {
  /** Whether to read again, since reading and making what is to be written took so long (milliseconds). */
  isHeldUp(took: number): boolean;
  /**
   * Writes, looking at the tag meanwhile, and waits until the registry shows it.
   * @param start when that was read which the write replaces
   * @param digest of what is written
   * @param replaced digest of what was read; "" for nothing
   */
  write(move: () => Promise<void>, start: number, digest: string, replaced: string): Promise<void>;
  /** Waits until nobody can still be writing. The more collisions there were, the further writers drift apart. */
  rest(collisions?: number): Promise<void>;
};

export function createPatience(store: ContentStore, look: Look, timing: Timing): Patience {
  const lateness = createLateness(look, timing);
  let fastest: number | undefined;
  let slowest = 0;
  let isFar = false;
  return {
    isHeldUp: (took) => {
      // Where it always takes as long, as on a line around the world, reading again would not help.
      const isUsual = fastest !== undefined && took <= 2 * fastest;
      fastest = Math.min(fastest ?? took, took);
      isFar = took > heldUp;
      return isFar && !isUsual;
    },
    write: async (move, start, digest, replaced) => {
      // From far away, a look is sent ahead of the write: what was read before is too old when the write arrives.
      const ahead = isFar ? look().catch(() => undefined) : undefined;
      if (isFar) await timing.sleep(heldUp);
      const moved = move().finally(() => (slowest = Math.max(slowest, timing.now() - start)));
      await watched(moved, look, timing);
      await ahead;
      await lateness.measure(digest, replaced);
    },
    rest: async (collisions = 0) => {
      const others = Math.min(2 * (store.slowest?.() ?? 0), longestRest);
      const least = Math.max(leastRest, 2 * slowest, others);
      const apart = timing.random() * least * Math.min(collisions, 3);
      await timing.sleep(least + apart + lateness.most());
    },
  };
}

/** Looks at the tag while a write is under way: what that drops unseen came after the last look. */
async function watched(write: Promise<void>, look: Look, timing: Timing): Promise<void> {
  let isUnderWay = true;
  const end = () => (isUnderWay = false);
  const ended = write.then(end, end);
  for (;;) {
    await Promise.race([ended, timing.sleep(watching)]);
    if (!isUnderWay) return write;
    // That nothing can be seen now is no reason to give up a write that is under way.
    await look().catch(() => undefined);
  }
}

/** How late a registry shows what was written: some answer out of caches, for seconds. */
function createLateness(look: Look, timing: Timing) {
  const before = new Set<string>();
  let most = 0;
  let isHopeless = false;
  return {
    /** Milliseconds; 0 where it shows at once what was written. */
    most: () => most,
    /** Waits until the tag names what was written just now, or anything that was not there before. */
    measure: async (digest: string, replaced: string): Promise<void> => {
      before.add(replaced);
      before.delete(digest);
      if (isHopeless) return;
      const start = timing.now();
      for (let passed = 0; passed <= longestLateness; passed = timing.now() - start) {
        const found = await look();
        if (!before.has(found?.descriptor.digest ?? "")) {
          most = Math.max(most, passed);
          return;
        }
        await timing.sleep(Math.max(watching, passed / 4));
      }
      isHopeless = true;
    },
  };
}
