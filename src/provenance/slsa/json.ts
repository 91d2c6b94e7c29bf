/** JSON in pieces: a predicate of a large build is tens of megabytes, and is never one string. */
import { createHash } from "node:crypto";

import type { JsonValue } from "../../statement/types.js";

/** How deep values are taken apart; what lies deeper is small and comes in one piece. */
const splitDepth = 8;

/** Elements of longer arrays are not taken apart. */
const manyItems = 100;

/** Characters of a piece of many elements: to hand on each by itself would take longer than to make its text. */
const pieceLength = 65_536;

/**
 * A list whose elements are made while it is written, and again each time that it is: all of them at once would be as
 * large as the text. Typed as the JSON that it gives.
 */
export function writtenList<T>(
  items: readonly T[],
  elementOf: (item: T, place: number) => JsonValue,
): readonly JsonValue[] {
  const list: Written = {
    *[Symbol.iterator]() {
      for (const [place, item] of items.entries()) yield elementOf(item, place);
    },
    toJSON: () => items.map(elementOf),
  };
  return list as unknown as readonly JsonValue[];
}

type Written = Iterable<JsonValue> & { readonly toJSON: () => JsonValue[] };

/** The text that `JSON.stringify` gives for the value, in pieces. */
export function* jsonChunks(value: unknown, depth = splitDepth): Generator<string> {
  if (depth === 0 || typeof value !== "object" || value === null) {
    yield JSON.stringify(value);
  } else if (hashed in value && !(value[hashed] as Hashing).isUnderWay) {
    yield* hashedChunks(value, depth, value[hashed] as Hashing);
  } else if (isList(value)) {
    if (!Array.isArray(value) || value.length > manyItems) yield* longListChunks(value);
    else {
      let separator = "[";
      for (const item of value) {
        yield separator;
        yield* jsonChunks(item ?? null, depth - 1);
        separator = ",";
      }
      yield separator === "[" ? "[]" : "]";
    }
  } else {
    let separator = "{";
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      yield `${separator}${JSON.stringify(name)}:`;
      yield* jsonChunks(member, depth - 1);
      separator = ",";
    }
    yield separator === "{" ? "{}" : "}";
  }
}

function* longListChunks(items: Iterable<unknown>): Generator<string> {
  let piece = "";
  let separator = "[";
  for (const item of items) {
    piece += separator + JSON.stringify(item ?? null);
    separator = ",";
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  yield separator === "[" ? "[]" : `${piece}]`;
}

function isList(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

/** Marks a value whose text is hashed while it is written. */
const hashed = Symbol("hashed");

type Hashing = { isUnderWay: boolean; sha256?: string };

/**
 * SHA-256, lower-case hex, of the value's JSON text, known at once when it is asked after the value was written: a large
 * value is made into text only once so.
 */
export function sha256WhenWritten(value: object): () => string {
  const hashing: Hashing = { isUnderWay: false };
  Object.defineProperty(value, hashed, { value: hashing });
  return () => {
    if (hashing.sha256 === undefined) for (const _chunk of jsonChunks(value));
    return hashing.sha256 ?? "";
  };
}

function* hashedChunks(value: object, depth: number, hashing: Hashing): Generator<string> {
  const hash = createHash("sha256");
  let pending = "";
  hashing.isUnderWay = true;
  try {
    for (const chunk of jsonChunks(value, depth)) {
      pending += chunk;
      if (pending.length >= pieceLength) {
        hash.update(pending);
        pending = "";
      }
      yield chunk;
    }
  } finally {
    hashing.isUnderWay = false;
  }
  hashing.sha256 = hash.update(pending).digest("hex");
}
