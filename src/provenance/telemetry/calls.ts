/** The call graph that spans hold: every `dagger.io/dag.call` is one call of a recipe, its inputs by digest. */
import type { Call, Recipe } from "../../recipe/index.js";
import { textsOnce } from "../../recipe/texts.js";
import { recipeReader } from "../../recipe/wire.js";
import { isRecord } from "../json.js";
import { observationMarker } from "../observe/manifest.js";
import { textArgument, typeName } from "../recipe/call.js";
import { compareNanos } from "./nanos.js";
import { type Span, type SpanIndex, textAttribute } from "./span.js";
import { liesWithin } from "./within.js";

/** A span of a call. */
export type CallSpan = Omit<Span, "call"> & { readonly call: Call };

/** Recipe digest of what the call returned; the same as the call's own unless the engine found an equal value. */
export function outputOf({ attributes }: CallSpan): string | undefined {
  return textAttribute(attributes, "dagger.io/dag.output");
}

export function isCached({ attributes }: CallSpan): boolean {
  return attributes["dagger.io/dag.cached"] === true;
}

/** The value was not computed under this span; a `resume` span linked to it did that. */
export function isPending({ attributes }: CallSpan): boolean {
  return attributes["dagger.io/ui.pending"] === true;
}

/**
 * Reads the payload of `dagger.io/dag.call`: one call in base64.
 * @param digest what the span says that its call's digest is
 * @param isAgain the payload is going to be sent again: a span is when it starts, and when it has ended
 */
export type DecodeCall = (
  base64: string,
  digest: string | undefined,
  isAgain: boolean,
) => Call | "unreadable";

/**
 * Loads the library and returns the decoder. Calls that are told in the same way are one object.
 * @param recipe the value's: a call of it that a span tells in the same way is not kept a second time
 */
export async function callDecoder(recipe?: Recipe): Promise<DecodeCall> {
  const known: Recipe["calls"] = recipe?.calls ?? new Map();
  // Beside a recipe, which has most of the calls already, what is decoded is dropped at once.
  const { call: readCall } = await recipeReader(known.size === 0 ? textsOnce() : (text) => text);
  const told = new Map<string, Call>();
  const bytesOf = base64Reader();
  const decode = (base64: string, digest = ""): Call => {
    const { bytes, length } = bytesOf(base64);
    const same = recipe?.readFrom?.(digest, bytes, length);
    if (same !== undefined) return same;
    const call = readCall(bytes, length);
    const first = known.get(call.digest) ?? told.get(call.digest);
    if (first === undefined) told.set(call.digest, call);
    return first !== undefined && isSame(first, call) ? first : call;
  };
  const awaited = new Map<string, Call | "unreadable">();
  return (base64, digest, isAgain) => {
    // Of many spans the end alone is sent: no text is looked for among none.
    const first = awaited.size === 0 ? undefined : awaited.get(base64);
    const call = first ?? attempt(() => decode(base64, digest)) ?? "unreadable";
    if (isAgain) awaited.set(base64, call);
    else if (first !== undefined) awaited.delete(base64);
    return call;
  };
}

/** Reads base64 into the same bytes each time: a build has tens of thousands of texts, and what is in them is not kept. */
function base64Reader(): (text: string) => { readonly bytes: Buffer; readonly length: number } {
  let bytes = Buffer.alloc(4_096);
  return (text) => {
    if (text.length > bytes.length) bytes = Buffer.alloc(2 * text.length);
    return { bytes, length: bytes.write(text, "base64") };
  };
}

/** Equality of plain data; many times as fast as `isDeepStrictEqual`, which knows of more. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  if (!isRecord(a) || !isRecord(b)) return Object.is(a, b);
  for (const name in a) if (!isSame(a[name], b[name])) return false;
  for (const name in b) if (!(name in a)) return false;
  return true;
}

/** The spans that carry a call, in order of their start. Payloads that are no call are left out and counted. */
export function callSpans(spans: readonly Span[]): { calls: CallSpan[]; unreadable: number } {
  const calls = spans.filter((span): span is CallSpan => typeof span.call === "object");
  calls.sort((a, b) => compareNanos(a.start, b.start));
  return { calls, unreadable: spans.filter(({ call }) => call === "unreadable").length };
}

/**
 * Calls that spans tell of in different ways, one each. The engine tells the same of a call every time; a span that a
 * container posted need not.
 * @param spans all of them, those that another with the same id replaced too.
 */
