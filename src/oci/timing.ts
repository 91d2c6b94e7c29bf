import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";

/** Time and chance, handed in so that retries can be replayed. */
export type Timing = {
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** At least 0, less than 1. */
  random(): number;
};

/** The machine's own; for the edges of the program. */
export function systemTiming(): Timing {
  return {
    // The global `performance` would load all that Node measures with.
    now: () => Number(process.hrtime.bigint()) / 1e6,
    sleep: async (milliseconds) => {
      await setTimeout(milliseconds);
    },
    random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
  };
}
