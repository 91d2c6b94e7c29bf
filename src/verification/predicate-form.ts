import type { Problem } from "../error.js";
import { describeValue, isObject } from "../statement/json-value.js";

type Kind = "text" | "object" | "object-if-set" | "list";
type Form = Readonly<Record<string, Kind | readonly string[]>>;

/**
 * The fields without which a predicate of a known type means nothing, each with what has to stand there: a
 * kind of value, or one of several words. Dots lead inwards.
 */
const forms: Readonly<Record<string, Form>> = {
  // https://slsa.dev/spec/v1.2/build-provenance
  "https://slsa.dev/provenance/v1": {
    "buildDefinition.buildType": "text",
    // Unset, null and empty mean the same in this predicate.
    "buildDefinition.externalParameters": "object-if-set",
    "runDetails.builder.id": "text",
  },
  // https://slsa.dev/spec/v0.2/provenance
  "https://slsa.dev/provenance/v0.2": { "builder.id": "text", buildType: "text" },
  // https://slsa.dev/spec/v1.2/verification_summary
  "https://slsa.dev/verification_summary/v1": {
    "verifier.id": "text",
    resourceUri: "text",
    "policy.uri": "text",
    verificationResult: ["PASSED", "FAILED"],
    verifiedLevels: "list",
  },
  // https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
  "https://in-toto.io/attestation/test-result/v0.1": {
    result: ["PASSED", "WARNED", "FAILED"],
    configuration: "list",
  },
  // https://cyclonedx.org/docs/1.6/json/
  "https://cyclonedx.org/bom": { bomFormat: ["CycloneDX"], specVersion: "text" },
};

/** Everything that a predicate of a known type lacks; nothing for a type that is not known. */
export function checkPredicateForm(predicateType: string, predicate: unknown): Problem[] {
  const form = Object.hasOwn(forms, predicateType) ? forms[predicateType] : undefined;
  if (form === undefined || predicate === undefined) return [];
  return Object.entries(form).flatMap(([path, wanted]) => {
    const value = at(predicate, path.split("."));
    return fits(value, wanted)
      ? []
      : [{ path: `predicate.${path}`, expected: describeWanted(wanted), got: describeValue(value) }];
  });
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
}

function fits(value: unknown, wanted: Kind | readonly string[]): boolean {
  switch (wanted) {
    case "text":
      return typeof value === "string" && value !== "";
    case "object":
      return isObject(value);
    case "object-if-set":
      return value === undefined || value === null || isObject(value);
    case "list":
      return Array.isArray(value);
    default:
      return wanted.some((word) => word === value);
  }
}

function describeWanted(wanted: Kind | readonly string[]): string {
  if (typeof wanted !== "string") return wanted.join(" or ");
  return {
    text: "a text that is not empty",
    object: "an object",
    "object-if-set": "an object",
    list: "an array",
  }[wanted];
}
