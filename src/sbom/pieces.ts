import type { SbomDocument } from "./types.js";

/**
 * A document as compact JSON, piece by piece: one per element of its top-level arrays. A large SBOM
 * is hashed and written without ever being one string. Joined, the pieces are `JSON.stringify`'s text.
 */
export function* jsonPieces(document: SbomDocument): Generator<string> {
  let separator = "{";
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined) continue;
    yield `${separator}${JSON.stringify(key)}:`;
    if (Array.isArray(value)) yield* arrayPieces(value);
    else yield JSON.stringify(value);
    separator = ",";
  }
  yield separator === "{" ? "{}" : "}";
}

function* arrayPieces(values: readonly unknown[]): Generator<string> {
  let separator = "[";
  for (const value of values) {
    yield `${separator}${JSON.stringify(value) ?? "null"}`;
    separator = ",";
  }
  yield separator === "[" ? "[]" : "]";
}
