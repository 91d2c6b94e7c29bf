/** Spans and metric points as both wire forms (protojson and protobuf) give them, and the little we need of them. */
import type { Call } from "../../recipe/index.js";
import type { Nanos } from "./nanos.js";

export type AttributeValue = string | number | boolean | readonly string[];
export type Attributes = Readonly<Record<string, AttributeValue>>;
export type AttributePair = readonly [name: string, value: AttributeValue];

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

/** A span as it was sent: its call is one of the attributes. */
export type SentSpan = Omit<Span, "attributes" | "call"> & { readonly attributes: readonly AttributePair[] };

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
export const callAttribute = "dagger.io/dag.call";

/** Attributes of spans and points that are looked at; others are not kept, since a build has many spans. */
const kept: ReadonlySet<string> = new Set([
  callAttribute,
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

/** Attributes of pairs in whatever encoding, in their order; what has no value that is read here is left out. */
export function attributePairs<P>(
  pairs: readonly P[],
  nameOf: (pair: P) => string,
  valueOf: (pair: P) => AttributeValue | undefined,
  keeps: (name: string) => boolean = () => true,
): AttributePair[] {
  const read: AttributePair[] = [];
  for (const pair of pairs) {
    const name = nameOf(pair);
    const value = keeps(name) ? valueOf(pair) : undefined;
    if (value !== undefined) read.push([name, value]);
  }
  return read;
}

export function isKept(attribute: string): boolean {
  return kept.has(attribute);
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

/**
 * The last word on each span: a span is sent when it starts and again when it has ended. The engine
 * writes an end before the start for "not ended yet".
 */
export function latestSpans(spans: readonly Span[]): Span[] {
  const latest = new Map<string, Span>();
  for (const span of spans) {
    if (span.end !== undefined || latest.get(span.spanId)?.end === undefined) latest.set(span.spanId, span);
  }
  return [...latest.values()];
}
