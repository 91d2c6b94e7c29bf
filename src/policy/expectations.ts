import { AttestError, type Problem } from "../error.js";
import { compileText } from "../verification/identity.js";
import type { Conditions, Policy, Rule, Severity } from "./types.js";

/** What a caller expects without writing a policy: what is given has to hold. */
export type Expectations = {
  /** `runDetails.builder.id` of SLSA provenance, exactly. */
  readonly builderId?: string;
  readonly buildType?: string;
  /** What the build was started on, exactly. */
  readonly sourceUri?: string;
  readonly sourceRef?: string;
  /** Each of these predicate types has to be there. */
  readonly requiredTypes?: readonly string[];
  /** Only what was signed within so many days counts. */
  readonly maxAgeDays?: number;
  /** No scan may show a finding of this severity or above that no VEX statement answers. */
  readonly noFindingsFrom?: Severity;
};

const provenanceTypes = ["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"];
const scanTypes = [
  "https://in-toto.io/attestation/vulns/v0.2",
  "https://in-toto.io/attestation/vulns/v0.1",
  "https://in-toto.io/attestation/vulns",
  "https://cosign.sigstore.dev/attestation/vuln/v1",
];

/** What reports call rules that came from no file. */
const argumentsId = "the arguments";

/**
 * One policy of a policy file and of what is expected besides. The expectations on provenance are one rule:
 * one and the same attestation has to meet them all.
 *
 * @returns undefined when nothing is expected
 * @throws AttestError ARGUMENT_INVALID
 */
export function expectedPolicy(expectations: Expectations, file?: Policy): Policy | undefined {
  checkExpectations(expectations);
  const names = new Set(file?.rules.map(({ name }) => name));
  const rules = rulesOf(expectations).map((rule) =>
    names.has(rule.name) ? { ...rule, name: `${rule.name} (argument)` } : rule,
  );
  if (rules.length === 0) return file;
  return {
    id: file === undefined ? argumentsId : `${file.id} and the arguments`,
    rules: [...(file?.rules ?? []), ...rules],
  };
}

function rulesOf(expectations: Expectations): Rule[] {
  const { requiredTypes = [], maxAgeDays, noFindingsFrom } = expectations;
  const provenance = provenanceConditions(expectations);
  const age: Conditions = maxAgeDays === undefined ? {} : { maxAgeDays };
  const rules: Rule[] = [
    ...(provenance === undefined
      ? []
      : [
          {
            name: "provenance",
            predicateTypes: provenanceTypes,
            match: "any" as const,
            ...provenance,
            ...age,
          },
        ]),
    ...requiredTypes.map((type) => ({
      name: `attestation of ${type}`,
      predicateTypes: [type],
      match: "any" as const,
      ...age,
    })),
    ...(noFindingsFrom === undefined
      ? []
      : [{ name: "findings", predicateTypes: scanTypes, match: "all" as const, noFindingsFrom, ...age }]),
  ];
  if (rules.length > 0 || maxAgeDays === undefined) return rules;
  return [{ name: "age", match: "any", maxAgeDays }];
}

function provenanceConditions(expectations: Expectations): Conditions | undefined {
  const { builderId, buildType, sourceUri, sourceRef } = expectations;
  if (builderId === undefined && buildType === undefined && sourceUri === undefined) return undefined;
  return {
    ...(builderId === undefined ? {} : { builderId: { exact: builderId } }),
    ...(buildType === undefined ? {} : { buildType: { exact: buildType } }),
    ...(sourceUri === undefined
      ? {}
      : {
          source: {
            uri: { exact: sourceUri },
            ...(sourceRef === undefined ? {} : { ref: { exact: sourceRef } }),
          },
        }),
  };
}

function checkExpectations({
  sourceUri,
  sourceRef,
  maxAgeDays,
  requiredTypes = [],
  ...texts
}: Expectations): void {
  const problems: Problem[] = [];
  if (sourceRef !== undefined && sourceUri === undefined)
    problems.push({ path: "sourceRef", expected: "a sourceUri with it", got: "none" });
  if (maxAgeDays !== undefined && !(maxAgeDays > 0))
    problems.push({ path: "maxAgeDays", expected: "a number of days above 0", got: `${maxAgeDays}` });
  if (new Set(requiredTypes).size < requiredTypes.length)
    problems.push({ path: "requiredTypes", expected: "each type once", got: requiredTypes.join(", ") });
  if (problems.length > 0)
    throw new AttestError("ARGUMENT_INVALID", "the expectations can't be held against anything", {
      problems,
    });
  for (const [name, text] of Object.entries({ sourceUri, sourceRef, ...texts }))
    if (text !== undefined) compileText({ exact: text }, name);
  for (const type of requiredTypes) compileText({ exact: type }, "requiredTypes");
}
