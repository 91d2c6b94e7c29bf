/**
 * An `ExportTraceServiceRequest` or `ExportMetricsServiceRequest` in proto3 JSON, parsed.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding (the engine writes ids in base64, as
 * proto3 JSON says, where OTLP/JSON says hex; both are read).
 */
import { isRecord, recordsOf, textOf } from "../json.js";
import type { TelemetryDraft } from "./draft.js";
import { endOf, nanosOf } from "./nanos.js";
import {
  type AttributePair,
  attributePairs,
  type Attributes,
  type AttributeValue,
  isKept,
  type MetricPoint,
  type SentSpan,
  type SpanLink,
} from "./span.js";

/** Adds what the request holds. */
export function readRequest(request: Record<string, unknown>, into: TelemetryDraft): void {
  for (const resource of recordsOf(request["resourceSpans"])) {
    addResource(resource, into);
    for (const group of recordsOf(resource["scopeSpans"]))
      for (const span of recordsOf(group["spans"])) into.addSpan(spanOf(span, scopeOf(group)));
  }
  for (const resource of recordsOf(request["resourceMetrics"])) {
    addResource(resource, into);
    for (const group of recordsOf(resource["scopeMetrics"]))
      for (const metric of recordsOf(group["metrics"])) addPoints(metric, scopeOf(group), into);
  }
}

function addResource(group: Record<string, unknown>, into: TelemetryDraft): void {
  if (isRecord(group["resource"])) into.addResource(attributesOf(group["resource"]["attributes"]));
}

function spanOf(span: Record<string, unknown>, scope: string): SentSpan {
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
    attributes: pairsOf(span["attributes"], isKept),
    links: recordsOf(span["links"]).map(linkOf),
    failed: status === "STATUS_CODE_ERROR" || status === 2,
  };
}

function linkOf(link: Record<string, unknown>): SpanLink {
  const purpose = attributesOf(link["attributes"])["dagger.io/link.purpose"];
  const spanId = idOf(link["spanId"], 16);
  return typeof purpose === "string" ? { spanId, purpose } : { spanId };
}

function addPoints(metric: Record<string, unknown>, scope: string, into: TelemetryDraft): void {
  const data = [metric["gauge"], metric["sum"]].find(isRecord);
  for (const point of recordsOf(data?.["dataPoints"]))
    into.addPoint(pointOf(point, textOf(metric["name"]), scope));
}

function pointOf(point: Record<string, unknown>, metric: string, scope: string): MetricPoint {
  return {
    scope,
    metric,
    time: nanosOf(point["timeUnixNano"]),
    value: Number(point["asInt"] ?? point["asDouble"] ?? 0),
    attributes: attributesOf(point["attributes"], isKept),
  };
}

function scopeOf(group: Record<string, unknown>): string {
  return isRecord(group["scope"]) ? textOf(group["scope"]["name"]) : "";
}

function attributesOf(list: unknown, keeps?: (name: string) => boolean): Attributes {
  return Object.fromEntries(pairsOf(list, keeps));
}

function pairsOf(list: unknown, keeps?: (name: string) => boolean): AttributePair[] {
  return attributePairs(
    recordsOf(list),
    (pair) => textOf(pair["key"]),
    (pair) => valueOf(pair["value"]),
    keeps,
  );
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

/** An id as hex: hex as it stands, base64 turned into hex. */
function idOf(value: unknown, hexLength: number): string {
  const text = textOf(value);
  if (text === "") return text;
  if (text.length === hexLength && /^[0-9a-f]+$/i.test(text)) return text.toLowerCase();
  return Buffer.from(text, "base64").toString("hex");
}
