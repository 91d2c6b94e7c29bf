import { AttestError, type Problem } from "../error.js";
import type { JsonLimits } from "./limits.js";

/** What the scanner expects next, or is in the middle of. Numbers, since it is compared per byte. */
export const Mode = {
  value: 0,
  valueOrEnd: 1,
  keyOrEnd: 2,
  key: 3,
  colon: 4,
  commaOrEnd: 5,
  end: 6,
  text: 7,
  escape: 8,
  unicodeEscape: 9,
  number: 10,
  literal: 11,
} as const;

export type JsonKind = "object" | "array" | "string" | "number" | "boolean" | "null";

/**
 * Told about values and keys as they pass. `depth` counts the arrays and objects around a value: 0 for
 * the document itself. Offsets count bytes from the start of the text.
 */
export type JsonVisitor = {
  /** Deepest values that the visitor wants to hear of. */
  readonly depth: number;
  key?(depth: number, name: string): void;
  valueStart?(depth: number, kind: JsonKind, start: number): void;
  /** `end` is the offset behind the value's last byte. */
  valueEnd?(depth: number, kind: JsonKind, end: number): void;
};

/** An array or object that is open. */
export type Frame = {
  readonly isObject: boolean;
  readonly keys: Set<string>;
  characters: number;
  /** The key that an object's scan is at; "" between its members. */
  key: string;
  /** Position of the current item of an array. */
  index: number;
};

export type ScanState = {
  readonly visitor: JsonVisitor;
  /** What the text is called in errors. */
  readonly what: string;
  readonly limits: JsonLimits;
  readonly frames: Frame[];
  /** Repeated keys: reported together at the end. */
  readonly problems: Problem[];
  mode: number;
  /** Offset of the current chunk's first byte. */
  chunkStart: number;
  /** Whether the current string is a key, and what was collected of it; the buffer grows with the longest. */
  inKey: boolean;
  keyBytes: Buffer;
  keyLength: number;
  keyIsPlain: boolean;
  openKeys: number;
  openKeyCharacters: number;
  /** Of a UTF-8 sequence: bytes still missing, and the range that the next one has to be in. */
  utf8Missing: number;
  utf8Low: number;
  utf8High: number;
  /** Of a \u escape: digits seen and their value; whether the one before was a high surrogate. */
  escapeDigits: number;
  escapeValue: number;
  highSurrogate: boolean;
  /** Of a number: where in its grammar, and its characters. */
  numberPart: number;
  readonly numberBytes: Buffer;
  numberLength: number;
  /** Of true, false, null: the word and the characters seen. */
  literal: string;
  literalSeen: number;
};

/** Most keys are shorter; the limit's size for each of many small documents would cost more than reading them. */
const usualKeyBytes = 128;

export function createState(visitor: JsonVisitor, limits: JsonLimits, what: string): ScanState {
  return {
    visitor,
    what,
    limits,
    frames: [],
    problems: [],
    mode: Mode.value,
    chunkStart: 0,
    inKey: false,
    keyBytes: Buffer.alloc(Math.min(usualKeyBytes, limits.keyBytes)),
    keyLength: 0,
    keyIsPlain: true,
    openKeys: 0,
    openKeyCharacters: 0,
    utf8Missing: 0,
    utf8Low: 0x80,
    utf8High: 0xbf,
    escapeDigits: 0,
    escapeValue: 0,
    highSurrogate: false,
    numberPart: 0,
    numberBytes: Buffer.alloc(limits.numberCharacters),
    numberLength: 0,
    literal: "",
    literalSeen: 0,
  };
}

/** Path of the place where the scanner stands, as in `predicate.packages[3].name`. */
export function pathOf(frames: readonly Frame[]): string {
  return frames.reduce((path, frame) => {
    if (!frame.isObject) return `${path}[${frame.index}]`;
    return path === "" || frame.key === "" ? `${path}${frame.key}` : `${path}.${frame.key}`;
  }, "");
}

/** Refuses the text: what was expected at byte `offset` (counted from 0), and what stands there. */
export function refuseJson(state: ScanState, offset: number, expected: string, got: string): never {
  throw new AttestError("JSON_INVALID", `${state.what} is not JSON`, {
    problems: [{ path: pathOf(state.frames), expected: `at byte ${offset}, ${expected}`, got }],
    next: "Check that the file is complete and is one JSON document in UTF-8 (RFC 8259).",
  });
}

export function refuseLimit(state: ScanState, offset: number, expected: string, got: string): never {
  throw new AttestError("LIMIT_EXCEEDED", `${state.what} exceeds a limit of the JSON reader`, {
    problems: [{ path: pathOf(state.frames), expected: `at byte ${offset}, ${expected}`, got }],
    next: "Make the document smaller or flatter, or split it.",
  });
}

/** A byte as a reader knows it, as in `"}"` or `byte 0xff`. */
export function describeByte(byte: number): string {
  return byte > 0x20 && byte < 0x7f
    ? `"${String.fromCharCode(byte)}"`
    : `byte 0x${byte.toString(16).padStart(2, "0")}`;
}
