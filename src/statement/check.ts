/**
 * The rules of the in-toto Statement, checked on a header that came from anywhere.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and, for v0.1,
 * https://github.com/in-toto/attestation/blob/main/spec/v0.1.0/README.md
 */
import { AttestError, type Problem } from "../error.js";
import { describeValue, isObject } from "./json-value.js";
import { checkSubject } from "./descriptor.js";
import { statementLimits, type StatementLimits } from "./limits.js";
import { statementTypeV01, statementTypeV1, type StatementHeader } from "./types.js";
import { checkUri } from "./uri.js";

/** The parts of a header before anything is known about them. */
export type UncheckedHeader = {
  readonly type: unknown;
  readonly subjects: unknown;
  readonly predicateType: unknown;
};

/**
 * Every rule of the specification that the header breaks, in the order of the fields; empty when it
 * breaks none. Paths are those of the JSON document (`subject[1].digest.sha256`).
 */
export function checkHeader(header: UncheckedHeader, limits: StatementLimits = statementLimits): Problem[] {
  return [
    ...checkType(header.type),
    ...checkSubjects(header.subjects, header.type === statementTypeV01, limits),
    ...checkUri(header.predicateType, "predicateType"),
  ];
}

/**
 * Narrows a header of unknown origin to one that follows the specification.
 * @throws AttestError STATEMENT_INVALID with every problem that {@link checkHeader} finds, and with those
 * that the caller found elsewhere in the statement.
 */
export function assertHeader<T extends UncheckedHeader>(
  header: T,
  limits: StatementLimits = statementLimits,
  foundElsewhere: readonly Problem[] = [],
): asserts header is T & StatementHeader {
  const problems = [...checkHeader(header, limits), ...foundElsewhere];
  if (problems.length === 0) return;
  throw new AttestError("STATEMENT_INVALID", "the statement breaks the in-toto specification", {
    problems,
    next: "Correct what is listed; the rules are at https://github.com/in-toto/attestation/tree/main/spec/v1.",
  });
}

/**
 * What the specification only advises against (SHOULD): names and URIs that occur twice in a
 * Statement v1. One sentence each.
 */
export function headerWarnings(header: StatementHeader): string[] {
  if (header.type !== statementTypeV1) return [];
  return (["name", "uri"] as const).flatMap((field) => {
    const values = header.subjects.map((subject) => subject[field]);
    return repeated(values.map((value) => (value === nameWithoutMeaning ? undefined : value))).map(
      ({ index, first, value }) =>
        `subject[${index}].${field} repeats ${JSON.stringify(value)} of subject[${first}]`,
    );
  });
}

/** The specification's word for it; it may occur as often as needed. */
const nameWithoutMeaning = "_";

function checkType(type: unknown): Problem[] {
  if (type === statementTypeV1 || type === statementTypeV01) return [];
  return [{ path: "_type", expected: `${statementTypeV1} or ${statementTypeV01}`, got: describeValue(type) }];
}

function checkSubjects(subjects: unknown, isV01: boolean, limits: StatementLimits): Problem[] {
  const path = "subject";
  if (!Array.isArray(subjects))
    return [{ path, expected: "an array of subjects", got: describeValue(subjects) }];
  if (subjects.length === 0) return [{ path, expected: "at least one subject", got: "none" }];
  if (subjects.length > limits.subjects) {
    return [{ path, expected: `at most ${limits.subjects} subjects`, got: `${subjects.length}` }];
  }
  const items: readonly unknown[] = subjects;
  const problems = items.flatMap((subject, index) => checkSubject(subject, `subject[${index}]`, limits));
  return isV01 ? [...problems, ...checkNamesOfV01(items)] : problems;
}

/** v0.1 only: `name` MUST be non-empty and unique within `subject`. */
function checkNamesOfV01(subjects: readonly unknown[]): Problem[] {
  const rule = "(Statement v0.1 requires it)";
  const names = subjects.map(nameOf);
  const missing = names.flatMap((name, index) =>
    name === undefined || name === ""
      ? [{ path: `subject[${index}].name`, expected: `a name ${rule}`, got: describeValue(name) }]
      : [],
  );
  const twice = repeated(names).map(({ index, first, value }) => ({
    path: `subject[${index}].name`,
    expected: `a unique name ${rule}`,
    got: `${describeValue(value)} of subject[${first}] again`,
  }));
  return [...missing, ...twice];
}

function nameOf(subject: unknown): string | undefined {
  return isObject(subject) && typeof subject["name"] === "string" ? subject["name"] : undefined;
}

type Repeated = { readonly index: number; readonly first: number; readonly value: string };

/** The values that occurred before, with the place of the first. */
function repeated(values: readonly (string | undefined)[]): Repeated[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    if (value === undefined || value === "") return [];
    const first = seen.get(value);
    if (first !== undefined) return [{ index, first, value }];
    seen.set(value, index);
    return [];
  });
}
