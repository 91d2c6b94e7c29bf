/**
 * A JSON scanner over bytes that come in pieces. It tells a visitor where values stand and keeps none
 * of them, so a document of any size needs the same memory. It is stricter than `JSON.parse`, because
 * what is signed here is read by other languages, and readers must not disagree: no byte order mark,
 * no invalid UTF-8, no key twice in one object, no lone surrogates, no number beyond a double.
 * https://www.rfc-editor.org/rfc/rfc8259
 */
import { AttestError } from "../error.js";
import { jsonLimits, type JsonLimits } from "./limits.js";
import { endNumber, scanNumber, scanWord, startNumberOrWord } from "./number.js";
import { createState, describeByte, Mode, refuseJson, type JsonVisitor, type ScanState } from "./state.js";
import { closeContainer, openContainer } from "./structure.js";
import { scanEscape, scanText, scanUnicodeEscape, startText } from "./text.js";

export type { JsonKind, JsonVisitor } from "./state.js";

export type JsonScanner = {
  /**
   * Takes the next bytes of the text.
   * @throws AttestError JSON_INVALID at the first byte that can't be JSON, LIMIT_EXCEEDED at a limit;
   * the scanner is of no use after that.
   */
  write(chunk: Uint8Array): void;
  /**
   * Ends the text.
   * @throws AttestError JSON_INVALID when the text is incomplete, or with every key that was repeated.
   */
  end(): void;
};

export type JsonScanOptions = {
  readonly limits?: JsonLimits;
  /** What the text is called in errors, as in "the predicate". */
  readonly what?: string;
};

/** A scanner of one JSON text. */
export function createJsonScanner(visitor: JsonVisitor, options: JsonScanOptions = {}): JsonScanner {
  const state = createState(visitor, options.limits ?? jsonLimits, options.what ?? "the text");
  return {
    write: (chunk) => {
      scanChunk(state, chunk);
      state.chunkStart += chunk.length;
    },
    end: () => endScan(state),
  };
}

function scanChunk(state: ScanState, chunk: Uint8Array): void {
  let i = 0;
  while (i < chunk.length) {
    if (state.mode === Mode.text) {
      i = scanText(state, chunk, i);
    } else if (state.mode === Mode.number) {
      i = scanNumber(state, chunk, i);
    } else {
      scanByte(state, chunk[i] ?? 0, state.chunkStart + i);
      i += 1;
    }
  }
}

function scanByte(state: ScanState, byte: number, offset: number): void {
  switch (state.mode) {
    case Mode.escape:
      return scanEscape(state, byte, offset);
    case Mode.unicodeEscape:
      return scanUnicodeEscape(state, byte, offset);
    case Mode.literal:
      return scanWord(state, byte, offset);
  }
  if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return;
  switch (state.mode) {
    case Mode.value:
      return startAnyValue(state, byte, offset, "a value");
    case Mode.valueOrEnd:
      if (byte !== 0x5d) return startAnyValue(state, byte, offset, 'a value or "]"');
      return endContainer(state, byte, offset);
    case Mode.keyOrEnd:
      if (byte !== 0x22 && byte !== 0x7d) refuseJson(state, offset, 'a key or "}"', describeByte(byte));
      return byte === 0x22 ? startText(state, true, offset) : endContainer(state, byte, offset);
    case Mode.key:
      if (byte !== 0x22) refuseJson(state, offset, "a key", describeByte(byte));
      return startText(state, true, offset);
    case Mode.colon:
      if (byte !== 0x3a) refuseJson(state, offset, '":"', describeByte(byte));
      state.mode = Mode.value;
      return;
    case Mode.commaOrEnd:
      return byte === 0x2c ? nextItem(state) : endContainer(state, byte, offset);
    default:
      return refuseJson(state, offset, "nothing after the document", describeByte(byte));
  }
}

function startAnyValue(state: ScanState, byte: number, offset: number, expected: string): void {
  if (byte === 0x22) return startText(state, false, offset);
  if (byte === 0x7b || byte === 0x5b) return openContainer(state, byte === 0x7b, offset);
  if (startNumberOrWord(state, byte, offset)) return;
  if (offset === 0 && (byte === 0xef || byte === 0xfe || byte === 0xff)) {
    refuseJson(state, offset, "UTF-8 without byte order mark", describeByte(byte));
  }
  refuseJson(state, offset, expected, describeByte(byte));
}

function nextItem(state: ScanState): void {
  const frame = state.frames.at(-1);
  if (frame === undefined) return;
  frame.index += 1;
  frame.key = "";
  state.mode = frame.isObject ? Mode.key : Mode.value;
}

function endContainer(state: ScanState, byte: number, offset: number): void {
  const frame = state.frames.at(-1);
  const closing = frame?.isObject === true ? 0x7d : 0x5d;
  if (frame === undefined || byte !== closing) {
    return refuseJson(state, offset, `"," or "${String.fromCharCode(closing)}"`, describeByte(byte));
  }
  closeContainer(state, frame, offset + 1);
}

function endScan(state: ScanState): void {
  const end = state.chunkStart;
  if (state.mode === Mode.number) endNumber(state, end);
  if (state.mode !== Mode.end) refuseJson(state, end, "the rest of the document", "the end of the text");
  if (state.problems.length === 0) return;
  throw new AttestError("JSON_INVALID", `${state.what} repeats keys, so readers disagree on what it says`, {
    problems: state.problems,
    next: "Write every key once; most JSON readers keep the last and drop the others silently.",
  });
}
