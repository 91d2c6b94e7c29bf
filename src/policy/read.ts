import { createHash } from "node:crypto";
import { AttestError, type Problem } from "../error.js";
import { foldedAliases } from "../statement/folding.js";
import { describeValue, isObject } from "../statement/json-value.js";
import { compileText, type TextMatch } from "../verification/identity.js";
import { checkExpression } from "./expression.js";
import { severities, type Policy, type Rule, type Severity } from "./types.js";
import { parseYaml } from "./yaml.js";

/** Bytes of a policy file. */
const mostBytes = 1024 * 1024;
const mostRules = 256;

/**
 * Reads a policy file: YAML 1.2 (so JSON too). docs/policy.md describes it. A field that is not known, or
 * that has the wrong form, refuses the whole policy: a rule that is misspelt would otherwise never apply.
 *
 * @throws AttestError POLICY_INVALID with everything that is wrong
 */
export async function readPolicy(text: string): Promise<Policy> {
  if (text.length > mostBytes)
    throw invalid([{ path: "", expected: `at most ${mostBytes} bytes`, got: `${text.length}` }]);
  const value = await parsePolicy(text);
  const problems: Problem[] = [];
  const policy = readDocument(value, problems);
  for (const [index, rule] of policy.rules.entries())
    if (rule.expression !== undefined)
      problems.push(...(await checkExpression(rule.expression, `rules[${index}].cel`)));
  if (problems.length > 0) throw invalid(problems);
  return { ...policy, sha256: createHash("sha256").update(text).digest("hex") };
}

async function parsePolicy(text: string): Promise<unknown> {
  try {
    return await parseYaml(text);
  } catch (cause) {
    throw new AttestError(
      "POLICY_INVALID",
      `the policy is not YAML: ${cause instanceof Error ? cause.message : "unreadable"}`,
      { cause },
    );
  }
}

function readDocument(value: unknown, problems: Problem[]): Policy {
  const document = fieldsOf(value, "", ["policy", "rules"], problems);
  const rules = document["rules"];
  const items: readonly unknown[] = Array.isArray(rules) ? rules : [];
  if (items.length === 0 || items.length > mostRules)
    problems.push({
      path: "rules",
      expected: `1 to ${mostRules} rules`,
      got: Array.isArray(rules) ? `${items.length}` : describeValue(rules),
    });
  const read = items.map((rule, index) => readRule(rule, `rules[${index}]`, problems));
  const names = read.map(({ name }) => name);
  for (const [index, name] of names.entries())
    if (names.indexOf(name) < index)
      problems.push({
        path: `rules[${index}].name`,
        expected: "a name of its own",
        got: describeValue(name),
      });
  return { id: text(document["policy"], "policy", problems), rules: read };
}

const ruleFields = [
  "name",
  "predicateType",
  "match",
  "builderId",
  "buildType",
  "source",
  "dependency",
  "maxAgeDays",
  "noFindingsFrom",
  "cel",
] as const;

function readRule(value: unknown, path: string, problems: Problem[]): Rule {
  const fields = fieldsOf(value, path, ruleFields, problems);
  const at = (name: (typeof ruleFields)[number]) => [fields[name], `${path}.${name}`, problems] as const;
  const conditions = Object.keys(fields).filter((name) => !["name", "match"].includes(name));
  if (conditions.length === 0)
    problems.push({ path, expected: "a predicateType or a condition", got: "neither" });
  return {
    name: text(...at("name")),
    match: readMatch(...at("match")),
    ...set("predicateTypes", readTypes(...at("predicateType"))),
    ...set("builderId", textMatch(...at("builderId"))),
    ...set("buildType", textMatch(...at("buildType"))),
    ...set("source", readSource(...at("source"))),
    ...set("dependency", textMatch(...at("dependency"))),
    ...set("maxAgeDays", readDays(...at("maxAgeDays"))),
    ...set("noFindingsFrom", readSeverity(...at("noFindingsFrom"))),
    ...set("expression", fields["cel"] === undefined ? undefined : text(...at("cel"))),
  };
}

/** An object with the one member, or without any. */
function set<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value });
}

function fieldsOf(
  value: unknown,
  path: string,
  names: readonly string[],
  problems: Problem[],
): Readonly<Record<string, unknown>> {
  if (!isObject(value)) {
    problems.push({ path, expected: `an object with ${names.join(", ")}`, got: describeValue(value) });
    return {};
  }
  const keys = Object.keys(value);
  problems.push(...foldedAliases(keys, names, path));
  for (const key of keys.filter((each) => !names.includes(each)))
    problems.push({
      path: path === "" ? key : `${path}.${key}`,
      expected: `only ${names.join(", ")}`,
      got: "a field of this name",
    });
  return value;
}

function text(value: unknown, path: string, problems: Problem[]): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  problems.push({ path, expected: "a text", got: describeValue(value) });
  return "";
}

function textMatch(value: unknown, path: string, problems: Problem[]): TextMatch | undefined {
  if (value === undefined) return undefined;
  const match = isObject(value)
    ? { pattern: text(fieldsOf(value, path, ["pattern"], problems)["pattern"], `${path}.pattern`, problems) }
    : { exact: text(value, path, problems) };
  const given = "exact" in match ? match.exact : match.pattern;
  if (given === "") return match;
  try {
    compileText(match, path);
  } catch (error) {
    if (!(error instanceof AttestError)) throw error;
    problems.push({ path, expected: "a pattern that does not match everything", got: describeValue(given) });
  }
  return match;
}

function readMatch(value: unknown, path: string, problems: Problem[]): "any" | "all" {
  if (value === "all") return "all";
  if (value !== undefined && value !== "any")
    problems.push({ path, expected: "any or all", got: describeValue(value) });
  return "any";
}

function readTypes(value: unknown, path: string, problems: Problem[]): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const types: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (types.length === 0) problems.push({ path, expected: "at least one type", got: "none" });
  return types.map((type, index) => text(type, Array.isArray(value) ? `${path}[${index}]` : path, problems));
}

function readSource(value: unknown, path: string, problems: Problem[]): Rule["source"] | undefined {
  if (value === undefined) return undefined;
  const fields = fieldsOf(value, path, ["uri", "ref"], problems);
  const uri = textMatch(fields["uri"], `${path}.uri`, problems);
  if (uri === undefined) problems.push({ path: `${path}.uri`, expected: "a text", got: "nothing" });
  return { uri: uri ?? { exact: "" }, ...set("ref", textMatch(fields["ref"], `${path}.ref`, problems)) };
}

function readDays(value: unknown, path: string, problems: Problem[]): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && value > 0 && Number.isFinite(value)) return value;
  problems.push({ path, expected: "a number of days above 0", got: describeValue(value) });
  return undefined;
}

function readSeverity(value: unknown, path: string, problems: Problem[]): Severity | undefined {
  if (value === undefined) return undefined;
  const known = severities.find((severity) => severity === value && severity !== "none");
  if (known === undefined)
    problems.push({ path, expected: "low, medium, high or critical", got: describeValue(value) });
  return known;
}

function invalid(problems: readonly Problem[]): AttestError {
  return new AttestError("POLICY_INVALID", "the policy can't be used", {
    problems,
    next: "Correct what is listed; docs/policy.md describes the fields.",
  });
}
