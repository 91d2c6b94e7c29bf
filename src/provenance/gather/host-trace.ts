/** A trace from outside of the session, and what ties it to the value at hand. */
import type { Recipe } from "../../recipe/index.js";
import { type Collected, type Evidence, type Gap, isUnavailable } from "../evidence.js";
import { isConfirmed } from "../evidence/confirmed.js";
import { valueOf, valueWalk } from "../recipe/call.js";
import type { ResolveLeaf } from "../recipe/resolve.js";
import { collectTelemetry, type TelemetryOptions } from "../telemetry/collect.js";
import type { TextPieces } from "../telemetry/lines.js";
import type { Telemetry } from "../telemetry/span.js";
import { readTraceFile } from "../telemetry/trace-file.js";
import { readFrom, writtenTo } from "./written.js";

export type HostTrace = {
  readonly evidence: Collected;
  /** Where the trace wrote the value to, and the recipe begins: what was before that, the trace alone tells. */
  readonly place?: string;
};

/** Evidence of a trace. What is asked for besides comes after the run, and makes nothing complete. */
export async function hostTrace(
  pieces: TextPieces,
  recipe: Recipe | undefined,
  telemetry: Collected,
  asking: Pick<TelemetryOptions, "resolve" | "secrets" | "dockerfiles">,
): Promise<HostTrace> {
  const resolve = asking.resolve === undefined ? {} : { resolve: afterwards(asking.resolve) };
  const options = { source: "host-trace", ...asking, ...resolve } as const;
  const trace = await readTraceFile(pieces, recipe);
  if (recipe === undefined) {
    const evidence = await collectTelemetry(trace, options);
    if (isUnavailable(evidence) || sharesCommand(evidence, telemetry)) return { evidence };
    return {
      evidence: withGap(evidence, "nothing but the names of the value's operations ties the trace to it"),
    };
  }
  const evidence = await collectTelemetry(trace, { ...options, recipe });
  if (isUnavailable(evidence) || isOf(evidence, recipe)) return { evidence };
  return (
    (await tiedByPlace(trace, recipe, options)) ?? {
      evidence: { unavailable: "host-trace", because: "the trace holds no call of this value" },
    }
  );
}

/** A build that was recorded wrote its value to where the one at hand was read from. */
async function tiedByPlace(
  trace: Telemetry,
  recipe: Recipe,
  options: TelemetryOptions,
): Promise<HostTrace | undefined> {
  const from = readFrom(recipe);
  const written = from === undefined ? undefined : writtenTo(trace.spans, from);
  if (written === undefined) return undefined;
  const { value, place } = written;
  const evidence = await collectTelemetry(trace, { ...options, value });
  if (isUnavailable(evidence) || evidence.root !== value) return undefined;
  const tie = `nothing but ${place}, which the trace wrote and the value was read from, ties the trace to it`;
  return { evidence: withGap(evidence, tie), place };
}

function withGap(evidence: Evidence, detail: string): Evidence {
  const untied: Gap = { code: "untied-trace", detail };
  return { ...evidence, gaps: [...evidence.gaps, untied] };
}

/** The run is over: what the engine says now of a tag or a URL is not what the run saw. */
function afterwards(resolve: ResolveLeaf): ResolveLeaf {
  return async (question) => {
    const facts = await resolve(question);
    return facts === undefined ? undefined : { ...facts, source: "metadata" };
  };
}

/** True when the value's last command in the trace is one that still had to run here, for this value. */
function sharesCommand({ root, steps }: Evidence, telemetry: Collected): boolean {
  if (isUnavailable(telemetry)) return false;
  const here = new Set([
    ...telemetry.steps.map(({ digest }) => digest),
    ...telemetry.usage.map(({ step }) => step),
  ]);
  const value = steps.findIndex(({ digest }) => digest === root);
  const last = steps.slice(0, value + 1).findLast(({ kind }) => kind === "exec");
  return last !== undefined && here.has(last.digest);
}

/**
 * A trace of another build must not lend its times and labels to this one. Builds share their first calls
 * (an empty container, a base image), so it has to hold the value's own call, or its last command.
 */
function isOf(evidence: Evidence, recipe: Recipe): boolean {
  const { steps, timing, usage } = evidence;
  const root = valueOf(recipe);
  const last = valueWalk(recipe).order.findLast(({ field }) => field === "withExec")?.digest;
  const own = last === undefined ? [root] : [root, last];
  return (
    own.some((digest) => isConfirmed(evidence, digest)) ||
    steps.some(({ digest }) => own.includes(digest)) ||
    [...timing, ...usage].some(({ step }) => own.includes(step))
  );
}
