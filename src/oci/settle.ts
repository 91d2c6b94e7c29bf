import type { Timing } from "./timing.js";

/** Milliseconds before the second look, and before the last one; each pause is twice the one before. */
const first = 250;
const longest = 4000;

/**
 * Looks at what was stored just now until it is what was stored, or for some seconds: a registry of several machines
 * shows it at all of them only after a while.
 * @returns what was seen last
 */
export async function settled<T>(
  look: () => Promise<T>,
  isSettled: (seen: T) => boolean,
  timing: Timing,
): Promise<T> {
  let seen = await look();
  for (let pause = first; pause <= longest && !isSettled(seen); pause *= 2) {
    await timing.sleep(pause);
    seen = await look();
  }
  return seen;
}
