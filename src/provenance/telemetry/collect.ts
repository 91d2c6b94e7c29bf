/**
 * The telemetry collector: evidence from spans and metrics of a session, read inside it or recorded on
 * the host. The calls in the spans become a recipe again and are read as one; timing and usage come on top.
 */
import type { Call, Recipe } from "../../recipe/index.js";
import { type Collected, type Contradiction, type Evidence, evidenceFrom, type Gap } from "../evidence.js";
import { isConfirmed } from "../evidence/confirmed.js";
import type { EvidenceSource } from "../evidence/found.js";
import { placesOf } from "../evidence/places.js";
import type { Step } from "../evidence/step.js";
import type { DockerfilePort } from "../dockerfile/builds.js";
import { redactorFor } from "../redact.js";
import { functionsOf, withConstructor } from "./functions.js";
import { handedByDigest, withoutHalfKnown } from "./handed.js";
import { textArgument, valueOf } from "../recipe/call.js";
import { collectRecipe } from "../recipe/collect.js";
import type { HandedValue } from "../recipe/handed.js";
import { knownSecrets, shownArguments } from "../recipe/redact-call.js";
import type { ResolveLeaf } from "../recipe/resolve.js";
import { nameImages, observedCommits, resolveFrom } from "./asked.js";
import { spansOf, walkBeside } from "./beside.js";
import {
  callGraph,
  type CallSpan,
  callSpans,
  disputedCalls,
  entryPoint,
  isCached,
  isExplained,
  outputOf,
  readByCode,
} from "./calls.js";
import { openedBuilds } from "./opened.js";
import { resumedSteps, withOwnTimes } from "./resumed.js";
import { runFacts } from "./run.js";
import { isFromEngine, isInternal, latestSpans, spansById, type Telemetry } from "./span.js";
import { serviceSpans, timingOf } from "./timing.js";
import { usageNotes, usageOf } from "./usage.js";
import { liesWithin } from "./within.js";

export type TelemetryOptions = {
  readonly source?: "telemetry" | "host-trace";
  /** The value's recipe, where it is known; without it, the value is what the last outermost function returned. */
  readonly recipe?: Recipe;
  /** Digest of the value's call, where no recipe tells it. */
  readonly value?: string;
  readonly resolve?: ResolveLeaf;
  readonly secrets?: readonly string[];
  /** Reads Dockerfiles that were built, where no recipe tells of them. */
  readonly dockerfiles?: DockerfilePort;
  /** Values that were handed to the entry point or its constructor, by the key of the argument. */
  readonly handed?: Readonly<Record<string, HandedValue>>;
};

/** Evidence from telemetry; unavailable when no span of the engine is there. */
export async function collectTelemetry(
  telemetry: Telemetry,
  options: TelemetryOptions = {},
): Promise<Collected> {
  const source = options.source ?? "telemetry";
  const told = telemetry.spans.filter(isFromEngine);
  const latest = latestSpans(told);
  const spans = [...latest.values()];
  if (spans.length === 0) return { unavailable: source, because: "no span of the engine in it" };
  const { calls: spoken, unreadable } = callSpans(spans);
  const callsMade = callGraph(spoken);
  const { calls, known, asMade } = callsMade;
  const entry = entryPoint(calls, latest, callsMade);
  const published = calls.findLast(({ call }) => call.field === "publish" && call.module === undefined);
  const { recipe } = options;
  const entryOutput = entry === undefined ? undefined : outputOf(entry);
  const root =
    (recipe === undefined ? options.value : valueOf(recipe)) ?? entryOutput ?? published?.call.receiver;
  const seen = recipe === undefined ? spans : spansOf(recipe, callsMade, latest);
  const run = runFacts(telemetry, source, seen, entry, options.secrets ?? []);
  const services = serviceSpans(spans);
  const usage = usageOf(telemetry.points, source, services);
  const isHidden = recipe === undefined && entry !== undefined && !isExplained(entry, callsMade);
  const isGraph = root !== undefined && known.has(root) && !isHidden;
  // Beside a recipe: when the spans tell of some of the value's calls only, the others were made where we could not look.
  const walked =
    isGraph && recipe !== undefined && entry === undefined ? walkBeside(recipe, known, root) : undefined;
  if (!isGraph || (walked !== undefined && walked.missing.length > 0)) {
    const resumed = resumedSteps(spans, telemetry, source, entry);
    const timing = withOwnTimes(resumed.timing, timingOf(calls, spans, services, source));
    return evidenceFrom(source, { ...resumed, timing, usage, run, notes: usageNotes(usage) });
  }
  const { opened, empty } = openedBuilds(callsMade, latest);
  const outside = handedByDigest(entry, known, options.handed ?? {});
  const whole = withoutHalfKnown(known, new Set(outside.keys()));
  const graph: Recipe = { root, calls: empty.size === 0 ? whole : new Map([...whole, ...empty]) };
  // Spans that are not the engine's may stand between two of its own.
  const all = latest.size === telemetry.spans.length ? latest : spansById(telemetry.spans);
  const inside = liesWithin(all, new Set(entry === undefined ? [] : [entry.spanId]));
  const own = entry === undefined ? calls : calls.filter(({ spanId }) => inside(spanId));
  const commits = observedCommits(calls, spans);
  const internal = spans.filter((span) => isInternal(span) && inside(span.spanId));
  const isByEngine = liesWithin(all, new Set(internal.map(({ spanId }) => spanId)));
  const read = entry === undefined ? [] : readByCode(own, known, isByEngine);
  const evidence = await collectRecipe(graph, {
    ...options,
    source,
    ...(recipe === undefined ? {} : { described: recipe.calls }),
    resolve: resolveFrom(source, commits, options.resolve, asMade),
    alsoFrom: read,
    outside,
    opened,
    ...(walked !== undefined && opened.size + empty.size === 0 && valueOf(graph) === root ? { walked } : {}),
  });
  const named = nameImages(evidence, own, known);
  const { functions, modules } = functionsOf(
    withConstructor(own, calls, entry),
    known,
    source,
    options.secrets ?? [],
  );
  const publication = published === undefined ? undefined : publicationOf(published, source);
  const steps = publication === undefined ? named.steps : [...named.steps, publication.step];
  const reached = placesOf(steps);
  const isReached = (step: string): boolean => reached.has(step) || isConfirmed(named, step);
  const timing = timingOf(calls, spans, services, source, isReached);
  const disputed = callsMade.isToldOnce && told.length === spans.length ? [] : disputedCalls(told);
  return {
    ...named,
    steps,
    materials: [...named.materials, ...modules],
    functions,
    parameters: parametersOf(entry, known, source, options.secrets ?? []),
    outputs: publication === undefined ? [] : [publication.output],
    usage: usage.filter(({ step }) => isReached(step)),
    timing,
    run,
    contradictions: [...evidence.contradictions, ...disputed.map((call) => disputeOver(call, source))],
    notes: [...evidence.notes, ...readNotes(read, known), ...usageNotes(usage)],
    gaps: [
      ...evidence.gaps,
      ...cacheGaps(entry, own),
      ...unreadableGap(unreadable),
      ...unfinishedGap(entry, timing),
    ],
  };
}

