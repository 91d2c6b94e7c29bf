import { AttestError, type Problem } from "../error.js";
import { describeValue, isObject } from "../statement/json-value.js";

type Fields = Readonly<Record<string, unknown>>;

/** Reads a report's fields leniently, and notes what can't be done without. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
}

/** A text that is not empty. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = member(value, ...path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** The items of a list of objects; a missing or null list is empty, anything else is a problem. */
export function objectsAt(value: Fields, name: string, path: string, problems: Problem[]): Fields[] {
  const found = value[name] ?? [];
  if (!Array.isArray(found)) {
    problems.push({ path: `${path}${name}`, expected: "an array", got: describeValue(found) });
    return [];
  }
  return found.filter((item: unknown, at): item is Fields => {
    if (isObject(item)) return true;
    problems.push({ path: `${path}${name}[${at}]`, expected: "an object", got: describeValue(item) });
    return false;
  });
}

/** An id that has to be there: a finding without one would be lost to everybody who reads the predicate. */
export function idAt(value: Fields, name: string, path: string, problems: Problem[]): string {
  const id = textAt(value, name);
  if (id === undefined)
    problems.push({ path: `${path}.${name}`, expected: "an id", got: describeValue(value[name]) });
  return id ?? "";
}

/** Only the fields that are there, since an optional field must not be undefined. */
export function present<T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}

/** Nothing, or the error with all problems. */
export function assertReport(problems: readonly Problem[], name: string, scanner: string): void {
  if (problems.length === 0) return;
  throw new AttestError("REPORT_INVALID", `${name} is no whole report of ${scanner}`, {
    problems,
    next: "Hand in the report as the scanner wrote it.",
  });
}
