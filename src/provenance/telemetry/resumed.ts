/** Steps of a value whose calls nobody showed: the spans of what was still to be done tell their names and times. */
import type { Evidence, Gap } from "../evidence.js";
import type { EvidenceSource } from "../evidence/found.js";
import type { Step } from "../evidence/step.js";
import { stepKind } from "../recipe/operations.js";
import type { CallSpan } from "./calls.js";
import { compareNanos } from "./nanos.js";
import type { Span, Telemetry } from "./span.js";
import { timingFrom } from "./timing.js";
import { measuredSpans } from "./usage.js";

/**
 * What remains of a build that somebody else described: the names and times of the steps that were
 * still to be done when we asked for the value.
 */
export function resumedSteps(
  spans: readonly Span[],
  telemetry: Telemetry,
  source: EvidenceSource,
  entry: CallSpan | undefined,
): Pick<Evidence, "steps" | "timing" | "gaps"> {
  const measured = measuredSpans(telemetry.points);
  const resumed = spans
    .filter(({ name }) => name.startsWith("resume "))
    .sort((a, b) => (compareNanos(a.start, b.start) < 0 ? -1 : 1));
  const steps = resumed.map((span, index): Step => {
    const field = span.name.slice("resume ".length);
    const linked = span.links
      .map(({ spanId }) => measured.get(spanId))
      .find((digest) => digest !== undefined);
    const kind = stepKind({ parent: "Container", field, name: `Container.${field}` }, "Container", false);
    const digest = linked ?? measured.get(span.spanId) ?? `${source}:${index}`;
    return { source, exactness: "observed", digest, operation: field, kind, inputs: [] };
  });
  const timing = resumed.map((span, index) => timingFrom(span, steps[index]?.digest ?? "", false, source));
  const name = entry === undefined ? "the value" : entry.call.field;
  const gap: Gap =
    entry === undefined
      ? { code: "built-before-observation", detail: `${name} was described before we could watch` }
      : { code: "function-cache-hit", detail: `${name}: answered from the function cache` };
  return { steps, timing, gaps: [gap] };
}

/** Times of resumed steps, and of calls that none of them was. */
export function withOwnTimes(resumed: Evidence["timing"], ofCalls: Evidence["timing"]): Evidence["timing"] {
  const timed = new Set(resumed.map(({ step }) => step));
  return [...resumed, ...ofCalls.filter(({ step }) => !timed.has(step))];
}
