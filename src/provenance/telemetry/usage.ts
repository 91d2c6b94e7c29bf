/** Resources per command, from the engine's cgroup metrics. Units are the engine's: microseconds and bytes. */
import type { EvidenceSource } from "../evidence/found.js";
import type { Usage } from "../evidence/use.js";
import { isFromEngine, type MetricPoint, textAttribute } from "./span.js";

type Counter = Exclude<keyof Usage, "step" | "source" | "exactness" | "alsoIn" | "measured">;

const prefix = "dagger.io/metrics.";
const counters: Readonly<Record<string, Counter>> = {
  "cpustat.usage": "cpuTotalMicros",
  "cpustat.user": "cpuUserMicros",
  "cpustat.system": "cpuSystemMicros",
  "memory.peak": "memoryPeakBytes",
  "iostat.disk.readbytes": "diskReadBytes",
  "iostat.disk.writebytes": "diskWriteBytes",
  "netstat.rx.bytes": "networkReceivedBytes",
  "netstat.tx.bytes": "networkSentBytes",
};

/**
 * Usage by the recipe digest of the command; all values are totals, so the greatest sample counts.
 * @param services ids of spans that run services: what these use is marked as the command's, and is not
 */
export function usageOf(
  points: readonly MetricPoint[],
  source: EvidenceSource,
  services: ReadonlySet<string> = new Set(),
): Usage[] {
  const bySteps = new Map<string, Map<Counter, number>>();
  const measured = new Map<string, string>();
  for (const point of points) {
    const step = textAttribute(point.attributes, "dagger.io/dag.digest");
    const counter = point.metric.startsWith(prefix) ? counters[point.metric.slice(prefix.length)] : undefined;
    if (step === undefined || counter === undefined || !isFromEngine(point)) continue;
    if (services.has(textAttribute(point.attributes, "dagger.io/metrics.span") ?? "")) continue;
    const values = bySteps.get(step) ?? new Map<Counter, number>();
    bySteps.set(step, values.set(counter, Math.max(values.get(counter) ?? 0, point.value)));
    const method = textAttribute(point.attributes, "attest.usage.method");
    const whose = textAttribute(point.attributes, "attest.usage.measured");
    if (method !== undefined) measured.set(step, whose === undefined ? method : `${method} of the ${whose}`);
  }
  return [...bySteps].map(([step, values]) => {
    const how = measured.get(step);
    const counted = Object.fromEntries(values);
    return {
      source,
      exactness: "observed",
      step,
      ...counted,
      ...(how === undefined ? {} : { measured: how }),
    };
  });
}

/** What has to be said of figures that hold more than the command. */
export function usageNotes(usage: readonly Usage[]): string[] {
  const isOfRunner = usage.some(({ measured }) => measured?.endsWith(" of the runner") === true);
  return isOfRunner ? ["usage is of the program that runs a command, and holds its own share"] : [];
}

/** Recipe digest of the command that a span ran, where a metric names both: hex span id to digest. */
export function measuredSpans(points: readonly MetricPoint[]): Map<string, string> {
  const digests = new Map<string, string>();
  for (const { attributes } of points) {
    const span = textAttribute(attributes, "dagger.io/metrics.span");
    const digest = textAttribute(attributes, "dagger.io/dag.digest");
    if (span !== undefined && digest !== undefined) digests.set(span, digest);
  }
  return digests;
}
