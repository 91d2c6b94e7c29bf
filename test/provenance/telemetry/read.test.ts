import { Readable } from "node:stream";
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { AttestError } from "../../../src/error.js";
import { parseOtlpBodies } from "../../../src/provenance/telemetry/otlp.js";
import { readEventStream } from "../../../src/provenance/telemetry/event-stream.js";
import { timestampOf } from "../../../src/provenance/telemetry/nanos.js";
import { isFromEngine, latestSpans } from "../../../src/provenance/telemetry/span.js";
import { CallMessageSchema } from "../../../src/recipe/call_pb.js";
import { hostBodies, noRecordings, recording } from "../recordings.js";

const event = (data: unknown) => `id: 1\nevent: spans\ndata: ${JSON.stringify(data)}\n\n`;
const started = {
  traceId: "OJ7uXhaiRjhO0V8FvNy6tA==",
  spanId: "B6nEB1TlN8w=",
  name: "Container.from",
  startTimeUnixNano: "1795420703464551098",
  endTimeUnixNano: "11651379494838206464",
  attributes: [
    { key: "dagger.io/dag.digest", value: { stringValue: "xxh3:1" } },
    { key: "dagger.io/dag.inputs", value: { arrayValue: { values: [{ stringValue: "xxh3:0" }] } } },
    { key: "process.exit.code", value: { intValue: "7" } },
  ],
};
const request = (...spans: unknown[]) => ({
  resourceSpans: [
    { resource: { attributes: [] }, scopeSpans: [{ scope: { name: "dagger.io/core" }, spans }] },
  ],
});

const read = (stream: string) => readEventStream([stream]);

describe("readEventStream", () => {
  it("reads ids in base64 and hex, the attributes that are looked at, and an end that is none", async () => {
    const hex = { ...started, traceId: "389eee5e16a246384ed15f05bcdcbab4", spanId: "07A9C40754E537CC" };
    const {
      spans: [base64, same],
    } = await read(`event: subscribed\ndata\n\n${event(request(started, hex))}`);
    expect(base64).toMatchObject({
      traceId: "389eee5e16a246384ed15f05bcdcbab4",
      spanId: "07a9c40754e537cc",
      end: undefined,
    });
    expect(base64?.attributes).toEqual({ "dagger.io/dag.digest": "xxh3:1", "process.exit.code": 7 });
    expect(same).toMatchObject({ traceId: base64?.traceId, spanId: base64?.spanId });
  });

  it("reads every attribute of a resource", async () => {
    const values = { arrayValue: { values: [{ stringValue: "dagger" }, { stringValue: "call" }] } };
    const attributes = [
      { key: "process.command_args", value: values },
      { key: "cores", value: { doubleValue: 1.5 } },
      { key: "ci", value: { boolValue: true } },
      { key: "none", value: {} },
    ];
    const { resources } = await read(event({ resourceMetrics: [{ resource: { attributes } }] }));
    expect(resources).toEqual([{ "process.command_args": ["dagger", "call"], cores: 1.5, ci: true }]);
  });

  it.each([1, 7, 1_000])("reads a stream that comes in pieces of %i characters", async (length) => {
    const whole = `event: subscribed\ndata\n\n${event(request(started))}${event(request(started)).replaceAll("\n", "\r\n")}`;
    const text = `${whole}event: spans\ndata: {"cut off`;
    const pieces = Array.from({ length: Math.ceil(text.length / length) }, (_, at) =>
      text.slice(at * length, (at + 1) * length),
    );
    const inPieces = await readEventStream(Readable.from(pieces) as AsyncIterable<string>);
    expect(inPieces.spans).toHaveLength(2);
    expect(inPieces).toEqual(await read(whole));
  });

  it("keeps the last word on a span, whichever order they came in", async () => {
    const ended = { ...started, endTimeUnixNano: "1795420703474551098" };
    for (const spans of [
      [started, ended],
      [ended, started],
    ]) {
      const latest = [...latestSpans((await read(event(request(...spans)))).spans).values()];
      expect(latest).toHaveLength(1);
      expect(timestampOf(latest[0]?.end ?? "0")).toBe("2026-11-23T07:58:23.474Z");
    }
  });

  it("keeps the end of a span in the place of its start, and both where they tell something else", async () => {
    const call = (field: string) => {
      const message = create(CallMessageSchema, {
        digest: "xxh3:1",
        field,
        type: { namedType: "Container" },
      });
      const stringValue = Buffer.from(toBinary(CallMessageSchema, message)).toString("base64");
      return { attributes: [{ key: "dagger.io/dag.call", value: { stringValue } }] };
    };
    const ended = { ...started, endTimeUnixNano: "1795420703474551098" };
    const fieldsOf = async (...spans: unknown[]) =>
      (await read(event(request(...spans)))).spans.map(
        ({ call: one }) => typeof one === "object" && one.field,
      );
    expect(await fieldsOf({ ...started, ...call("from") }, { ...ended, ...call("from") })).toEqual(["from"]);
    expect(await fieldsOf({ ...started, ...call("from") }, { ...ended, ...call("git") })).toEqual([
      "from",
      "git",
    ]);
  });

  it("names the event that is no JSON object", async () => {
    await expect(read(`${event(request(started))}data: {"resourceSpans": [\n\n`)).rejects.toThrow(
      /EVIDENCE_INVALID.*\n {2}event\[1\]\.data: a JSON object expected/,
    );
    await expect(read("data: 3\n\n")).rejects.toThrow(AttestError);
  });

  it.skipIf(noRecordings)(`reads the recorded streams (${noRecordings ?? "present"})`, async () => {
    const { spans, points } = await read(
      recording("dagger-v0.21.8/observed/traces.sse") + recording("dagger-v0.21.8/observed/metrics.sse"),
    );
    const build = [...latestSpans(spans).values()].filter((span) => span.name === "Pipeline.build");
    expect(build).toHaveLength(1);
    expect(build[0]?.attributes["dagger.io/dag.output"]).toBe("xxh3:94a240fb5a2189f3");
    const received = points.filter(
      (point) =>
        point.metric === "dagger.io/metrics.netstat.rx.bytes" &&
        point.attributes["dagger.io/dag.digest"] === "xxh3:4601fd50486aa23d",
    );
    expect(received.length).toBeGreaterThan(0);
    expect(points.every(isFromEngine)).toBe(true);
  });
});

