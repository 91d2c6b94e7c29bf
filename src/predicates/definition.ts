import type { Problem } from "../error.js";
import { parseJson } from "../json/parse.js";
import { assertShape, type Shape } from "./shape.js";

/** What is known of a predicate type: its URI, its specification and its shape. */
export type PredicateDefinition<T> = {
  /** `predicateType` of the statement. */
  readonly predicateType: string;
  /** In a few words with an article, as in `a test result`. */
  readonly what: string;
  /** URL of the specification. */
  readonly specification: string;
  readonly shape: Shape<T>;
};

/** Everything that is wrong with a predicate, with paths inside the predicate; empty when nothing is. */
export function predicateProblems<T>(definition: PredicateDefinition<T>, predicate: unknown): Problem[] {
  return definition.shape.check(predicate, "");
}

/**
 * Reads a predicate: JSON in UTF-8. Fields that the specification does not name are kept.
 * @throws AttestError PREDICATE_INVALID with every problem, JSON_INVALID when it is no JSON or is ambiguous
 * (a repeated key), LIMIT_EXCEEDED when it is nested too deep.
 */
export function readPredicate<T>(definition: PredicateDefinition<T>, bytes: Uint8Array): T {
  const predicate = parseJson(bytes, { what: definition.what });
  assertPredicate(definition, predicate);
  return predicate;
}

/**
 * Writes a predicate as JSON. The same value gives the same bytes.
 * @throws AttestError PREDICATE_INVALID with every problem.
 */
export function writePredicate<T>(definition: PredicateDefinition<T>, predicate: T): Uint8Array {
  assertPredicate(definition, predicate);
  return Buffer.from(`${JSON.stringify(predicate, null, 2)}\n`);
}

/**
 * Checks a predicate that was parsed already.
 * @throws AttestError PREDICATE_INVALID with every problem.
 */
export function assertPredicate<T>(
  definition: PredicateDefinition<T>,
  predicate: unknown,
): asserts predicate is T {
  assertShape(predicate, definition.shape, {
    code: "PREDICATE_INVALID",
    summary: `this is not ${definition.what} (${definition.predicateType})`,
    next: `Compare it with ${definition.specification}`,
  });
}
