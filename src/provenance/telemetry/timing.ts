/** When steps ran. A lazy call's own span only records it; the `resume` span that links to it did the work. */
import type { EvidenceSource } from "../evidence/found.js";
import type { Timing } from "../evidence/use.js";
import { type CallSpan, isCached, isPending } from "./calls.js";
import { timestampOf } from "./nanos.js";
import { type Span, textAttribute } from "./span.js";

/**
 * One timing per step: the command itself where the engine reports it (1.0, where a `resume` span also waits
 * for its inputs), else the work where it was seen, else the span of the call.
 * @param services ids of spans that run services
 * @param isStep tells of a digest whether its time is wanted
 */
export function timingOf(
  calls: readonly CallSpan[],
  spans: readonly Span[],
  services: ReadonlySet<string>,
  source: EvidenceSource,
  isStep: (digest: string) => boolean = () => true,
): Timing[] {
  const resumed = new Map<string, Span>();
  for (const span of spans)
    if (span.name.startsWith("resume "))
      for (const link of span.links) if (link.purpose === undefined) resumed.set(link.spanId, span);
  const timings = new Map<string, Timing>();
  for (const span of calls) {
    const { digest } = span.call;
    if (!isStep(digest)) continue;
    const work = resumed.get(span.spanId) ?? (isPending(span) || isNeverRun(span) ? undefined : span);
    if (work === undefined || (timings.has(digest) && work === span)) continue;
    timings.set(digest, timingFrom(work, digest, isCached(span) && work === span, source));
  }
  for (const [step, run] of commandSpans(spans, services)) {
    if (!isStep(step)) continue;
    const outcome = timings.get(step)?.outcome;
    const timing = timingFrom(run, step, false, source);
    timings.set(step, run.failed && outcome === "run" ? { ...timing, outcome } : timing);
  }
  return [...timings.values()];
}

/**
 * A command is lazy: nobody asked for it when nothing resumed it, as after a step that failed. The local engine runs it
 * under its own span, and tells its exit code.
 */
function isNeverRun(span: CallSpan): boolean {
  const { call, failed, end, attributes } = span;
  const isCommand = call.field === "withExec" && call.module === undefined;
  return isCommand && !isCached(span) && !failed && end !== undefined && !(exitCode in attributes);
}

const exitCode = "process.exit.code";

/** Spans of the engine's own running of commands, by the digest of the step. */
function commandSpans(spans: readonly Span[], services: ReadonlySet<string>): Map<string, Span> {
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
  const code = span.attributes[exitCode];
  const outcome = span.end === undefined ? "unfinished" : span.failed ? "failed" : cached ? "cached" : "run";
  // Members one by one, since a build has tens of thousands of steps.
  const timing: { -readonly [Member in keyof Timing]: Timing[Member] } = {
    source,
    exactness: "observed",
    step,
    startedOn: timestampOf(span.start),
    outcome,
  };
  if (span.end !== undefined) timing.finishedOn = timestampOf(span.end);
  if (typeof code === "number") timing.exitCode = code;
  return timing;
}
