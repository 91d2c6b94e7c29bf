import { buildType as daggerPipelineType } from "../provenance/slsa/types.js";
import { isObject } from "../statement/json-value.js";
import { compileText, describeText, type TextMatch } from "../verification/identity.js";
import type { Conditions, RuleOutcome } from "./types.js";

type Outcome = Pick<RuleOutcome, "passed" | "reason">;

/** What SLSA provenance says, of either version, in one form. */
type Facts = {
  readonly builderId: unknown;
  readonly buildType: unknown;
  readonly sources: readonly { readonly uri: unknown; readonly ref: unknown }[];
  readonly dependencies: readonly unknown[];
};

/** The conditions on provenance that are set, each with its outcome. */
export function checkProvenance(conditions: Conditions, predicate: unknown): Outcome[] {
  const facts = factsOf(predicate);
  const { builderId, buildType, source, dependency } = conditions;
  return [
    ...(builderId === undefined ? [] : [compare("the builder", facts.builderId, builderId)]),
    ...(buildType === undefined ? [] : [compare("the build type", facts.buildType, buildType)]),
    ...(source === undefined ? [] : [checkSource(source, facts)]),
    ...(dependency === undefined ? [] : [checkDependency(dependency, facts)]),
  ];
}

function compare(what: string, value: unknown, wanted: TextMatch): Outcome {
  if (typeof value !== "string" || value === "") return { passed: false, reason: `${what} is not stated` };
  const passed = compileText(wanted, what)(value);
  return { passed, reason: `${what} is ${value}${passed ? "" : `, ${describeText(wanted)} expected`}` };
}

function checkSource(wanted: NonNullable<Conditions["source"]>, { sources }: Facts): Outcome {
  if (sources.length === 0) return { passed: false, reason: "the source is not stated" };
  const outcomes = sources.map(({ uri, ref }) => [
    compare("the source", uri, wanted.uri),
    ...(wanted.ref === undefined ? [] : [compare("the source's ref", ref, wanted.ref)]),
  ]);
  // Where provenance states the source twice, both have to be what is wanted.
  const failed = outcomes.flat().find(({ passed }) => !passed);
  return (
    failed ?? {
      passed: true,
      reason: outcomes
        .flat()
        .map(({ reason }) => reason)
        .join(", "),
    }
  );
}

function checkDependency(wanted: TextMatch, { dependencies }: Facts): Outcome {
  const matches = compileText(wanted, "dependency");
  const found = dependencies.filter(
    (each) => isObject(each) && typeof each["uri"] === "string" && matches(each["uri"]),
  );
  if (found.length === 0) return { passed: false, reason: `no dependency is ${describeText(wanted)}` };
  const pinned = found.some(
    (each) => isObject(each) && isObject(each["digest"]) && Object.keys(each["digest"]).length > 0,
  );
  return pinned
    ? { passed: true, reason: `a dependency is ${describeText(wanted)}` }
    : { passed: false, reason: `the dependency ${describeText(wanted)} has no digest` };
}

function factsOf(predicate: unknown): Facts {
  const definition = at(predicate, "buildDefinition");
  if (definition === undefined)
    return {
      builderId: at(predicate, "builder", "id"),
      buildType: at(predicate, "buildType"),
      sources: [splitGit(at(predicate, "invocation", "configSource", "uri"))].filter(isStated),
      dependencies: list(at(predicate, "materials")),
    };
  const parameters = at(definition, "externalParameters");
  const workflow = at(parameters, "workflow");
  const sources = [
    // https://github.com/slsa-framework/github-actions-buildtypes/tree/main/workflow/v1
    { uri: at(workflow, "repository"), ref: at(workflow, "ref") },
    // https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md
    splitGit(at(parameters, "configSource", "uri")),
    // https://slsa.dev/spec/v1.0/provenance: the placeholder of its examples
    splitGit(at(parameters, "source")),
    splitGit(at(parameters, "source", "uri")),
    // docs/build-types/dagger-pipeline-v1.md: what the build was started on is the module that describes it.
    ...(at(definition, "buildType") === daggerPipelineType ? [splitGit(at(parameters, "module"))] : []),
  ];
  return {
    builderId: at(predicate, "runDetails", "builder", "id"),
    buildType: at(definition, "buildType"),
    sources: sources.filter(isStated),
    dependencies: list(at(definition, "resolvedDependencies")),
  };
}

/** `git+https://host/path@ref`, or BuildKit's `https://host/path.git#ref`, as URI and ref. */
function splitGit(value: unknown): { uri: unknown; ref: unknown } {
  if (typeof value !== "string") return { uri: undefined, ref: undefined };
  const match = /^(?<uri>[^#]+?)(?:@(?<at>[^@/][^@]*)|#(?<hash>[^:]+)(?::.*)?)?$/.exec(value)?.groups;
  return { uri: match?.["uri"] ?? value, ref: match?.["at"] ?? match?.["hash"] };
}

function isStated({ uri }: { uri: unknown }): boolean {
  return uri !== undefined;
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
