/**
 * The engine's `GET /v1/traces` and `/v1/metrics`: server-sent events whose data is a request in proto3 JSON. A stream
 * is read as it comes, and nothing of it is kept but the spans and points.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import type { Recipe } from "../../recipe/index.js";
import { AttestError } from "../../error.js";
import { isRecord } from "../json.js";
import { type TelemetryDraft, telemetryDraft } from "./draft.js";
import { linesOf, type TextPieces } from "./lines.js";
import { readRequest } from "./protojson.js";
import type { Telemetry } from "./span.js";

/**
 * Spans and metric points of a stream that is still coming, in its order. What stands behind the last blank line is an
 * event that was cut off, and is left out.
 * @param pieces the stream as the engine sent it, cut anywhere
 * @param recipe the value's, where it is known: of its calls none is kept a second time
 * @throws AttestError EVIDENCE_INVALID naming the event whose data is no JSON object
 */
export async function readEventStream(pieces: TextPieces, recipe?: Recipe): Promise<Telemetry> {
  const draft = await telemetryDraft(recipe);
  const readLine = eventReader(draft);
  for await (const line of linesOf(pieces)) readLine(line);
  return draft.telemetry;
}

/** Reads the lines of streams, one after the other, into the draft. */
export function eventReader(draft: TelemetryDraft): (line: string) => void {
  let data: string[] = [];
  let events = 0;
  return (line) => {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text.startsWith("data:")) data.push(text.slice("data:".length).trim());
    if (text !== "") return;
    const event = data.join("\n");
    data = [];
    if (event !== "") readRequest(parseData(event, events), draft);
    events++;
  };
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
