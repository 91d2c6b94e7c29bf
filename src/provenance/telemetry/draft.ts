/** Telemetry while it is read, in whatever encoding: a build has many spans, so little is kept of each. */
import type { Recipe } from "../../recipe/index.js";
import { textsOnce } from "../../recipe/texts.js";
import { holdYoungGeneration } from "../../young-generation.js";
import { callDecoder } from "./calls.js";
import {
  type Attributes,
  type AttributeValue,
  isFromEngine,
  type MetricPoint,
  type SentSpan,
  type Span,
  type Telemetry,
  textAttribute,
} from "./span.js";

export type TelemetryDraft = {
  readonly telemetry: Telemetry;
  readonly addSpan: (span: SentSpan) => void;
  readonly addPoint: (point: MetricPoint) => void;
  readonly addResource: (attributes: Attributes) => void;
};

/** @param recipe the value's, where it is known: of its calls none is kept a second time */
export async function telemetryDraft(recipe?: Recipe): Promise<TelemetryDraft> {
  const readCall = await callDecoder(recipe);
  const share = textsOnce();
  const spans: Span[] = [];
  const points: MetricPoint[] = [];
  const resources: Attributes[] = [];
  /** Where spans stand that have not ended. */
  const open = new Map<string, number>();
  const addSpan = (sent: SentSpan): void => {
    holdYoungGeneration(spans.length);
    const isOpen = sent.end === undefined;
    const { payload, attributes } = sent;
    const isCall = payload !== undefined && isFromEngine(sent);
    const call = isCall ? readCall(payload, textAttribute(attributes, digestName), isOpen) : undefined;
    const span = spanOf(sent, call, share);
    const at = open.get(span.spanId);
    if (at !== undefined && isAgain(span, spans[at])) spans[at] = span;
    else if (isOpen) open.set(span.spanId, spans.push(span) - 1);
    else spans.push(span);
    if (!isOpen) open.delete(span.spanId);
  };
  return {
    telemetry: { spans, points, resources },
    addSpan,
    addPoint: (point) => void points.push(point),
    addResource: (attributes) => void resources.push(attributes),
  };
}

const noLinks: Span["links"] = [];

const digestName = "dagger.io/dag.digest";

/** Members one by one, since a build has tens of thousands of spans: a copy that is added to takes more memory. */
function spanOf(sent: SentSpan, call: Span["call"], share: (text: string) => string): Span {
  const { spanId, parentSpanId, scope, start, end, failed } = sent;
  const [traceId, name] = [share(sent.traceId), share(sent.name)];
  const attributes = typeof call === "object" ? sharing(sent.attributes, call.digest) : sent.attributes;
  const links = sent.links.length === 0 ? noLinks : sent.links;
  return call === undefined
    ? { traceId, spanId, parentSpanId, name, scope, start, end, attributes, links, failed }
    : { traceId, spanId, parentSpanId, name, scope, start, end, attributes, links, failed, call };
}

/** The attributes with that very digest where they hold an equal text. */
function sharing(attributes: Record<string, AttributeValue>, digest: string): Attributes {
  for (const name of digestNames) if (attributes[name] === digest) attributes[name] = digest;
  return attributes;
}

const digestNames = [digestName, "dagger.io/dag.output"] as const;

/** The end of a span takes the place of its start, unless it tells something else: then both are evidence. */
function isAgain({ end, call, scope }: Span, started: Span | undefined): boolean {
  return end !== undefined && call === started?.call && scope === started?.scope;
}
