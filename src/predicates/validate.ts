import { readFile, stat } from "node:fs/promises";

import { definitionOf } from "./known.js";
import { readPredicate } from "./definition.js";

/** Predicates above this size are not held in memory. */
export const validatedBytes = 64 * 1024 * 1024;

/** What became of a predicate file: of which kind it is, and whether it was held against its specification. */
export type Validated =
  | { readonly kind: "valid"; readonly what: string }
  | { readonly kind: "too-large"; readonly what: string }
  | { readonly kind: "unknown" };

/**
 * Holds a predicate file against the specification of its type. A type that is not known is not looked at.
 * @throws AttestError PREDICATE_INVALID with everything that is wrong.
 */
export async function validatePredicateFile(predicateType: string, path: string): Promise<Validated> {
  const definition = definitionOf(predicateType);
  if (definition === undefined) return { kind: "unknown" };
  const { size } = await stat(path);
  if (size > validatedBytes) return { kind: "too-large", what: definition.what };
  readPredicate(definition, await readFile(path));
  return { kind: "valid", what: definition.what };
}
