/** JSON in pieces: a predicate of a large build is tens of megabytes, and is never one string. */
import { createHash } from "node:crypto";

import type { JsonValue } from "../../statement/types.js";

/** How deep values are taken apart; what lies deeper is small and comes in one piece. */
const splitDepth = 8;

/** Elements of longer arrays come in one piece each. */
const manyItems = 100;

/** Characters that are hashed at once: a call per element would take longer than the hashing. */
const hashedAtOnce = 65_536;

/**
 * A list whose elements are made while it is written, and again each time that it is: all of them at once would be as
 * large as the text. Typed as the JSON that it gives.
 */
export function writtenList<T>(items: readonly T[], elementOf: (item: T) => JsonValue): readonly JsonValue[] {
  const list: Written = {
    *[Symbol.iterator]() {
      for (const item of items) yield elementOf(item);
    },
    toJSON: () => items.map(elementOf),
  };
  return list as unknown as readonly JsonValue[];
}

type Written = Iterable<JsonValue> & { readonly toJSON: () => JsonValue[] };

/** The text that `JSON.stringify` gives for the value, in pieces of one array element or less. */
export function* jsonChunks(value: unknown, depth = splitDepth): Generator<string> {
  if (depth === 0 || typeof value !== "object" || value === null) {
    yield JSON.stringify(value);
  } else if (isList(value)) {
    const isLong = !Array.isArray(value) || value.length > manyItems;
    let separator = "[";
    for (const item of value) {
      if (isLong) yield separator + JSON.stringify(item ?? null);
      else {
        yield separator;
        yield* jsonChunks(item ?? null, depth - 1);
      }
      separator = ",";
    }
    yield separator === "[" ? "[]" : "]";
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

function isList(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

/** SHA-256, lower-case hex, of the value's JSON text. */
export function jsonSha256(value: unknown): string {
  const hash = createHash("sha256");
  let pending = "";
  for (const chunk of jsonChunks(value)) {
    pending += chunk;
    if (pending.length < hashedAtOnce) continue;
    hash.update(pending);
    pending = "";
  }
  return hash.update(pending).digest("hex");
}
