/** JSON in pieces: a predicate of a large build is tens of megabytes, and is never one string. */
import { createHash } from "node:crypto";

/** How deep values are taken apart; what lies deeper is small and comes in one piece. */
const splitDepth = 8;

/** Elements of longer arrays come in one piece each. */
const manyItems = 100;

/** Characters that are hashed at once: a call per element would take longer than the hashing. */
const hashedAtOnce = 65_536;

/** The text that `JSON.stringify` gives for the value, in pieces of one array element or less. */
export function* jsonChunks(value: unknown, depth = splitDepth): Generator<string> {
  if (depth === 0 || typeof value !== "object" || value === null) {
    yield JSON.stringify(value);
  } else if (Array.isArray(value)) {
    let separator = "[";
    for (const item of value) {
      if (value.length > manyItems) yield separator + JSON.stringify(item ?? null);
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
