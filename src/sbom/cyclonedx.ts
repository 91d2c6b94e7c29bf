import { createHash } from "node:crypto";

import type { Problem } from "../error.js";
import { describeValue, isObject } from "../statement/json-value.js";
import { dottedPath } from "./path.js";
import type { SbomDocument } from "./types.js";

const supportedVersions = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"] as const;

/**
 * What is wrong with a CycloneDX document by the strict schema of the version that it names itself
 * (the library does not compare it with its validator's). https://cyclonedx.org/docs/1.6/json/
 */
export async function cycloneProblems(document: SbomDocument): Promise<Problem[]> {
  const { Spec, Validation } = await import("@cyclonedx/cyclonedx-library");
  const supported = supportedVersions.find((known) => known === document["specVersion"]);
  const version = Object.values(Spec.Version).find((known) => known === supported);
  if (version === undefined) {
    const expected = `one of ${supportedVersions.join(", ")}`;
    return [{ path: "specVersion", expected, got: describeValue(document["specVersion"]) }];
  }
  const validator = new Validation.JsonStrictValidator(version);
  const problems: Problem[] = [];
  for (const { part, key, offset } of parts(document)) {
    const errors: unknown = await validator.validate(JSON.stringify(part));
    if (errors !== null) problems.push(...[errors].flat().map((error) => problemOf(error, key, offset)));
  }
  return [...problems, ...longLists.flatMap((key) => repeated(document, key))];
}

/**
 * The schema asks that components, and dependencies, be unique, which the validator checks pair by
 * pair: minutes for the SBOM of a large image. So long lists are validated in parts, each as a
 * document of its own, and uniqueness by digest.
 */
const longLists = ["components", "dependencies"] as const;
const partLength = 100;

type Part = { readonly part: SbomDocument; readonly key: string; readonly offset: number };

function* parts(document: SbomDocument): Generator<Part> {
  const long = longLists.filter((key) => Array.isArray(document[key]));
  yield { part: { ...document, ...Object.fromEntries(long.map((key) => [key, []])) }, key: "", offset: 0 };
  const { bomFormat, specVersion } = document;
  for (const key of long) {
    const values = arrayIn(document, key);
    for (let offset = 0; offset < values.length; offset += partLength) {
      const part = { bomFormat, specVersion, version: 1, [key]: values.slice(offset, offset + partLength) };
      yield { part, key, offset };
    }
  }
}

function repeated(document: SbomDocument, key: string): Problem[] {
  const seen = new Map<string, number>();
  return arrayIn(document, key).flatMap((value, index) => {
    const digest = createHash("sha256").update(JSON.stringify(value)).digest("base64");
    const first = seen.get(digest);
    if (first === undefined) {
      seen.set(digest, index);
      return [];
    }
    return [{ path: `${key}[${index}]`, expected: "no item twice", got: `the same as ${key}[${first}]` }];
  });
}

function arrayIn(document: SbomDocument, key: string): readonly unknown[] {
  const value = document[key];
  return Array.isArray(value) ? value : [];
}

/** The library hands its validator's errors through untyped. */
function problemOf(error: unknown, key: string, offset: number): Problem {
  const expected = "what the schema says";
  if (!isObject(error)) return { path: "", expected, got: describeValue(error) };
  const { instancePath, message, params } = error;
  const path = typeof instancePath === "string" ? dottedPath(instancePath) : "";
  return {
    path: path.replace(/^(\w+)\[(\d+)\]/, (found, list, index) =>
      list === key ? `${key}[${Number(index) + offset}]` : found,
    ),
    expected: typeof message === "string" ? message.replace(/^must /, "") : expected,
    got: params === undefined ? "something else" : `otherwise: ${JSON.stringify(params)}`,
  };
}