export function disputedCalls(spans: readonly Span[]): Call[] {
  const told = new Map<string, Call>();
  const disputed = new Map<string, Call>();
  for (const { call } of spans) {
    if (typeof call !== "object") continue;
    const first = told.get(call.digest);
    if (first === undefined) told.set(call.digest, call);
    else if (first !== call && contentOf(first) !== contentOf(call)) disputed.set(call.digest, call);
  }
  return [...disputed.values()];
}

function contentOf({ receiver, field, args, nth, module }: Call): string {
  return JSON.stringify([receiver, field, args, nth, module?.name]);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Calls by the digest of what they returned, and what to ask the engine for where that is another call's. */
export type CallGraph = {
  readonly calls: CallSpan[];
  readonly known: ReadonlyMap<string, Call>;
  /** Digest in the graph, to digest of the call as it was made. */
  readonly asMade: ReadonlyMap<string, string>;
  /** No two spans tell of a call in different ways. */
  readonly isToldOnce: boolean;
};

/**
 * The graph of calls. Others refer to a call by what it returned, which may be what another call made: a
 * `from` by tag returns the `from` by digest. The engine reports that one only when it is made anew, so
 * where it is missing, the call that was answered with it stands in its place.
 */
export function callGraph(spans: readonly CallSpan[]): CallGraph {
  const made = new Map<string, Call>();
  let isToldOnce = true;
  for (const { call } of spans) {
    const first = made.get(call.digest);
    if (first === undefined) made.set(call.digest, call);
    else if (first !== call) isToldOnce = false;
  }
  const standIns = new Map<string, Call>();
  const asMade = new Map<string, string>();
  const calls = spans.map((span) => {
    const { call } = span;
    const output = outputOf(span);
    if (output === undefined || output === call.digest || made.has(output)) return span;
    const standIn = { ...call, digest: output };
    if (!standIns.has(output)) asMade.set(output, call.digest);
    if (!standIns.has(output)) standIns.set(output, standIn);
    return call.module === undefined ? { ...span, call: standIn } : span;
  });
  const known = standIns.size === 0 ? made : new Map([...made, ...standIns]);
  return { calls, known, asMade, isToldOnce };
}

/** Digest of a span's call in the graph: where the call stands in for another one, that one's. */
export function digestIn({ asMade }: CallGraph, { call, attributes }: Span): string | undefined {
  if (typeof call !== "object") return undefined;
  const output = textAttribute(attributes, "dagger.io/dag.output");
  return output !== undefined && call.module === undefined && asMade.has(output) ? output : call.digest;
}

/** True when something else than the call itself tells how its result was made. */
export function isExplained(span: CallSpan, { known, asMade }: CallGraph): boolean {
  const output = outputOf(span);
  return output !== undefined && known.has(output) && asMade.get(output) !== span.call.digest;
}

/**
 * What the code of functions read as text or numbers: the graph of the value does not lead there, and yet
 * the value may depend on it.
 * @param known the graph. The source of an observed module is no value of it: the engine digests it to name cache volumes
 * @param isByEngine tells of a span whether it is part of work that the engine does itself: the SDK of a module
 *   that is called on the way reads that module's files
 */
export function readByCode(
  own: readonly CallSpan[],
  known: CallGraph["known"],
  isByEngine: (spanId: string) => boolean,
): string[] {
  const read = own.filter(
    ({ call, spanId }) =>
      call.module === undefined &&
      call.receiver !== undefined &&
      scalars.has(typeName(call)) &&
      !isByEngine(spanId) &&
      !isOfObservedSource(call, known),
  );
  return [...new Set(read.map(({ call }) => call.digest))];
}

function isOfObservedSource({ receiver }: Call, known: CallGraph["known"]): boolean {
  for (let call = known.get(receiver ?? ""); call !== undefined; call = known.get(call.receiver ?? ""))
    if (call.field === "withNewFile" && textArgument(call, "path")?.endsWith(observationMarker) === true)
      return true;
  return false;
}

const scalars: ReadonlySet<string> = new Set(["String", "Int", "Float", "Boolean", "Void", "JSON"]);

/**
 * The call of the function that was observed: the last one to start, of those that are inside no other
 * function, whose result the calls explain. Loading a module calls functions of its SDK; they are inside
 * engine spans, but they come before.
 */
export function entryPoint(
  calls: readonly CallSpan[],
  spans: SpanIndex,
  graph: CallGraph,
): CallSpan | undefined {
  const functions = calls.filter(({ call }) => call.module !== undefined && call.receiver !== undefined);
  const inside = liesWithin(spans, new Set(functions.map(({ spanId }) => spanId)));
  const outermost = functions.filter(({ parentSpanId }) => !inside(parentSpanId));
  return outermost.findLast((one) => isExplained(one, graph)) ?? outermost.at(-1);
}
