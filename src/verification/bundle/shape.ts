import type { Problem } from "../../error.js";
import { describeValue, isObject } from "../../statement/json-value.js";
import { foldedAliases } from "../../statement/folding.js";
import { decodeBase64 } from "../../signing/base64.js";

/**
 * What a JSON value has to look like, as data. Null stands for an unset field, as in the JSON of protobuf.
 * https://protobuf.dev/programming-guides/json/
 */
export type Shape =
  | { readonly kind: "string" }
  | { readonly kind: "bytes" }
  /** int64: a decimal string, or a number. */
  | { readonly kind: "integer" }
  | { readonly kind: "list"; readonly of: Shape; readonly most: number }
  | ObjectShape;

export type ObjectShape = {
  readonly kind: "object";
  readonly fields: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
  /** Whether fields that are not listed are ignored (DSSE) or refused (protobuf). */
  readonly open?: boolean;
};

export const string: Shape = { kind: "string" };
export const bytes: Shape = { kind: "bytes" };
export const integer: Shape = { kind: "integer" };

export function list(of: Shape, most: number): Shape {
  return { kind: "list", of, most };
}

export function object(
  fields: Readonly<Record<string, Shape>>,
  required: readonly string[] = [],
): ObjectShape {
  return { kind: "object", fields, required };
}

/** Everything in which the value differs from the shape. */
export function checkShape(value: unknown, shape: Shape, path: string): Problem[] {
  switch (shape.kind) {
    case "string":
      return typeof value === "string" ? [] : [problem(path, "a string", value)];
    case "bytes":
      return checkBytes(value, path);
    case "integer":
      return isInteger(value) ? [] : [problem(path, "a whole number that is not negative", value)];
    case "list":
      return checkList(value, shape, path);
    case "object":
      return checkObject(value, shape, path);
  }
}

function checkBytes(value: unknown, path: string): Problem[] {
  if (typeof value !== "string") return [problem(path, "base64", value)];
  return decodeBase64(value) === undefined ? [problem(path, "base64", value)] : [];
}

function isInteger(value: unknown): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0;
  return typeof value === "string" && /^(0|[1-9][0-9]{0,18})$/.test(value);
}

function checkList(value: unknown, shape: Shape & { kind: "list" }, path: string): Problem[] {
  if (!Array.isArray(value)) return [problem(path, "an array", value)];
  if (value.length > shape.most)
    return [{ path, expected: `at most ${shape.most} items`, got: `${value.length}` }];
  return value.flatMap((item, index) => checkShape(item, shape.of, `${path}[${index}]`));
}

function checkObject(value: unknown, shape: ObjectShape, path: string): Problem[] {
  if (!isObject(value)) return [problem(path, "an object", value)];
  const names = Object.keys(shape.fields);
  const problems = foldedAliases(Object.keys(value), names, path);
  if (shape.open !== true) problems.push(...checkUnknown(value, names, path));
  for (const name of shape.required)
    if (value[name] === undefined || value[name] === null)
      problems.push(problem(join(path, name), "a value", value[name]));
  for (const [name, field] of Object.entries(shape.fields)) {
    const item = value[name];
    if (item !== undefined && item !== null) problems.push(...checkShape(item, field, join(path, name)));
  }
  return problems;
}

function checkUnknown(
  value: Readonly<Record<string, unknown>>,
  names: readonly string[],
  path: string,
): Problem[] {
  return Object.keys(value)
    .filter((key) => !names.includes(key))
    .map((key) => ({
      path: join(path, key),
      expected: `only ${names.join(", ")}`,
      got: "a field of this name",
    }));
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function problem(path: string, expected: string, value: unknown): Problem {
  return { path, expected, got: describeValue(value) };
}
