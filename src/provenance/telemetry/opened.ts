/** Builds that one call does and that other calls show: the engine turns a Dockerfile into calls of its own. */
import type { Call, Recipe } from "../../recipe/index.js";
import { inputsOf, typeName } from "../recipe/call.js";
import { callGraph, type CallGraph, type CallSpan, callSpans, outputOf } from "./calls.js";
import { isFromEngine, isInternal, latestSpans, type Span, type SpanIndex } from "./span.js";
import { liesWithin } from "./within.js";

/**
 * What each `dockerBuild` did, by its digest: digest of the call that made the image, then those of calls that nothing
 * seen builds on, since the engine reports no call that its cache answers. The calls stand below the span of the build,
 * and the image is the last of them. A build that a cache answered has none.
 */
export function openedBuilds({ calls, known }: CallGraph, spans: SpanIndex): OpenedBuilds {
  const opened = new Map<string, string[]>();
  const empty = new Map<string, Call>();
  const builds = calls.filter(({ call }) => isBuild(call));
  const callerOf = builds.length === 0 ? () => undefined : callers(calls, spans);
  for (const build of builds) {
    const inside = callsBelow(build, calls, spans);
    const direct = inside.filter((span) => callerOf(span) === build.spanId);
    const [image, ...loose] = endsOf(inside, direct);
    if (image === undefined || !known.has(image)) continue;
    opened.set(build.call.digest, [image, ...loose]);
    for (const { call } of inside) {
      const { field, receiver = "" } = call;
      if (field === "from" && !known.has(receiver)) empty.set(receiver, emptyContainer(call, receiver));
    }
  }
  return { opened, empty };
}

export type OpenedBuilds = {
  readonly opened: Map<string, string[]>;
  /** Containers without anything in them, by digest: each stage begins with one, which the engine has at hand and does not report. */
  readonly empty: ReadonlyMap<string, Call>;
};

function emptyContainer({ type, view }: Call, digest: string): Call {
  return {
    digest,
    field: "container",
    type,
    args: [],
    view,
    effectIds: [],
    extraDigests: [],
    implicitInputs: [],
  };
}

/** A recipe, and what spans show of its builds that the recipe itself does not hold. */
export type OpenedRecipe = {
  readonly recipe: Recipe;
  readonly opened: ReadonlyMap<string, readonly string[]>;
  /** Digests of the calls that spans told. */
  readonly told: ReadonlySet<string>;
};

/** Looks into the builds of a recipe where the session that made them is the one that the spans are of. */
export function openRecipe(recipe: Recipe, spans: readonly Span[]): OpenedRecipe {
  const closed = { recipe, opened: new Map<string, string[]>(), told: new Set<string>() };
  if (![...recipe.calls.values()].some(isBuild)) return closed;
  const own = latestSpans(spans.filter(isFromEngine));
  const graph = callGraph(callSpans([...own.values()]).calls);
  const { opened, empty } = openedBuilds(graph, own);
  for (const digest of opened.keys()) if (!recipe.calls.has(digest)) opened.delete(digest);
  if (opened.size === 0) return closed;
  const told = [...graph.known, ...empty].filter(([digest]) => !recipe.calls.has(digest));
  const calls = new Map([...recipe.calls, ...told]);
  return { recipe: { ...recipe, calls }, opened, told: new Set(told.map(([digest]) => digest)) };
}

function isBuild({ module, field }: Call): boolean {
  return module === undefined && (field === "dockerBuild" || field === "build");
}

function callsBelow(build: CallSpan, calls: readonly CallSpan[], spans: SpanIndex): CallSpan[] {
  const isInside = liesWithin(spans, new Set([build.spanId]));
  return calls.filter((one) => one !== build && isInside(one.spanId));
}

/** The span of the call that made another: 1.0 has a span of its own between the two. */
function callers(calls: readonly CallSpan[], spans: SpanIndex): (span: CallSpan) => string | undefined {
  const isCall = new Set(calls.map(({ spanId }) => spanId));
  return ({ parentSpanId }) => {
    let at: string | undefined = parentSpanId;
    for (let hops = 0; at !== undefined && !isCall.has(at) && hops < 8; hops++)
      at = spans.get(at)?.parentSpanId;
    return at;
  };
}

/**
 * What nothing inside the build uses; the image, which is the last container, first.
 * @param direct calls that the build itself made
 */
function endsOf(inside: readonly CallSpan[], direct: readonly CallSpan[]): string[] {
  const used = new Set(inside.flatMap(({ call }) => inputsOf(call)));
  const made = direct.filter((span) => !isInternal(span) && values.has(typeName(span.call)));
  const image = made.findLast(({ call }) => typeName(call) === "Container");
  if (image === undefined || used.has(resultOf(image))) return [];
  return [...new Set([image, ...made].map(resultOf))].filter((digest) => !used.has(digest));
}

function resultOf(span: CallSpan): string {
  return outputOf(span) ?? span.call.digest;
}

const values: ReadonlySet<string> = new Set(["Container", "Directory", "File"]);
