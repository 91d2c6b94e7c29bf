import { describe, expect, it } from "vitest";

import { compareNanos, endOf, nanosOf, timestampOf } from "../../../src/provenance/telemetry/nanos.js";

describe("nanosOf", () => {
  it.each([
    ["1795420703474551098", "1795420703474551098"],
    ["007", "7"],
    ["0", "0"],
    [1795420703474551000, "1795420703474551040"],
    [1.9, "1"],
    ["", "0"],
    ["-1", "0"],
    ["1e9", "0"],
    ["9".repeat(21), "0"],
    [-5, "0"],
    [1e30, "0"],
    [Infinity, "0"],
    [undefined, "0"],
    [null, "0"],
  ])("reads %j as %s", (value, nanos) => {
    expect(nanosOf(value)).toBe(nanos);
  });
});

/** Of every length, and such as differ in the last digit only. */
const times = Array.from({ length: 20 }, (_, at) => 10n ** BigInt(at)).flatMap((one) => [
  one - 1n,
  one,
  one + 1n,
]);

describe("compareNanos", () => {
  it("orders times as their numbers are ordered", () => {
    for (const a of times)
      for (const b of times)
        expect(Math.sign(compareNanos(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
  });
});

describe("endOf", () => {
  it("takes an end before the start, or beyond any clock, for none", () => {
    expect(endOf("5", "5")).toBe("5");
    expect(endOf("10", "9")).toBeUndefined();
    expect(endOf("5", "9000000000000000000")).toBe("9000000000000000000");
    expect(endOf("5", "9000000000000000001")).toBeUndefined();
  });
});

describe("timestampOf", () => {
  it("cuts each time to milliseconds, whichever came before", () => {
    for (const nanos of [
      ...times,
      ...times.toReversed(),
      1_795_420_703_999_999_999n,
      1_795_420_704_000_000_000n,
    ])
      expect(timestampOf(String(nanos))).toBe(new Date(Number(nanos / 1_000_000n)).toISOString());
  });
});
