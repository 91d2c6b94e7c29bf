/** From the text of a flag to the value that a query takes. */
import type { ArgumentType, TypeReference } from "../engine/module/types.js";
import type { Catalog } from "./catalog.js";
import { didYouMean } from "./suggest.js";

/** A value in a query. An `address` (`alpine:3.22`, `.`, `env:TOKEN`) is still to be resolved to an id. */
export type Value =
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | { readonly kind: "enum"; readonly name: string }
  | { readonly kind: "address"; readonly type: string; readonly address: string }
  | { readonly kind: "list"; readonly values: readonly Value[] };

/** Thrown with a message that says what was expected; the caller adds the flag's name. */
export class ValueError extends Error {}

/** Reads all that was given for one argument: one text, or for a list one or more with commas between. */
export function readValue(catalog: Catalog, argument: ArgumentType, texts: readonly string[]): Value {
  const { type } = argument;
  if (type.kind === "list") {
    const values = texts.flatMap(splitList).map((text) => readOne(catalog, type.of, text));
    return { kind: "list", values };
  }
  const last = texts.at(-1);
  if (last === undefined) throw new ValueError("a value is missing");
  return readOne(catalog, type, last);
}

function readOne(catalog: Catalog, type: TypeReference, text: string): Value {
  switch (type.kind) {
    case "string":
    case "scalar":
      return { kind: "literal", value: text };
    case "integer":
      return { kind: "literal", value: readNumber(text, /^[+-]?\d+$/, "a whole number") };
    case "float":
      return {
        kind: "literal",
        value: readNumber(text, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, "a number"),
      };
    case "boolean":
      return { kind: "literal", value: readBoolean(text) };
    case "enum":
      return { kind: "enum", name: readMember(catalog, type.name, text) };
    case "object":
      if (text === "") throw new ValueError(`${type.name} expected, got an empty text`);
      return { kind: "address", type: type.name, address: text };
    case "list":
    case "interface":
    case "void":
      throw new ValueError("this type can't be given on a command line");
  }
}

function readNumber(text: string, form: RegExp, expected: string): number {
  const value = Number(text);
  if (!form.test(text) || !Number.isFinite(value))
    throw new ValueError(`${expected} expected, got "${text}"`);
  return value;
}

function readBoolean(text: string): boolean {
  if (["true", "t", "1"].includes(text.toLowerCase())) return true;
  if (["false", "f", "0"].includes(text.toLowerCase())) return false;
  throw new ValueError(`true or false expected, got "${text}"`);
}

function readMember(catalog: Catalog, enumName: string, text: string): string {
  const names = (catalog.enums.get(enumName)?.members ?? []).map((member) => member.name);
  const found = names.find((name) => name.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw new ValueError(`one of ${names.join(", ")} expected, got "${text}".${didYouMean(text, names)}`);
}

/** `a,b` → two values; `"a,b"` in double quotes is one, a double quote inside is doubled (RFC 4180). */
export function splitList(text: string): string[] {
  if (text === "") return [];
  const values: string[] = [];
  const item = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy;
  for (let match = item.exec(text); match !== null; match = item.exec(text)) {
    values.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return values;
  }
  throw new ValueError(`values with commas between expected, got ${text}`);
}
