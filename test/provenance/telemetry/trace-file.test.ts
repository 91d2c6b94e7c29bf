import { describe, expect, it } from "vitest";
import { parseOtlpBodies } from "../../../src/provenance/telemetry/otlp.js";
import { readTraceFile, traceLine } from "../../../src/provenance/telemetry/trace-file.js";
import { hostBodies, noRecordings, recording } from "../recordings.js";

describe("a trace file", () => {
  it.skipIf(noRecordings)(`gives back what was written (${noRecordings ?? "present"})`, async () => {
    const bodies = hostBodies();
    expect(await readTraceFile(bodies.map(traceLine))).toEqual(await parseOtlpBodies(bodies));
  });

  it.skipIf(noRecordings)(`may be the engine's own stream (${noRecordings ?? "present"})`, async () => {
    const { spans } = await readTraceFile([recording("dagger-v0.21.8/received/traces.sse")]);
    expect(spans.length).toBeGreaterThan(20);
  });

  it.skipIf(noRecordings)(`comes in pieces (${noRecordings ?? "present"})`, async () => {
    const bodies = hostBodies();
    for (const text of [bodies.map(traceLine).join(""), recording("dagger-v0.21.8/observed/traces.sse")]) {
      const pieces = Array.from({ length: Math.ceil(text.length / 999) }, (_, at) =>
        text.slice(at * 999, (at + 1) * 999),
      );
      expect(await readTraceFile(pieces)).toEqual(await readTraceFile([text]));
    }
  });

  it("counts the last event of a stream that no blank line follows", async () => {
    const { resources } = await readTraceFile([
      'data: {"resourceSpans":[{"resource":{"attributes":[{"key":"word","value":{"stringValue":"ü"}}]}}]}',
    ]);
    expect(resources).toEqual([{ word: "ü" }]);
  });

  it("names every line that is none", async () => {
    const text = `{"signal":"traces","body":""}\n{"signal":"logs","body":""}\nnothing\n`;
    await expect(readTraceFile([text])).rejects.toThrow(/line\[1\].*\n.*line\[2\]/);
  });

  it("is empty when nothing was recorded", async () => {
    expect(await readTraceFile(["\n"])).toEqual({ spans: [], points: [], resources: [] });
  });
});
