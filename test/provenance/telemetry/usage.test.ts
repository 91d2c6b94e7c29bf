/**
 * What a Dagger v0.21.8 engine on cgroups v2 told of three commands, sample by sample, and what the commands read of
 * their own control group at their end.
 */
import { expect, test } from "vitest";

import type { MetricPoint } from "../../../src/provenance/telemetry/span.js";
import { usageOf } from "../../../src/provenance/telemetry/usage.js";

type Samples = Readonly<Record<string, readonly number[]>>;

/** A program that computes until it has had 3.01 s of processor time. Its group: 4.37 s, 15 900 672 bytes at most. */
const computes: Samples = {
  "cpustat.usage": [0, 510_000, 2_500_000, 3_870_000, 4_520_000],
  "cpustat.user": [0, 510_000, 2_479_855, 3_849_843, 4_499_843],
  "cpustat.system": [0, 20_144, 20_156, 20_156],
  "memory.current": [1_708_032, 15_212_544, 15_638_528, 36_864],
  "memory.peak": [1_970_176, 15_454_208, 15_810_560, 15_900_672],
  "netstat.rx.bytes": [0, 0, 0, 0, 70],
  "netstat.tx.bytes": [70, 210, 210, 210, 350],
};
/** A program that fills 200 000 000 bytes of memory. Its group: 216 211 456 bytes at most. */
const fills: Samples = {
  "cpustat.usage": [640_000, 1_460_000, 2_410_000, 3_690_000, 4_820_000, 6_800_000, 8_380_000],
  "memory.current": [1_384_448, 13_500_416, 42_500_096, 95_744_000, 117_608_448, 180_781_056, 45_056],
  "memory.peak": [3_317_760, 13_750_272, 42_651_648, 95_821_824, 117_760_000, 180_957_184, 216_211_456],
};

/** A program that writes 50 MiB to a cache volume, past the page cache, and reads 30 of them back. */
const writes: Samples = {
  "cpustat.usage": [2_120_000],
  "memory.peak": [115_875_840],
  "iostat.disk.readbytes": [31_457_280],
  "iostat.disk.writebytes": [52_428_800],
};

function pointsOf(step: string, samples: Samples): MetricPoint[] {
  return Object.entries(samples).flatMap(([metric, values]) =>
    values.map((value, at) => ({
      scope: "dagger.io/core",
      metric: `dagger.io/metrics.${metric}`,
      time: String(at),
      value,
      attributes: { "dagger.io/dag.digest": step },
    })),
  );
}

test("the last totals and the greatest memory count, in whatever order the samples come", () => {
  const points = [...pointsOf("computes", computes), ...pointsOf("fills", fills)];
  const told = [
    {
      step: "computes",
      cpuTotalMicros: 4_520_000,
      cpuUserMicros: 4_499_843,
      cpuSystemMicros: 20_156,
      memoryPeakBytes: 15_900_672,
      networkReceivedBytes: 70,
      networkSentBytes: 350,
    },
    { step: "fills", cpuTotalMicros: 8_380_000, memoryPeakBytes: 216_211_456 },
  ];
  expect(usageOf(points, "telemetry")).toMatchObject(told);
  expect(usageOf(points.reverse(), "telemetry").toReversed()).toMatchObject(told);
});

test("bytes of the disk are those that the command's group had", () => {
  expect(usageOf(pointsOf("writes", writes), "telemetry")).toMatchObject([
    { diskReadBytes: 31_457_280, diskWriteBytes: 52_428_800 },
  ]);
});

test("what the engine did not tell is not there", () => {
  const [usage] = usageOf(pointsOf("fills", fills), "telemetry");
  expect(usage).not.toHaveProperty("diskReadBytes");
  expect(usage).not.toHaveProperty("diskWriteBytes");
});
