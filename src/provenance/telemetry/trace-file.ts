/**
 * The file of a host trace. One JSON object per line, in the order in which the bodies came:
 * `{"signal":"traces","body":"<base64 of an OTLP protobuf request>"}`. A recorded event stream of the
 * engine (`GET /v1/traces`, `/v1/metrics`) is read as well.
 */
import type { Recipe } from "../../recipe/index.js";
import { AttestError, type Problem } from "../../error.js";
import { isRecord } from "../json.js";
import { type TelemetryDraft, telemetryDraft } from "./draft.js";
import { eventReader } from "./event-stream.js";
import { linesOf, type TextPieces } from "./lines.js";
import { bodyReader, type OtlpBody } from "./otlp.js";
import type { Telemetry } from "./span.js";

/** One line of the file, with its line break. */
export function traceLine(body: OtlpBody): string {
  return `${JSON.stringify({ signal: body.signal, body: Buffer.from(body.bytes).toString("base64") })}\n`;
}

/**
 * Reads a trace file as it comes.
 * @param recipe the value's, where it is known: of its calls none is kept a second time
 * @throws AttestError EVIDENCE_INVALID naming the lines that are none, or the bodies that can't be read.
 */
export async function readTraceFile(pieces: TextPieces, recipe?: Recipe): Promise<Telemetry> {
  const draft = await telemetryDraft(recipe);
  const bodies = await bodyLines(draft);
  const events = eventLines(draft);
  let reader: LineReader | undefined;
  for await (const line of linesOf(pieces)) {
    if (reader === undefined && line.trim() !== "") reader = isEventStream.test(line) ? events : bodies;
    (reader ?? bodies).read(line);
  }
  reader?.end();
  return draft.telemetry;
}

type LineReader = { readonly read: (line: string) => void; readonly end: () => void };

const isEventStream = /^\s*(?:id|event|data)\b/;

/** A file is whole: its last event counts, whether a blank line follows or not. */
function eventLines(draft: TelemetryDraft): LineReader {
  const read = eventReader(draft);
  return { read, end: () => read("") };
}

async function bodyLines(draft: TelemetryDraft): Promise<LineReader> {
  const bodies = await bodyReader(draft);
  const problems: Problem[] = [];
  let lines = 0;
  const read = (line: string): void => {
    const path = `line[${lines++}]`;
    const text = line.trim();
    if (text === "") return;
    const body = bodyOf(text);
    if (body === undefined) problems.push({ path, expected: "signal and body", got: text.slice(0, 40) });
    else if (problems.length === 0) bodies.read(body);
  };
  const end = (): void => {
    if (problems.length === 0) return bodies.end();
    throw new AttestError("EVIDENCE_INVALID", "the trace file can't be read", {
      problems,
      next: "Record it with `./attest record -- dagger call ...`.",
    });
  };
  return { read, end };
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
