/** Numbers and the words true, false, null. */
import { describeByte, Mode, refuseJson, refuseLimit, type JsonKind, type ScanState } from "./state.js";
import { endValue, startValue } from "./structure.js";

/** Where in `[-] int [frac] [exp]` a number stands. */
const Part = { minus: 0, zero: 1, int: 2, point: 3, fraction: 4, e: 5, sign: 6, exponent: 7 } as const;
const complete: readonly number[] = [Part.zero, Part.int, Part.fraction, Part.exponent];

const words: ReadonlyMap<number, { readonly word: string; readonly kind: JsonKind }> = new Map([
  [0x74, { word: "true", kind: "boolean" }],
  [0x66, { word: "false", kind: "boolean" }],
  [0x6e, { word: "null", kind: "null" }],
]);

/** Whether a value that begins with this byte is a number or a word; starts it then. */
export function startNumberOrWord(state: ScanState, byte: number, offset: number): boolean {
  if (byte === 0x2d || isDigit(byte)) {
    startValue(state, "number", offset);
    state.mode = Mode.number;
    state.numberPart = byte === 0x2d ? Part.minus : byte === 0x30 ? Part.zero : Part.int;
    state.numberBytes[0] = byte;
    state.numberLength = 1;
    return true;
  }
  const found = words.get(byte);
  if (found === undefined) return false;
  startValue(state, found.kind, offset);
  state.mode = Mode.literal;
  state.literal = found.word;
  state.literalSeen = 1;
  return true;
}

export function scanWord(state: ScanState, byte: number, offset: number): void {
  if (byte !== state.literal.charCodeAt(state.literalSeen)) {
    refuseJson(state, offset, `the word ${state.literal}`, describeByte(byte));
  }
  state.literalSeen += 1;
  if (state.literalSeen < state.literal.length) return;
  endValue(state, state.literal === "null" ? "null" : "boolean", offset + 1);
}

/** Consumes what it can of the number; returns the index of the first byte that it left. */
export function scanNumber(state: ScanState, chunk: Uint8Array, from: number): number {
  for (let i = from; i < chunk.length; i += 1) {
    const byte = chunk[i] ?? 0;
    const part = nextPart(state.numberPart, byte);
    if (part === undefined) {
      endNumber(state, state.chunkStart + i, byte);
      return i;
    }
    state.numberPart = part;
    collect(state, byte, state.chunkStart + i);
  }
  return chunk.length;
}

/** At the first byte behind the number, or at the end of the text, which has none: only there a number ends. */
export function endNumber(state: ScanState, end: number, behind?: number): void {
  if (!complete.includes(state.numberPart)) {
    refuseJson(state, end, "a digit", behind === undefined ? "the end of the text" : describeByte(behind));
  }
  const text = state.numberBytes.toString("latin1", 0, state.numberLength);
  if (!Number.isFinite(Number(text))) {
    refuseJson(state, end - state.numberLength, "a number that fits a double (up to 1.8e308)", cut(text));
  }
  endValue(state, "number", end);
}

function cut(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}...`;
}

function nextPart(part: number, byte: number): number | undefined {
  if (isDigit(byte)) return afterDigit(part, byte);
  const isWhole = part === Part.zero || part === Part.int;
  if (byte === 0x2e) return isWhole ? Part.point : undefined;
  if (byte === 0x65 || byte === 0x45) return isWhole || part === Part.fraction ? Part.e : undefined;
  if (byte === 0x2b || byte === 0x2d) return part === Part.e ? Part.sign : undefined;
  return undefined;
}

function afterDigit(part: number, byte: number): number | undefined {
  switch (part) {
    case Part.minus:
      return byte === 0x30 ? Part.zero : Part.int;
    case Part.int:
      return Part.int;
    case Part.point:
    case Part.fraction:
      return Part.fraction;
    case Part.e:
    case Part.sign:
    case Part.exponent:
      return Part.exponent;
    default:
      return undefined;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function collect(state: ScanState, byte: number, offset: number): void {
  const { numberCharacters } = state.limits;
  if (state.numberLength >= numberCharacters) {
    refuseLimit(state, offset, `a number of at most ${numberCharacters} characters`, "more");
  }
  state.numberBytes[state.numberLength] = byte;
  state.numberLength += 1;
}
