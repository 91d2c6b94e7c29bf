/** Edits of JSON values that copy what changes and share the rest, so that large SBOMs stay in memory once. */
import { isObject } from "../statement/json-value.js";

type Json = Readonly<Record<string, unknown>>;

/** The object with the given functions applied to those of its properties that it has; order is kept. */
export function update(object: Json, changes: Readonly<Record<string, (value: unknown) => unknown>>): Json {
  const changed = Object.entries(changes).filter(([key]) => object[key] !== undefined);
  return { ...object, ...Object.fromEntries(changed.map(([key, change]) => [key, change(object[key])])) };
}

/** An array with its objects mapped; anything else as it is. */
export function mapObjects(value: unknown, map: (object: Json) => unknown): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => (isObject(item) ? map(item) : item)) : value;
}

/** The objects in an array; none where it is no array. */
export function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The strings in an array; none where it is no array. */
export function stringsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The value with every string in it, keys excepted, mapped. */
export function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) {
    const mapped = value.map((item) => mapStrings(item, map));
    return mapped.some((item, index) => item !== value[index]) ? mapped : value;
  }
  if (!isObject(value)) return value;
  const mapped = Object.entries(value).map(([key, item]) => [key, mapStrings(item, map)] as const);
  return mapped.some(([key, item]) => item !== value[key]) ? Object.fromEntries(mapped) : value;
}

/** Comparison by code units, the same everywhere. */
export function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

/** Adds a value to the list at a key. */
export function push(map: Map<string, string[]>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
