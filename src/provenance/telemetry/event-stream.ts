/**
 * The engine's `GET /v1/traces` and `/v1/metrics`: server-sent events whose data is a request in proto3 JSON. A stream
 * is read as it comes, and nothing of it is kept but the spans and points.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import { AttestError } from "../../error.js";
import { isRecord } from "../json.js";
import { readRequest } from "./protojson.js";
import type { Telemetry } from "./span.js";

/** Takes pieces of a stream, cut anywhere. */
type EventReader = {
  readonly telemetry: Telemetry;
  readonly read: (piece: string) => void;
};

/**
 * Spans and metric points of a recorded event stream, in the order of the stream.
 * @param stream one or several streams, one after the other, as the engine sent them.
 * @throws AttestError EVIDENCE_INVALID naming the event whose data is no JSON object.
 */
export function parseEventStream(stream: string): Telemetry {
  const { telemetry, read } = eventReader();
  read(stream);
  read("\n\n");
  return telemetry;
}

/**
 * The same of a stream that is still coming. What stands behind the last blank line is an event that was cut off, and
 * is left out.
 */
export async function readEventStream(pieces: AsyncIterable<string>): Promise<Telemetry> {
  const { telemetry, read } = eventReader();
  for await (const piece of pieces) read(piece);
  return telemetry;
}

function eventReader(): EventReader {
  const telemetry = { spans: [], points: [], resources: [] };
  let line = "";
  let data: string[] = [];
  let events = 0;
  const endEvent = (): void => {
    const text = data.join("\n");
    data = [];
    if (text !== "") readRequest(parseData(text, events), telemetry);
    events++;
  };
  const endLine = (): void => {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    line = "";
    if (text === "") endEvent();
    else if (text.startsWith("data:")) data.push(text.slice("data:".length).trim());
  };
  const read = (piece: string): void => {
    let from = 0;
    for (let at = piece.indexOf("\n"); at >= 0; at = piece.indexOf("\n", from)) {
      line += piece.slice(from, at);
      endLine();
      from = at + 1;
    }
    line += piece.slice(from);
  };
  return { telemetry, read };
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
