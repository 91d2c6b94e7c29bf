/**
 * A session's telemetry as Dagger's engine streams it: server-sent events that hold OTLP requests in
 * proto3 JSON, with the scopes and attributes of v0.21.8. The stream ends when all has been told.
 */
import { create, toBinary } from "@bufbuild/protobuf";

import { CallMessageSchema } from "../../src/recipe/call_pb.js";
import { toCallMessage } from "../../src/recipe/convert.js";
import { type Call, inputDigests } from "../../src/recipe/index.js";
import type { Recorder, Work } from "./recorder.js";

export type Signal = "traces" | "metrics";

/** Spans in one event. */
const batch = 1000;

/** The whole stream of a signal. */
export function* eventStream(recorder: Recorder, signal: Signal): Generator<string> {
  yield "event: subscribed\n\n";
  const [name, told, request] =
    signal === "traces"
      ? (["spans", recorder.work, traceRequest] as const)
      : (["metrics", recorder.work.filter(({ usage }) => usage !== undefined), metricsRequest] as const);
  for (let at = 0; at < told.length; at += batch) {
    const part = told.slice(at, at + batch);
    yield `id: ${at + part.length}\nevent: ${name}\ndata: ${JSON.stringify(request(recorder, part))}\n\n`;
  }
}

type Json = Readonly<Record<string, unknown>>;

const resource: Json = { attributes: attributes({ "service.name": "attest-local-engine" }) };

function traceRequest({ traceId }: Recorder, work: readonly Work[]): Json {
  const spans = work.map((one) => spanOf(traceId, one));
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "dagger.io/core" }, spans }] }] };
}

function spanOf(
  traceId: string,
  { spanId, name, call, started, ended, cached, failed, exitCode }: Work,
): Json {
  return {
    traceId: base64(traceId),
    spanId: base64(spanId),
    name,
    kind: "SPAN_KIND_INTERNAL",
    startTimeUnixNano: nanos(started),
    endTimeUnixNano: nanos(ended),
    attributes: attributes({
      "dagger.io/dag.digest": call.digest,
      "dagger.io/dag.call": encoded(call),
      "dagger.io/dag.output": call.digest,
      "dagger.io/dag.inputs": inputDigests(call),
      ...(cached === true ? { "dagger.io/dag.cached": true } : {}),
      // OpenTelemetry's own name: Dagger's engine does not tell an exit code.
      ...(exitCode === undefined ? {} : { "process.exit.code": exitCode }),
    }),
    status: failed === true ? { code: "STATUS_CODE_ERROR" } : {},
  };
}

function metricsRequest({ traceId }: Recorder, work: readonly Work[]): Json {
  const points = new Map<string, Json[]>();
  for (const { spanId, call, started, ended, usage } of work) {
    if (usage === undefined) continue;
    const named = attributes({
      "dagger.io/dag.digest": call.digest,
      "dagger.io/metrics.span": spanId,
      "dagger.io/metrics.trace": traceId,
      "attest.usage.method": usage.method,
      "attest.usage.measured": "runner",
    });
    for (const [counter, value] of Object.entries(usage.counters)) {
      const point = {
        attributes: named,
        startTimeUnixNano: nanos(started),
        timeUnixNano: nanos(ended),
        asInt: String(value),
      };
      const same = points.get(counter);
      if (same === undefined) points.set(counter, [point]);
      else same.push(point);
    }
  }
  const metrics = [...points].map(([counter, dataPoints]) => ({
    name: `dagger.io/metrics.${counter}`,
    unit: counter.startsWith("cpustat.") ? "microseconds" : "bytes",
    gauge: { dataPoints },
  }));
  return {
    resourceMetrics: [
      { resource, scopeMetrics: [{ scope: { name: "dagger.io/engine.buildkit" }, metrics }] },
    ],
  };
}

function encoded(call: Call): string {
  const message = create(CallMessageSchema, toCallMessage(call));
  return Buffer.from(toBinary(CallMessageSchema, message)).toString("base64");
}

function attributes(values: Readonly<Record<string, string | number | boolean | readonly string[]>>): Json[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean | readonly string[]): Json {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return { intValue: String(value) };
  if (typeof value === "boolean") return { boolValue: value };
  return { arrayValue: { values: value.map((each) => ({ stringValue: each })) } };
}

function base64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}

function nanos(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds)) * 1_000_000n);
}
