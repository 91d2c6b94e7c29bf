/** Spans and metric points as both wire forms (protojson and protobuf) give them, and the little we need of them. */
import type { Call } from "../../recipe/index.js";
import type { Nanos } from "./nanos.js";

export type AttributeValue = string | number | boolean | readonly string[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

export type SpanLink = { readonly spanId: string; readonly purpose?: string };

/** One span. Ids are lower-case hex. */
export type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  /** Name of the instrumentation scope that made it. */
  readonly scope: string;
  readonly start: Nanos;
  /** Undefined while the span has not ended. */
  readonly end: Nanos | undefined;
  readonly attributes: Attributes;
  /** The call that the span is of, where it is of one. */
  readonly call?: Call | "unreadable";
  readonly links: readonly SpanLink[];
  readonly failed: boolean;
};

/** A span as it was sent: its call is still to be read. */
export type SentSpan = Omit<Span, "attributes" | "call"> & {
  /** Its own, which whoever takes it may change. */
  readonly attributes: Record<string, AttributeValue>;
  /** The call in base64. */
  readonly payload: string | undefined;
};

/** One point of a gauge or a sum. */
export type MetricPoint = {
  readonly scope: string;
  readonly metric: string;
  readonly time: Nanos;
  readonly value: number;
  readonly attributes: Attributes;
};

export type Telemetry = {
  readonly spans: readonly Span[];
  readonly points: readonly MetricPoint[];
  /** Attributes of the resources that sent them: service, client, git and CI labels. */
  readonly resources: readonly Attributes[];
};

/** The attribute that holds a span's call, in base64. */
const callAttribute = "dagger.io/dag.call";

/** Attributes of spans and points that are looked at; others are not kept, since a build has many spans. */
const kept: ReadonlySet<string> = new Set([
  "dagger.io/dag.cached",
  "dagger.io/dag.digest",
  "dagger.io/dag.output",
  "dagger.io/metrics.span",
  "dagger.io/ui.internal",
  "dagger.io/ui.pending",
  "attest.usage.measured",
  "attest.usage.method",
  "process.exit.code",
]);

/** How an encoding gives attributes: the last of one name counts, and what has no value that is read here does not. */
export type AttributeReader<P> = {
  readonly nameOf: (pair: P) => string;
  readonly valueOf: (pair: P) => AttributeValue | undefined;
};

/** All attributes, as those of a resource. */
export function attributesOf<P>(pairs: readonly P[], { nameOf, valueOf }: AttributeReader<P>): Attributes {
  const read = pairs.map((pair) => [nameOf(pair), valueOf(pair)] as const);
  return Object.fromEntries(read.filter((pair): pair is [string, AttributeValue] => pair[1] !== undefined));
}

/** Those attributes of a span or a point that are looked at, and the call that it is of. */
export function keptAttributes<P>(
  pairs: readonly P[],
  { nameOf, valueOf }: AttributeReader<P>,
): Pick<SentSpan, "attributes" | "payload"> {
  const attributes: Record<string, AttributeValue> = {};
  let payload: AttributeValue | undefined;
  for (const pair of pairs) {
    const name = nameOf(pair);
    if (name === callAttribute) payload = valueOf(pair) ?? payload;
    const value = kept.has(name) ? valueOf(pair) : undefined;
    if (value !== undefined) attributes[name] = value;
  }
  return { attributes, payload: typeof payload === "string" ? payload : undefined };
}

/**
 * Scopes that the engine itself uses for what is read here. A container can post spans under any
 * scope, so this keeps accidents out, not attackers (docs/provenance.md, "What can be forged").
 */
const engineScopes: ReadonlySet<string> = new Set([
  "dagger.io/core",
  "dagger.io/dagql",
  "dagger.io/engine.buildkit",
  "dagger.io/engine.server",
  "dagger.io/gitutil",
]);

/** True for a span or a point of the engine's own instrumentation. */
export function isFromEngine(item: { readonly scope: string }): boolean {
  return engineScopes.has(item.scope);
}

/** True for work that the engine does on its own account and hides from its users. */
export function isInternal({ attributes }: Pick<Span, "attributes">): boolean {
  return attributes["dagger.io/ui.internal"] === true;
}

/** The attribute when it is a string, else undefined. */
export function textAttribute(attributes: Attributes, name: string): string | undefined {
  const value = attributes[name];
  return typeof value === "string" ? value : undefined;
}

/** Spans by their ids. */
export type SpanIndex = ReadonlyMap<string, Span>;

/**
 * The last word on each span: a span is sent when it starts and again when it has ended. The engine
 * writes an end before the start for "not ended yet".
 */
export function latestSpans(spans: readonly Span[]): SpanIndex {
  const latest = new Map<string, Span>();
  for (const span of spans) {
    if (span.end !== undefined || latest.get(span.spanId)?.end === undefined) latest.set(span.spanId, span);
  }
  return latest;
}

/** What each id was used for last. */
export function spansById(spans: readonly Span[]): SpanIndex {
  return new Map(spans.map((span) => [span.spanId, span]));
}
