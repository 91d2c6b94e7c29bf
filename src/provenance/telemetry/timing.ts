/** When steps ran. A lazy call's own span only records it; the `resume` span that links to it did the work. */
import type { EvidenceSource, Timing } from "../evidence.js";
import type { CallSpan } from "./calls.js";
import { type Span, timestampOf } from "./span.js";

/** One timing per step: the work where it was seen, else the span of the call itself. */
export function timingOf(
  calls: readonly CallSpan[],
  spans: readonly Span[],
  source: EvidenceSource,
): Timing[] {
  const resumed = new Map<string, Span>();
  for (const span of spans)
    if (span.name.startsWith("resume "))
      for (const link of span.links) if (link.purpose === undefined) resumed.set(link.spanId, span);
  const timings = new Map<string, Timing>();
  for (const { span, call, cached, pending } of calls) {
    const work = resumed.get(span.spanId) ?? (pending ? undefined : span);
    if (work === undefined || (timings.has(call.digest) && work === span)) continue;
    timings.set(call.digest, timingFrom(work, call.digest, cached && work === span, source));
  }
  return [...timings.values()];
}

/** The timing that a span gives for a step. */
export function timingFrom(span: Span, step: string, cached: boolean, source: EvidenceSource): Timing {
  const exitCode = span.attributes["process.exit.code"];
  const outcome = span.end === undefined ? "unfinished" : span.failed ? "failed" : cached ? "cached" : "run";
  return {
    source,
    exactness: "observed",
    step,
    startedOn: timestampOf(span.start),
    ...(span.end === undefined ? {} : { finishedOn: timestampOf(span.end) }),
    outcome,
    ...(typeof exitCode === "number" ? { exitCode } : {}),
  };
}
