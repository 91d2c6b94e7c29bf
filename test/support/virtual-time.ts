import type { Timing } from "../../src/oci/timing.js";

export type VirtualTime = {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** The same clock with chance of one's own. */
  timing(random: () => number): Timing;
  /** Runs what was begun until it is done: the clock jumps to whoever wakes next. */
  run<T>(work: Promise<T>): Promise<T>;
};

type Sleeper = { readonly at: number; readonly order: number; readonly wake: () => void };

/** A clock that several share, and that goes on only when all of them wait for it. */
export function virtualTime(): VirtualTime {
  const sleepers: Sleeper[] = [];
  let now = 0;
  let order = 0;
  const sleep = (milliseconds: number) =>
    new Promise<void>((wake) => {
      sleepers.push({ at: now + milliseconds, order: (order += 1), wake });
    });
  const wakeNext = () => {
    sleepers.sort((a, b) => a.at - b.at || a.order - b.order);
    const next = sleepers.shift();
    if (next === undefined) throw new Error("everybody waits, and nobody for the clock");
    now = next.at;
    next.wake();
  };
  return {
    now: () => now,
    sleep,
    timing: (random) => ({ now: () => now, sleep, random }),
    run: async (work) => {
      let isDone = false;
      const settle = work.finally(() => (isDone = true));
      settle.catch(() => undefined);
      for (;;) {
        // What was woken goes on until it waits again.
        await new Promise((resolve) => setImmediate(resolve));
        if (isDone) return settle;
        wakeNext();
      }
    },
  };
}

/** Chance that can be repeated: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