/** A recipe does not lead to what was read so: beside one this note is all that tells of it. */
function readNotes(read: readonly string[], known: ReadonlyMap<string, Call>): string[] {
  const fields = new Set(read.map((digest) => known.get(digest)?.field ?? ""));
  return [...fields].map((field) => `the code of functions read ${field}: the value may depend on it`);
}

/**
 * Arguments of the entry point, and of the functions whose object it was called on, the constructor's too. Of two with
 * one name, the outer one is named after its function.
 */
function parametersOf(
  entry: CallSpan | undefined,
  known: ReadonlyMap<string, Call>,
  source: EvidenceSource,
  secrets: readonly string[],
): Evidence["parameters"] {
  const chain: Call[] = [];
  let at = entry?.call;
  while (at?.module !== undefined) {
    chain.push(at);
    at = at.receiver === undefined ? undefined : known.get(at.receiver);
  }
  const redactor = redactorFor([...knownSecrets(chain), ...secrets]);
  const parameters = new Map<string, Evidence["parameters"][number]["value"]>();
  for (const call of chain)
    for (const [name, value] of Object.entries(shownArguments(call, redactor)))
      parameters.set(parameters.has(name) ? `${call.field}.${name}` : name, value);
  return [...parameters].map(([name, value]) => ({ source, exactness: "observed", name, value }));
}

/** The push of the value: a step after its last one, and an output. */
function publicationOf(
  { call }: CallSpan,
  source: EvidenceSource,
): { step: Step; output: Evidence["outputs"][number] } {
  const found = { source, exactness: "observed" as const };
  const address = redactorFor([]).url(textArgument(call, "address") ?? "");
  const inputs = call.receiver === undefined ? [] : [call.receiver];
  return {
    step: {
      ...found,
      digest: call.digest,
      operation: "Container.publish",
      kind: "publish",
      inputs,
      arguments: { address },
    },
    output: { ...found, address, digests: {}, step: call.digest },
  };
}

/** A function that came from the cache shows nothing of what it does. */
function cacheGaps(entry: CallSpan | undefined, own: readonly CallSpan[]): Gap[] {
  const cached = own.filter((span) => isCached(span) && span.call.module !== undefined);
  const isEmpty = entry !== undefined && own.length <= 1;
  const names = new Set(cached.map(({ call }) => call.field));
  if (isEmpty) names.add(entry.call.field);
  return [...names].map((name) => ({
    code: "function-cache-hit",
    detail: `${name}: answered from the function cache`,
  }));
}

function disputeOver({ digest, field }: Call, source: EvidenceSource): Contradiction {
  return {
    item: digest,
    field: "call",
    kept: { value: `${field}, as one span has it`, source },
    dropped: { value: "another call, in another span", source },
  };
}

function unfinishedGap(entry: CallSpan | undefined, timing: Evidence["timing"]): Gap[] {
  const open = timing.filter(({ outcome }) => outcome === "unfinished").length;
  if (open === 0 && (entry === undefined || entry.end !== undefined)) return [];
  return [{ code: "unfinished", detail: `${open} steps had not ended when the trace was read` }];
}

function unreadableGap(unreadable: number): Gap[] {
  return unreadable === 0
    ? []
    : [{ code: "missing-call", detail: `${unreadable} spans hold no readable call` }];
}