describe("parseOtlpBodies", () => {
  it("reads a span that another encoder wrote", async () => {
    const attribute = new BinaryWriter().tag(1, 2).string("process.exit.code").tag(2, 2);
    attribute.bytes(new BinaryWriter().tag(3, 0).int64(-5).finish());
    const span = new BinaryWriter()
      .tag(1, 2)
      .bytes(new Uint8Array(16).fill(1))
      .tag(2, 2)
      .bytes(new Uint8Array(8).fill(2));
    span.tag(5, 2).string("x").tag(7, 1).fixed64("1000000").tag(8, 1).fixed64("3000000");
    span.tag(9, 2).bytes(attribute.finish()).tag(15, 2).bytes(new BinaryWriter().tag(3, 0).int32(2).finish());
    const scope = new BinaryWriter().tag(1, 2).string("dagger.io/core").finish();
    const group = new BinaryWriter().tag(1, 2).bytes(scope).tag(2, 2).bytes(span.finish()).finish();
    const resource = new BinaryWriter().tag(2, 2).bytes(group).finish();
    const bytes = new BinaryWriter().tag(1, 2).bytes(resource).finish();
    const { spans } = await parseOtlpBodies([{ signal: "traces", bytes }]);
    expect(spans).toEqual([
      {
        traceId: "01".repeat(16),
        spanId: "02".repeat(8),
        parentSpanId: "",
        name: "x",
        scope: "dagger.io/core",
        start: "1000000",
        end: "3000000",
        attributes: { "process.exit.code": -5 },
        links: [],
        failed: true,
      },
    ]);
  });

  it("names every body that is no message", async () => {
    const bytes = Uint8Array.of(0x0a, 0xff, 0xff);
    await expect(
      parseOtlpBodies([
        { signal: "traces", bytes },
        { signal: "metrics", bytes },
      ]),
    ).rejects.toThrow(/body\[0\].*\n {2}body\[1\]/);
  });

  it.skipIf(noRecordings)(`reads the recorded host trace (${noRecordings ?? "present"})`, async () => {
    const { spans, points, resources } = await parseOtlpBodies(hostBodies());
    expect([...latestSpans(spans).values()].filter((span) => span.name === "Container.publish")).toHaveLength(
      1,
    );
    expect(points.some((point) => point.metric.startsWith("dagger.io/metrics."))).toBe(true);
    expect(resources.some((resource) => resource["service.name"] !== undefined)).toBe(true);
  });
});
