/**
 * Reads OTLP request bodies in protobuf, as `OTEL_EXPORTER_OTLP_*_ENDPOINT` receives them: the fields
 * that provenance needs, by number, and nothing else.
 * https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto
 */
import { AttestError, type Problem } from "../../error.js";
import { type TelemetryDraft, telemetryDraft } from "./draft.js";
import { messageDecoder, type DecodeMessage, type Message } from "./message.js";
import { endOf } from "./nanos.js";
import {
  type AttributeReader,
  attributesOf,
  type AttributeValue,
  keptAttributes,
  type MetricPoint,
  type SentSpan,
  type SpanLink,
  type Telemetry,
} from "./span.js";

/** A body and what it holds: both requests look alike from outside, so the signal must be told. */
export type OtlpBody = { readonly signal: "traces" | "metrics"; readonly bytes: Uint8Array };

/** Takes bodies one after the other, and says at the end what was wrong with them. */
export type BodyReader = { readonly read: (body: OtlpBody) => void; readonly end: () => void };

/**
 * Spans and metric points of OTLP bodies, in order.
 * @throws AttestError EVIDENCE_INVALID naming every body that is no such message.
 */
export async function parseOtlpBodies(bodies: readonly OtlpBody[]): Promise<Telemetry> {
  const draft = await telemetryDraft();
  const { read, end } = await bodyReader(draft);
  for (const body of bodies) read(body);
  end();
  return draft.telemetry;
}

/** Reads bodies into the draft. `end` throws what `parseOtlpBodies` does. */
export async function bodyReader(draft: TelemetryDraft): Promise<BodyReader> {
  const decode = await messageDecoder();
  const problems: Problem[] = [];
  let bodies = 0;
  const read = (body: OtlpBody): void => {
    const path = `body[${bodies++}]`;
    try {
      readRequest(decode, body, draft);
    } catch (error) {
      const got = error instanceof Error ? error.message : String(error);
      problems.push({ path, expected: `an OTLP ${body.signal} request`, got });
    }
  };
  const end = (): void => {
    if (problems.length === 0) return;
    throw new AttestError("EVIDENCE_INVALID", "the trace can't be read", {
      problems,
      next: "Record it again with OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.",
    });
  };
  return { read, end };
}

function readRequest(decode: DecodeMessage, body: OtlpBody, into: TelemetryDraft): void {
  for (const resource of decode(body.bytes).messages(1)) {
    const attributes = resource.message(1)?.messages(1) ?? [];
    into.addResource(attributesOf(attributes, pairs));
    for (const group of resource.messages(2)) {
      const scope = group.message(1)?.text(1) ?? "";
      for (const one of group.messages(2))
        if (body.signal === "traces") into.addSpan(spanOf(one, scope));
        else for (const point of pointsOf(one, scope)) into.addPoint(point);
    }
  }
}

/** Span: 1 trace_id, 2 span_id, 4 parent_span_id, 5 name, 7 start, 8 end, 9 attributes, 13 links, 15 status. */
function spanOf(span: Message, scope: string): SentSpan {
  const start = String(span.number(7));
  return {
    traceId: hexOf(span.bytes(1)),
    spanId: hexOf(span.bytes(2)),
    parentSpanId: hexOf(span.bytes(4)),
    name: span.text(5),
    scope,
    start,
    end: endOf(start, String(span.number(8))),
    ...keptAttributes(span.messages(9), pairs),
    links: span.messages(13).map(linkOf),
    failed: span.message(15)?.number(3) === 2n,
  };
}

/** Link: 2 span_id, 4 attributes. */
function linkOf(link: Message): SpanLink {
  const purpose = attributesOf(link.messages(4), pairs)["dagger.io/link.purpose"];
  const spanId = hexOf(link.bytes(2));
  return typeof purpose === "string" ? { spanId, purpose } : { spanId };
}

/** Metric: 1 name, 5 gauge, 7 sum; both hold points in 1. Point: 3 time, 4 double, 6 integer, 7 attributes. */
function pointsOf(metric: Message, scope: string): MetricPoint[] {
  const points = (metric.message(5) ?? metric.message(7))?.messages(1) ?? [];
  return points.map((point) => ({
    scope,
    metric: metric.text(1),
    time: String(point.number(3)),
    value: point.has(4) ? point.double(4) : Number(BigInt.asIntN(64, point.number(6))),
    attributes: keptAttributes(point.messages(7), pairs).attributes,
  }));
}

/** KeyValue: 1 key, 2 value. */
const pairs: AttributeReader<Message> = {
  nameOf: (pair) => pair.text(1),
  valueOf: (pair) => valueOf(pair.message(2)),
};

/** AnyValue: 1 string, 2 bool, 3 int, 4 double, 5 array. */
function valueOf(value: Message | undefined): AttributeValue | undefined {
  if (value === undefined) return undefined;
  if (value.has(1)) return value.text(1);
  if (value.has(2)) return value.number(2) === 1n;
  if (value.has(3)) return Number(BigInt.asIntN(64, value.number(3)));
  if (value.has(4)) return value.double(4);
  return value
    .message(5)
    ?.messages(1)
    .map((item) => item.text(1));
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
