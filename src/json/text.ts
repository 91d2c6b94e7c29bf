/** Strings: quotes, escapes, UTF-8, and the text of keys. */
import { describeByte, Mode, refuseJson, refuseLimit, type ScanState } from "./state.js";
import { endValue, startValue, takeKey } from "./structure.js";

const quote = 0x22;
const backslash = 0x5c;
const letterU = 0x75;
const simpleEscapes = new Set([...'"\\/bfnrt'].map((character) => character.charCodeAt(0)));

/** Called at the opening quote; `offset` is the quote's. */
export function startText(state: ScanState, isKey: boolean, offset: number): void {
  state.inKey = isKey;
  state.keyLength = 0;
  state.keyIsPlain = true;
  state.mode = Mode.text;
  if (!isKey) startValue(state, "string", offset);
}

/** Consumes what it can of the string's characters; returns the index of the first byte that it left. */
export function scanText(state: ScanState, chunk: Uint8Array, from: number): number {
  const length = chunk.length;
  let i = from;
  while (i < length) {
    const byte = chunk[i] ?? 0;
    if (state.utf8Missing > 0) {
      continueUtf8(state, byte, state.chunkStart + i);
    } else if (byte === quote || byte === backslash) {
      break;
    } else if (byte >= 0x80) {
      startUtf8(state, byte, state.chunkStart + i);
    } else if (byte < 0x20) {
      refuseJson(state, state.chunkStart + i, "no control character in a string", describeByte(byte));
    } else if (!state.inKey && !state.highSurrogate) {
      // The bulk of every document: plain characters of a value.
      i = skipPlain(chunk, i + 1);
      continue;
    }
    if (state.highSurrogate) refuseLoneSurrogate(state, state.chunkStart + i);
    if (state.inKey) collectKeyByte(state, byte, state.chunkStart + i);
    i += 1;
  }
  return i === length ? i : endRun(state, chunk[i] ?? 0, i);
}

function skipPlain(chunk: Uint8Array, from: number): number {
  const length = chunk.length;
  let i = from;
  while (i < length) {
    const byte = chunk[i] ?? 0;
    if (byte === quote || byte === backslash || byte < 0x20 || byte >= 0x80) return i;
    i += 1;
  }
  return i;
}

/** At a quote or backslash. */
function endRun(state: ScanState, byte: number, i: number): number {
  const offset = state.chunkStart + i;
  if (byte === backslash) {
    if (state.inKey) collectKeyByte(state, byte, offset);
    state.keyIsPlain = false;
    state.mode = Mode.escape;
    return i + 1;
  }
  if (state.highSurrogate) refuseLoneSurrogate(state, offset);
  const frame = state.frames.at(-1);
  if (state.inKey && frame !== undefined) takeKey(state, frame, keyText(state), offset);
  else endValue(state, "string", offset + 1);
  return i + 1;
}

/** The byte after a backslash. */
export function scanEscape(state: ScanState, byte: number, offset: number): void {
  if (state.inKey) collectKeyByte(state, byte, offset);
  if (byte === letterU) {
    state.mode = Mode.unicodeEscape;
    state.escapeDigits = 0;
    state.escapeValue = 0;
    return;
  }
  if (state.highSurrogate) refuseLoneSurrogate(state, offset);
  if (!simpleEscapes.has(byte))
    refuseJson(state, offset, 'one of " \\ / b f n r t u after a backslash', describeByte(byte));
  state.mode = Mode.text;
}

/** A digit of a \u escape. */
export function scanUnicodeEscape(state: ScanState, byte: number, offset: number): void {
  const digit = hexDigit(byte);
  if (digit === undefined) return refuseJson(state, offset, "four hex digits after \\u", describeByte(byte));
  if (state.inKey) collectKeyByte(state, byte, offset);
  state.escapeValue = state.escapeValue * 16 + digit;
  state.escapeDigits += 1;
  if (state.escapeDigits < 4) return;
  const isHigh = state.escapeValue >= 0xd800 && state.escapeValue <= 0xdbff;
  const isLow = state.escapeValue >= 0xdc00 && state.escapeValue <= 0xdfff;
  if (state.highSurrogate !== isLow) refuseLoneSurrogate(state, offset);
  state.highSurrogate = isHigh;
  state.mode = Mode.text;
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}

/** RFC 8259 leaves its meaning open: Go replaces it, protobuf refuses it, JavaScript keeps it. */
function refuseLoneSurrogate(state: ScanState, offset: number): never {
  return refuseJson(
    state,
    offset,
    "surrogate escapes in pairs of \\ud800-\\udbff and \\udc00-\\udfff",
    "one alone",
  );
}

/** First byte of a sequence of two to four; the ranges of RFC 3629 leave out overlong forms and surrogates. */
function startUtf8(state: ScanState, byte: number, offset: number): void {
  state.keyIsPlain = false;
  state.utf8Low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
  state.utf8High = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
  if (byte >= 0xc2 && byte <= 0xdf) state.utf8Missing = 1;
  else if (byte >= 0xe0 && byte <= 0xef) state.utf8Missing = 2;
  else if (byte >= 0xf0 && byte <= 0xf4) state.utf8Missing = 3;
  else refuseJson(state, offset, "UTF-8", describeByte(byte));
}

function continueUtf8(state: ScanState, byte: number, offset: number): void {
  if (byte < state.utf8Low || byte > state.utf8High) refuseJson(state, offset, "UTF-8", describeByte(byte));
  state.utf8Missing -= 1;
  state.utf8Low = 0x80;
  state.utf8High = 0xbf;
}

function collectKeyByte(state: ScanState, byte: number, offset: number): void {
  const { keyBytes } = state.limits;
  if (state.keyLength >= keyBytes) refuseLimit(state, offset, `a key of at most ${keyBytes} bytes`, "more");
  if (state.keyLength === state.keyBytes.length)
    state.keyBytes = Buffer.concat([state.keyBytes], 2 * state.keyBytes.length);
  state.keyBytes[state.keyLength] = byte;
  state.keyLength += 1;
}

function keyText(state: ScanState): string {
  if (state.keyIsPlain) return state.keyBytes.toString("latin1", 0, state.keyLength);
  const parsed: unknown = JSON.parse(`"${state.keyBytes.toString("utf8", 0, state.keyLength)}"`);
  return String(parsed);
}
