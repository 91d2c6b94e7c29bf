import { describe, expect, it } from "vitest";
import { parseOtlpBodies } from "../../../src/provenance/telemetry/otlp.js";
import { parseTraceFile, traceLine } from "../../../src/provenance/telemetry/trace-file.js";
import { hostBodies, noRecordings, recording } from "../recordings.js";

describe("a trace file", () => {
  it.skipIf(noRecordings)(`gives back what was written (${noRecordings ?? "present"})`, async () => {
    const bodies = hostBodies();
    expect(await parseTraceFile(bodies.map(traceLine).join(""))).toEqual(await parseOtlpBodies(bodies));
  });

  it.skipIf(noRecordings)(`may be the engine's own stream (${noRecordings ?? "present"})`, async () => {
    const { spans } = await parseTraceFile(recording("dagger-v0.21.8/received/traces.sse"));
    expect(spans.length).toBeGreaterThan(20);
  });

  it("names every line that is none", async () => {
    const text = `{"signal":"traces","body":""}\n{"signal":"logs","body":""}\nnothing\n`;
    await expect(parseTraceFile(text)).rejects.toThrow(/line\[1\].*\n.*line\[2\]/);
  });

  it("is empty when nothing was recorded", async () => {
    expect(await parseTraceFile("\n")).toEqual({ spans: [], points: [], resources: [] });
  });
});
