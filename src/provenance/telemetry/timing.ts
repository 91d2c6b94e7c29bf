/** When steps ran. A lazy call's own span only records it; the `resume` span that links to it did the work. */
import type { EvidenceSource, Timing } from "../evidence.js";
import type { Call } from "../../recipe/index.js";
import type { CallSpan } from "./calls.js";
import { type Span, textAttribute, timestampOf } from "./span.js";

/**
 * One timing per step: the command itself where the engine reports it (1.0, where a `resume` span also waits
 * for its inputs), else the work where it was seen, else the span of the call.
 */
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
    const work = resumed.get(span.spanId) ?? (pending || isNeverRun(call, span, cached) ? undefined : span);
    if (work === undefined || (timings.has(call.digest) && work === span)) continue;
    timings.set(call.digest, timingFrom(work, call.digest, cached && work === span, source));
  }
  for (const [step, run] of commandSpans(spans)) {
    const outcome = timings.get(step)?.outcome;
    const timing = timingFrom(run, step, false, source);
    timings.set(step, run.failed && outcome === "run" ? { ...timing, outcome } : timing);
  }
  return [...timings.values()];
}

/** A command is lazy: nobody asked for it when nothing resumed it, as after a step that failed. */
function isNeverRun({ field, module }: Call, { failed, end }: Span, cached: boolean): boolean {
  return field === "withExec" && module === undefined && !cached && !failed && end !== undefined;
}

/** Spans of the engine's own running of commands, by the digest of the step. */
function commandSpans(spans: readonly Span[]): Map<string, Span> {
  const services = serviceSpans(spans);
  const runs = new Map<string, Span>();
  for (const span of spans) {
    const step = textAttribute(span.attributes, "dagger.io/dag.digest");
    if (span.name === "exec.run" && step !== undefined && !services.has(span.spanId)) runs.set(step, span);
  }
  return runs;
}

/**
 * Ids of the spans that run services. The engine marks them with the digest of the command that needed the
 * service first, which they are not.
 */
export function serviceSpans(spans: readonly Span[]): Set<string> {
  const started = spans.filter(({ name, scope }) => scope === "dagger.io/core" && name.startsWith("exec "));
  const ids = new Set(started.map(({ spanId }) => spanId));
  for (const { name, spanId, parentSpanId } of spans)
    if (name === "exec.run" && ids.has(parentSpanId)) ids.add(spanId);
  return ids;
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
