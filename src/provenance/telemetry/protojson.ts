/**
 * An `ExportTraceServiceRequest` or `ExportMetricsServiceRequest` in proto3 JSON, parsed.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding (the engine writes ids in base64, as
 * proto3 JSON says, where OTLP/JSON says hex; both are read).
 */
import { isRecord, recordsOf, textOf } from "../json.js";
import type { TelemetryDraft } from "./draft.js";
import { endOf, nanosOf } from "./nanos.js";
import {
  type AttributeReader,
  attributesOf,
  type AttributeValue,
  keptAttributes,
  type MetricPoint,
  type SentSpan,
  type SpanLink,
} from "./span.js";

/** Adds what the request holds. */
export function readRequest(request: Record<string, unknown>, into: TelemetryDraft): void {
  for (const resource of recordsOf(request["resourceSpans"])) {
    addResource(resource, into);
    for (const group of recordsOf(resource["scopeSpans"])) {
      const scope = scopeOf(group);
      for (const span of recordsOf(group["spans"])) into.addSpan(spanOf(span, scope));
    }
  }
  for (const resource of recordsOf(request["resourceMetrics"])) {
    addResource(resource, into);
    for (const group of recordsOf(resource["scopeMetrics"]))
      for (const metric of recordsOf(group["metrics"])) addPoints(metric, scopeOf(group), into);
  }
}

function addResource(group: Record<string, unknown>, into: TelemetryDraft): void {
  if (isRecord(group["resource"]))
    into.addResource(attributesOf(recordsOf(group["resource"]["attributes"]), pairs));
}

function spanOf(span: Record<string, unknown>, scope: string): SentSpan {
  const start = nanosOf(span["startTimeUnixNano"]);
  const status = isRecord(span["status"]) ? span["status"]["code"] : undefined;
  const { attributes, payload } = keptAttributes(recordsOf(span["attributes"]), pairs);
  return {
    traceId: traceIdOf(textOf(span["traceId"])),
    spanId: spanIdOf(textOf(span["spanId"])),
    parentSpanId: parentIdOf(textOf(span["parentSpanId"])),
    name: textOf(span["name"]),
    scope,
    start,
    end: endOf(start, nanosOf(span["endTimeUnixNano"])),
    attributes,
    payload,
    links: recordsOf(span["links"]).map(linkOf),
    failed: status === "STATUS_CODE_ERROR" || status === 2,
  };
}

function linkOf(link: Record<string, unknown>): SpanLink {
  const purpose = attributesOf(recordsOf(link["attributes"]), pairs)["dagger.io/link.purpose"];
  const spanId = spanIdOf(textOf(link["spanId"]));
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
    attributes: keptAttributes(recordsOf(point["attributes"]), pairs).attributes,
  };
}

function scopeOf(group: Record<string, unknown>): string {
  return isRecord(group["scope"]) ? textOf(group["scope"]["name"]) : "";
}

const pairs: AttributeReader<Record<string, unknown>> = {
  nameOf: (pair) => textOf(pair["key"]),
  valueOf: (pair) => valueOf(pair["value"]),
};

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

function spanIdOf(text: string): string {
  return idOf(text, 16);
}

/** Spans that come one after the other mostly have their trace in common, and often their parent. */
const traceIdOf = sameAgain((text) => idOf(text, 32));
const parentIdOf = sameAgain(spanIdOf);

/** An id as hex: hex as it stands, base64 turned into hex. */
function idOf(text: string, hexLength: number): string {
  if (text === "") return text;
  if (text.length === hexLength && /^[0-9a-f]+$/i.test(text)) return text.toLowerCase();
  return Buffer.from(text, "base64").toString("hex");
}

/** The function, which is not called again for the text of the call before. */
function sameAgain(of: (text: string) => string): (text: string) => string {
  let [text, answer] = ["", of("")];
  return (next) => {
    if (next !== text) [text, answer] = [next, of(next)];
    return answer;
  };
}
