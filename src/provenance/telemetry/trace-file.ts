/**
 * The file of a host trace. One JSON object per line, in the order in which the bodies came:
 * `{"signal":"traces","body":"<base64 of an OTLP protobuf request>"}`. A recorded event stream of the
 * engine (`GET /v1/traces`, `/v1/metrics`) is read as well.
 */
import { AttestError } from "../../error.js";
import { isRecord } from "../json.js";
import { type OtlpBody, parseOtlpBodies } from "./otlp.js";
import { parseEventStream } from "./event-stream.js";
import type { Telemetry } from "./span.js";

/** One line of the file, with its line break. */
export function traceLine(body: OtlpBody): string {
  return `${JSON.stringify({ signal: body.signal, body: Buffer.from(body.bytes).toString("base64") })}\n`;
}

/**
 * Reads the text of a trace file.
 * @throws AttestError EVIDENCE_INVALID naming the lines that are none, or the bodies that can't be read.
 */
export async function parseTraceFile(text: string): Promise<Telemetry> {
  if (/^(?:id|event|data)\b/.test(text.trimStart())) return parseEventStream(text);
  const lines = text.split("\n").map((line) => line.trim());
  const bodies: OtlpBody[] = [];
  const problems: { path: string; expected: string; got: string }[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    const body = bodyOf(line);
    if (body === undefined)
      problems.push({ path: `line[${index}]`, expected: "signal and body", got: line.slice(0, 40) });
    else bodies.push(body);
  }
  if (problems.length === 0) return parseOtlpBodies(bodies);
  throw new AttestError("EVIDENCE_INVALID", "the trace file can't be read", {
    problems,
    next: "Record it with `./attest record -- dagger call ...`.",
  });
}

function bodyOf(line: string): OtlpBody | undefined {
  try {
    const row: unknown = JSON.parse(line);
    if (!isRecord(row) || typeof row["body"] !== "string") return undefined;
    const { signal } = row;
    return signal === "traces" || signal === "metrics"
      ? { signal, bytes: Buffer.from(row["body"], "base64") }
      : undefined;
  } catch {
    return undefined;
  }
}
