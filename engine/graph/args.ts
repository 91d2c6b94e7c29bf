/** Reads a resolver's arguments by name and kind. GraphQL has checked them already: a mismatch is our mistake. */
import { type ObjectRef, isObjectRef } from "./types.js";

export type Args = {
  text(name: string): string;
  optionalText(name: string): string | undefined;
  texts(name: string): string[];
  flag(name: string): boolean;
  int(name: string): number;
  optionalInt(name: string): number | undefined;
  ref(name: string): ObjectRef;
  optionalRef(name: string): ObjectRef | undefined;
  refs(name: string): ObjectRef[];
};

export function readArgs(values: Readonly<Record<string, unknown>>): Args {
  const optional = <T>(name: string, is: (value: unknown) => value is T): T | undefined => {
    const value = values[name];
    if (value === undefined || value === null) return undefined;
    if (!is(value)) throw new Error(`argument ${name} has another type than the schema says`);
    return value;
  };
  const required = <T>(name: string, is: (value: unknown) => value is T): T => {
    const value = optional(name, is);
    if (value === undefined) throw new Error(`argument ${name} is missing`);
    return value;
  };
  return {
    text: (name) => required(name, isText),
    optionalText: (name) => optional(name, isText),
    texts: (name) => optional(name, listOf(isText)) ?? [],
    flag: (name) => optional(name, isFlag) ?? false,
    int: (name) => required(name, isInt),
    optionalInt: (name) => optional(name, isInt),
    ref: (name) => required(name, isObjectRef),
    optionalRef: (name) => optional(name, isObjectRef),
    refs: (name) => optional(name, listOf(isObjectRef)) ?? [],
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isInt(value: unknown): value is number {
  return Number.isInteger(value);
}

function listOf<T>(is: (value: unknown) => value is T): (value: unknown) => value is T[] {
  return (value): value is T[] => Array.isArray(value) && value.every(is);
}
