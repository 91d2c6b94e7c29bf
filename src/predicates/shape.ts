/**
 * Shapes of JSON: each checks a value and is the source of its type. Only what a specification demands
 * is checked; fields that it does not name pass and are kept, as in-toto's parsing rules want it
 * (https://github.com/in-toto/attestation/blob/main/spec/v1/README.md#parsing-rules).
 */
import { AttestError, type AttestErrorCode, type Problem } from "../error.js";
import { checkDescriptor } from "../statement/descriptor.js";
import { foldedAliases } from "../statement/folding.js";
import { describeValue, isObject } from "../statement/json-value.js";
import { statementLimits } from "../statement/limits.js";
import type { JsonValue, ResourceDescriptor } from "../statement/types.js";
import { checkUri } from "../statement/uri.js";

export type Shape<T> = {
  /** Everything that is wrong with a value found at `path`. */
  readonly check: (value: unknown, path: string) => Problem[];
  /** Carries the type alone; never set. */
  readonly type?: T;
};

/** A field that may be missing. */
export type OptionalShape<T> = Shape<T> & { readonly optional: true };

/** The type of the values that a shape accepts. */
export type TypeOf<S> = S extends Shape<infer T> ? T : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Optional = { readonly optional: true };

export type ObjectOf<F extends Fields> = {
  readonly [Name in keyof F as F[Name] extends Optional ? never : Name]: TypeOf<F[Name]>;
} & {
  readonly [Name in keyof F as F[Name] extends Optional ? Name : never]?: TypeOf<F[Name]>;
};

/**
 * Checks a value against a shape.
 * @throws AttestError of the given code with every problem.
 */
export function assertShape<T>(
  value: unknown,
  shape: Shape<T>,
  failure: { readonly code: AttestErrorCode; readonly summary: string; readonly next: string },
): asserts value is T {
  const problems = shape.check(value, "");
  if (problems.length > 0)
    throw new AttestError(failure.code, failure.summary, { problems, next: failure.next });
}

/** A shape out of a test of the value: what was expected, unless the test holds. */
function expecting<T>(expected: string, holds: (value: unknown) => boolean): Shape<T> {
  return {
    check: (value, path) => (holds(value) ? [] : [{ path, expected, got: describeValue(value) }]),
  };
}

/** Any string, the empty one too. */
export const anyText: Shape<string> = expecting("a string", (value) => typeof value === "string");

/** A string that is not empty. */
export const text: Shape<string> = expecting(
  "a text that is not empty",
  (value) => typeof value === "string" && value !== "",
);

export const boolean: Shape<boolean> = expecting("true or false", (value) => typeof value === "boolean");

export const number: Shape<number> = expecting("a number", (value) => typeof value === "number");

export const anyValue: Shape<JsonValue> = expecting("a value", (value) => value !== undefined);

export const anyObject: Shape<Readonly<Record<string, JsonValue>>> = expecting("an object", isObject);

/** A whole number that is not below `least`. */
export function integer(least: number): Shape<number> {
  return expecting(
    `a whole number from ${least}`,
    (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= least,
  );
}

/** An absolute URI, scheme and authority in lower case (in-toto's ResourceURI and TypeURI). */
export const uri: Shape<string> = { check: checkUri };

/** A ResourceDescriptor of in-toto with one of `uri`, `digest` and `content`. */
export const descriptor: Shape<ResourceDescriptor> = {
  check: (value, path) => checkDescriptor(value, path, statementLimits),
};

const dateTimePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function isDateTime(value: unknown): value is string {
  return typeof value === "string" && dateTimePattern.test(value) && !Number.isNaN(Date.parse(value));
}

/** A time with any offset (RFC 3339). */
export const dateTime: Shape<string> = expecting("a time as in 2026-11-24T00:00:00Z (RFC 3339)", isDateTime);

/** A time in UTC, as in-toto's Timestamp wants it: RFC 3339 that ends with Z. */
export const timestamp: Shape<string> = expecting(
  "a time in UTC as in 2026-11-24T00:00:00Z",
  (value) => isDateTime(value) && value.endsWith("Z"),
);

/** One of several words. */
export function oneOf<const Words extends readonly string[]>(...words: Words): Shape<Words[number]> {
  return expecting(words.join(" or "), (value) => words.some((word) => word === value));
}

/** A list of one shape with at least so many items. */
export function list<T>(item: Shape<T>, least = 0): Shape<readonly T[]> {
  return {
    check: (value, path) => {
      if (!Array.isArray(value)) return [{ path, expected: "an array", got: describeValue(value) }];
      const few = {
        path,
        expected: `at least ${least} ${least === 1 ? "item" : "items"}`,
        got: `${value.length}`,
      };
      return [
        ...(value.length < least ? [few] : []),
        ...value.flatMap((found: unknown, at) => item.check(found, `${path}[${at}]`)),
      ];
    },
  };
}

/** An object whose values are all of one shape, whatever their names. */
export function dictionary<T>(entry: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    check: (value, path) =>
      isObject(value)
        ? Object.entries(value).flatMap(([name, found]) => entry.check(found, below(path, name)))
        : [{ path, expected: "an object", got: describeValue(value) }],
  };
}

/** An object with the named fields. A name that only differs in case from one of them is a problem. */
export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const names = Object.keys(fields);
  return {
    check: (value, path) => {
      if (!isObject(value)) return [{ path, expected: "an object", got: describeValue(value) }];
      return [
        ...foldedAliases(Object.keys(value), names, path),
        ...Object.entries(fields).flatMap(([name, field]) => {
          const found = Object.hasOwn(value, name) ? value[name] : undefined;
          return found === undefined && "optional" in field ? [] : field.check(found, below(path, name));
        }),
      ];
    },
  };
}

/** One of two shapes; where neither fits, what is wrong is told of the one whose kind the value has. */
export function eitherOf<A, B>(expected: string, first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return {
    check: (value, path) => {
      const problems = first.check(value, path);
      if (problems.length === 0) return [];
      const others = second.check(value, path);
      if (others.length === 0) return [];
      const inside = [problems, others].find((found) => found.every((problem) => problem.path !== path));
      return inside ?? [{ path, expected, got: describeValue(value) }];
    },
  };
}

/** An object of one shape, or the empty one, where a specification says that it means the same as unset. */
export function emptyOr<T>(shape: Shape<T>): Shape<T> {
  return {
    check: (value, path) =>
      isObject(value) && Object.keys(value).length === 0 ? [] : shape.check(value, path),
  };
}

/** A field that may be missing. */
export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { ...shape, optional: true };
}

/** A field that may be missing or null, where a specification says that both mean the same. */
export function unset<T>(shape: Shape<T>): OptionalShape<T | null> {
  return { optional: true, check: (value, path) => (value === null ? [] : shape.check(value, path)) };
}

/** A shape with a rule on top, asked once the shape holds. */
export function withRule<T>(shape: Shape<T>, rule: (value: T, path: string) => Problem[]): Shape<T> {
  const fits = (_value: unknown, problems: readonly Problem[]): _value is T => problems.length === 0;
  return {
    check: (value, path) => {
      const problems = shape.check(value, path);
      return fits(value, problems) ? rule(value, path) : problems;
    },
  };
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
