import type { Timing } from "../../src/oci/timing.js";

/** A clock that jumps forward instead of waiting, and notes how long it was asked to wait. */
export function fakeTiming(): Timing & { readonly slept: number[]; advance(milliseconds: number): void } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    random: () => 0.5,
    advance: (milliseconds) => (now += milliseconds),
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  };
}
