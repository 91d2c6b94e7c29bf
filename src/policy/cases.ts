import { AttestError, type Problem } from "../error.js";
import { describeValue, membersOf } from "../statement/json-value.js";
import { parseYaml } from "./yaml.js";

/** One case of a policy's test, as its file states it: paths are relative to the file. */
export type StatedCase = {
  readonly name: string;
  readonly bundles: readonly string[];
  /** Statements that nobody signed: taken as if they were verified, to test rules on what they say. */
  readonly statements: readonly string[];
  /** The artifact: a file, or a digest as `sha256:...`. */
  readonly artifact: string;
  readonly keys: readonly string[];
  readonly identity?: string;
  readonly issuer?: string;
  readonly trustedRoot?: string;
  readonly vex: readonly string[];
  /** The time to judge at; the present unless given. */
  readonly clock?: string;
  readonly passes: boolean;
  readonly failingRules?: readonly string[];
};

const texts = ["name", "artifact", "identity", "issuer", "trustedRoot", "clock"] as const;
const lists = ["bundles", "statements", "keys", "vex", "failingRules"] as const;
const known: readonly string[] = [...texts, ...lists, "expect"];
const mostCases = 256;

/**
 * Reads the cases of a policy's test (YAML): docs/policy.md describes the file.
 *
 * @throws AttestError POLICY_INVALID with everything that is wrong
 */
export async function readCases(text: string): Promise<StatedCase[]> {
  const problems: Problem[] = [];
  let value: unknown;
  try {
    value = await parseYaml(text);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : "unreadable text";
    throw invalid([{ path: "", expected: "YAML", got }], cause);
  }
  const stated = membersOf(value)["cases"];
  const items: readonly unknown[] = Array.isArray(stated) ? stated : [];
  if (items.length === 0 || items.length > mostCases)
    problems.push({ path: "cases", expected: `1 to ${mostCases} cases`, got: describeValue(stated) });
  const cases = items.map((item, index) => readCase(item, `cases[${index}]`, problems));
  if (problems.length > 0) throw invalid(problems);
  return cases;
}

function readCase(value: unknown, path: string, problems: Problem[]): StatedCase {
  const fields = membersOf(value);
  for (const name of Object.keys(fields).filter((each) => !known.includes(each)))
    problems.push({ path: `${path}.${name}`, expected: `only ${known.join(", ")}`, got: "another" });
  for (const name of texts)
    if (!isText(fields[name]) && (fields[name] !== undefined || name === "name" || name === "artifact"))
      problems.push({ path: `${path}.${name}`, expected: "a text", got: describeValue(fields[name]) });
  for (const name of lists)
    if (fields[name] !== undefined && !isTexts(fields[name]))
      problems.push({
        path: `${path}.${name}`,
        expected: "a list of texts",
        got: describeValue(fields[name]),
      });
  const verdict = fields["expect"];
  if (verdict !== "pass" && verdict !== "fail")
    problems.push({ path: `${path}.expect`, expected: "pass or fail", got: describeValue(verdict) });
  const { name, artifact, bundles, statements, keys, vex, failingRules, ...rest } = fields;
  const given = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== "expect"));
  return {
    ...given,
    name: isText(name) ? name : "",
    artifact: isText(artifact) ? artifact : "",
    bundles: isTexts(bundles) ? bundles : [],
    statements: isTexts(statements) ? statements : [],
    keys: isTexts(keys) ? keys : [],
    vex: isTexts(vex) ? vex : [],
    ...(isTexts(failingRules) ? { failingRules } : {}),
    passes: verdict === "pass",
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function invalid(problems: readonly Problem[], cause?: unknown): AttestError {
  return new AttestError("POLICY_INVALID", "the cases can't be used", {
    problems,
    next: "Correct what is listed; docs/policy.md describes the fields.",
    cause,
  });
}
