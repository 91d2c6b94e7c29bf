/** What the author of a pipeline states: names, roles and parameters that no observation can know. */
import { AttestError, type Problem } from "../../error.js";
import { checkDigest } from "../../statement/digest-set.js";
import type { DigestSet } from "../../statement/types.js";
import { type Evidence, evidenceFrom } from "../evidence.js";
import type { Parameter } from "../evidence/function.js";
import type { Material, MaterialKind } from "../evidence/material.js";
import type { ArgumentValue, Step } from "../evidence/step.js";
import { namesSecret, hidden, type Redactor, redactorFor } from "../redact.js";

/** A material as the author names it; digests are resolved by the caller before it comes here. */
export type DeclaredMaterial = {
  readonly name: string;
  readonly kind: MaterialKind;
  readonly uri: string;
  readonly digests: DigestSet;
};

export type DeclaredStep = {
  readonly name: string;
  readonly argv?: readonly string[];
  /** Names of materials and of earlier steps. */
  readonly inputs?: readonly string[];
};

export type Declaration = {
  /** Name of the pipeline. */
  readonly name: string;
  readonly materials?: readonly DeclaredMaterial[];
  readonly parameters?: readonly { readonly name: string; readonly value: string }[];
  readonly steps?: readonly DeclaredStep[];
  readonly secrets?: readonly string[];
  readonly caches?: readonly string[];
  readonly services?: readonly string[];
};

const found = { source: "declared", exactness: "claimed" } as const;

/**
 * Evidence from a declaration.
 * @throws AttestError EVIDENCE_INVALID listing empty and repeated names, digests that are none, and
 *   inputs that nothing declared before has.
 */
export function collectDeclared(declaration: Declaration): Evidence {
  const problems = problemsOf(declaration);
  if (problems.length > 0)
    throw new AttestError(
      "EVIDENCE_INVALID",
      `the pipeline ${JSON.stringify(declaration.name)} is declared badly`,
      {
        problems,
        next: "Correct the withSource, withMaterial, withParameter and withStep calls.",
      },
    );
  const redactor = redactorFor(secretParameters(declaration));
  const step = declaredStep(declaration.name);
  return evidenceFrom("declared", {
    materials: (declaration.materials ?? []).map((material) => materialFrom(material, redactor)),
    parameters: (declaration.parameters ?? []).map((parameter) => parameterFrom(parameter, redactor)),
    steps: (declaration.steps ?? []).map((one) => stepFrom(one, redactor)),
    secrets: (declaration.secrets ?? []).map((name) => ({ ...found, name, provider: "declared", step })),
    caches: (declaration.caches ?? []).map((key) => ({ ...found, key, step })),
    services: (declaration.services ?? []).map((name) => ({ ...found, name, step })),
  });
}

function materialFrom({ name, kind, uri, digests }: DeclaredMaterial, redactor: Redactor): Material {
  const missing = Object.keys(digests).length === 0 ? { missing: "declared without a digest" } : {};
  return {
    ...found,
    kind,
    uri: redactor.url(uri),
    digests,
    name: redactor.text(name),
    ...missing,
    steps: [],
  };
}

function parameterFrom(
  { name, value }: { name: string; value: ArgumentValue },
  redactor: Redactor,
): Parameter {
  const shown = namesSecret(name) ? hidden : typeof value === "string" ? redactor.text(value) : value;
  return { ...found, name, value: shown };
}

function stepFrom({ name, argv, inputs }: DeclaredStep, redactor: Redactor): Step {
  return {
    ...found,
    digest: declaredStep(name),
    operation: redactor.text(name),
    kind: argv === undefined ? "other" : "exec",
    inputs: (inputs ?? []).map(declaredStep),
    ...(argv === undefined ? {} : { argv: redactor.argv(argv) }),
  };
}

function declaredStep(name: string): string {
  return `declared:${name}`;
}

function secretParameters(declaration: Declaration): string[] {
  return (declaration.parameters ?? []).filter(({ name }) => namesSecret(name)).map(({ value }) => value);
}

function problemsOf(declaration: Declaration): Problem[] {
  const problems: Problem[] = [];
  if (declaration.name.trim() === "") problems.push({ path: "name", expected: "a name", got: "nothing" });
  const known = new Set<string>();
  for (const [index, { name, digests }] of (declaration.materials ?? []).entries()) {
    checkName(problems, known, `materials[${index}].name`, name);
    for (const [algorithm, hex] of Object.entries(digests))
      problems.push(...checkDigest(algorithm, hex, `materials[${index}].digests.${algorithm}`));
  }
  for (const [index, { name, inputs }] of (declaration.steps ?? []).entries()) {
    for (const input of inputs ?? [])
      if (!known.has(input))
        problems.push({
          path: `steps[${index}].inputs`,
          expected: "the name of a material or of an earlier step",
          got: JSON.stringify(input),
        });
    checkName(problems, known, `steps[${index}].name`, name);
  }
  const parameters = new Set<string>();
  for (const [index, { name }] of (declaration.parameters ?? []).entries())
    checkName(problems, parameters, `parameters[${index}].name`, name);
  return problems;
}

function checkName(problems: Problem[], known: Set<string>, path: string, name: string): void {
  if (name.trim() === "") problems.push({ path, expected: "a name", got: "nothing" });
  else if (known.has(name))
    problems.push({ path, expected: "a name of its own", got: `${JSON.stringify(name)} again` });
  known.add(name);
}
