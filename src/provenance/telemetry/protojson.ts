/**
 * Reads what the engine's `GET /v1/traces` and `/v1/metrics` stream: server-sent events whose data is
 * an `ExportTraceServiceRequest` or `ExportMetricsServiceRequest` in proto3 JSON.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding (the engine writes ids in base64, as
 * proto3 JSON says, where OTLP/JSON says hex; both are read).
 */
import { AttestError } from "../../error.js";
import { isRecord, recordsOf, textOf } from "../json.js";
import {
  type Attributes,
  type AttributeValue,
  endOf,
  type MetricPoint,
  type Span,
  type SpanLink,
  type Telemetry,
} from "./span.js";

/**
 * Spans and metric points of a recorded event stream, in the order of the stream.
 * @param stream one or several streams, one after the other, as the engine sent them.
 * @throws AttestError EVIDENCE_INVALID naming the event whose data is no JSON object.
 */
export function parseEventStream(stream: string): Telemetry {
  const spans: Span[] = [];
  const points: MetricPoint[] = [];
  const resources: Attributes[] = [];
  for (const [index, event] of stream.split(/\r?\n\r?\n/).entries()) {
    const data = dataOf(event);
    if (data === "") continue;
    const request = parseData(data, index);
    for (const resource of [...recordsOf(request["resourceSpans"]), ...recordsOf(request["resourceMetrics"])])
      resources.push(
        attributesOf(isRecord(resource["resource"]) ? resource["resource"]["attributes"] : undefined),
      );
    spans.push(...spansOf(request));
    points.push(...pointsOf(request));
  }
  return { spans, points, resources };
}

function dataOf(event: string): string {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.slice("data:".length).trim()).join("\n");
}

function parseData(data: string, index: number): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch (cause) {
    throw invalidEvent(index, "text that is no JSON", cause);
  }
  if (!isRecord(parsed)) throw invalidEvent(index, typeof parsed);
  return parsed;
}

function invalidEvent(index: number, got: string, cause?: unknown): AttestError {
  return new AttestError("EVIDENCE_INVALID", "the telemetry stream can't be read", {
    problems: [{ path: `event[${index}].data`, expected: "a JSON object", got }],
    next: "Pass the stream as the engine sent it, whole events only.",
    cause,
  });
}

function spansOf(request: Record<string, unknown>): Span[] {
  return recordsOf(request["resourceSpans"]).flatMap((resource) =>
    recordsOf(resource["scopeSpans"]).flatMap((group) =>
      recordsOf(group["spans"]).map((span) => spanOf(span, scopeOf(group))),
    ),
  );
}

function spanOf(span: Record<string, unknown>, scope: string): Span {
  const start = nanosOf(span["startTimeUnixNano"]);
  const status = isRecord(span["status"]) ? span["status"]["code"] : undefined;
  return {
    traceId: idOf(span["traceId"], 32),
    spanId: idOf(span["spanId"], 16),
    parentSpanId: idOf(span["parentSpanId"], 16),
    name: textOf(span["name"]),
    scope,
    start,
    end: endOf(start, nanosOf(span["endTimeUnixNano"])),
    attributes: attributesOf(span["attributes"]),
    links: recordsOf(span["links"]).map(linkOf),
    failed: status === "STATUS_CODE_ERROR" || status === 2,
  };
}

function linkOf(link: Record<string, unknown>): SpanLink {
  const purpose = attributesOf(link["attributes"])["dagger.io/link.purpose"];
  const spanId = idOf(link["spanId"], 16);
  return typeof purpose === "string" ? { spanId, purpose } : { spanId };
}

function pointsOf(request: Record<string, unknown>): MetricPoint[] {
  return recordsOf(request["resourceMetrics"]).flatMap((resource) =>
    recordsOf(resource["scopeMetrics"]).flatMap((group) =>
      recordsOf(group["metrics"]).flatMap((metric) => metricPoints(metric, scopeOf(group))),
    ),
  );
}

function metricPoints(metric: Record<string, unknown>, scope: string): MetricPoint[] {
  const data = [metric["gauge"], metric["sum"]].find(isRecord);
  return recordsOf(data?.["dataPoints"]).map((point) => ({
    scope,
    metric: textOf(metric["name"]),
    time: nanosOf(point["timeUnixNano"]),
    value: Number(point["asInt"] ?? point["asDouble"] ?? 0),
    attributes: attributesOf(point["attributes"]),
  }));
}

function scopeOf(group: Record<string, unknown>): string {
  return isRecord(group["scope"]) ? textOf(group["scope"]["name"]) : "";
}

function attributesOf(list: unknown): Attributes {
  const pairs = recordsOf(list).map((pair): [string, AttributeValue | undefined] => [
    textOf(pair["key"]),
    valueOf(pair["value"]),
  ]);
  return Object.fromEntries(pairs.filter((pair): pair is [string, AttributeValue] => pair[1] !== undefined));
}

function valueOf(value: unknown): AttributeValue | undefined {
  if (!isRecord(value)) return undefined;
  const { stringValue, boolValue, intValue, doubleValue, arrayValue } = value;
  if (typeof stringValue === "string") return stringValue;
  if (typeof boolValue === "boolean") return boolValue;
  if (intValue !== undefined) return Number(intValue);
  if (typeof doubleValue === "number") return doubleValue;
  if (!isRecord(arrayValue)) return undefined;
  return recordsOf(arrayValue["values"]).map((item) => textOf(item["stringValue"]));
}

function nanosOf(value: unknown): bigint {
  if (typeof value === "number") return BigInt(Math.trunc(value));
  return typeof value === "string" && /^\d{1,20}$/.test(value) ? BigInt(value) : 0n;
}

/** An id as hex: hex as it stands, base64 turned into hex. */
function idOf(value: unknown, hexLength: number): string {
  const text = textOf(value);
  if (text.length === hexLength && /^[0-9a-f]+$/i.test(text)) return text.toLowerCase();
  return Buffer.from(text, "base64").toString("hex");
}
