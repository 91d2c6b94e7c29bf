/** Telemetry while it is read, in whatever encoding: a build has many spans, so little is kept of each. */
import type { Recipe } from "../../recipe/index.js";
import { textsOnce } from "../../recipe/texts.js";
import { callDecoder } from "./calls.js";
import {
  type Attributes,
  callAttribute,
  isFromEngine,
  type MetricPoint,
  type Span,
  type Telemetry,
} from "./span.js";

export type TelemetryDraft = {
  readonly telemetry: Telemetry;
  /** @param span its call among the attributes, as it was sent */
  readonly addSpan: (span: Span) => void;
  readonly addPoint: (point: MetricPoint) => void;
  readonly addResource: (attributes: Attributes) => void;
};

/** @param recipe the value's, where it is known: of its calls none is kept a second time */
export async function telemetryDraft(recipe?: Recipe): Promise<TelemetryDraft> {
  const readCall = await callDecoder(recipe?.calls);
  const share = textsOnce();
  const spans: Span[] = [];
  const points: MetricPoint[] = [];
  const resources: Attributes[] = [];
  /** Where spans stand that have not ended. */
  const open = new Map<string, number>();
  const addSpan = (sent: Span): void => {
    const isOpen = sent.end === undefined;
    const { [callAttribute]: payload, ...attributes } = sent.attributes;
    const isCall = typeof payload === "string" && isFromEngine(sent);
    const call = isCall ? readCall(payload, isOpen) : undefined;
    const span: Span = {
      ...sent,
      traceId: share(sent.traceId),
      name: share(sent.name),
      attributes: typeof call === "object" ? withText(call.digest, attributes) : attributes,
      links: sent.links.length === 0 ? noLinks : sent.links,
      ...(call === undefined ? {} : { call }),
    };
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

/** The attributes, with that very text where they hold an equal one. */
function withText(text: string, attributes: Attributes): Attributes {
  const shared = { ...attributes };
  for (const name in shared) if (shared[name] === text) shared[name] = text;
  return shared;
}

/** The end of a span takes the place of its start, unless it tells something else: then both are evidence. */
function isAgain({ end, call, scope }: Span, started: Span | undefined): boolean {
  return end !== undefined && call === started?.call && scope === started?.scope;
}
