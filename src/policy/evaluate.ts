import type { Artifact } from "../verification/types.js";
import type { VerifiedAttestation } from "../verification/verify.js";
import { evaluateExpression } from "./expression.js";
import { reaches, readFindings } from "./findings.js";
import { checkProvenance } from "./provenance.js";
import type { Decision, JudgedFinding, Policy, Rule, RuleOutcome, Severity } from "./types.js";
import { answered, vexAnswers } from "./vex-answers.js";

/** What a policy is held against: attestations that were verified, and nothing else. */
export type PolicyEvidence = {
  readonly artifact: Artifact;
  readonly attestations: readonly VerifiedAttestation[];
  /** OpenVEX documents that the verifier gave and so believes; signed ones are among the attestations. */
  readonly vex?: readonly unknown[];
  readonly now: Date;
};

type Outcome = Omit<RuleOutcome, "rule">;

/**
 * Holds the evidence against every rule. What is not there, not stated or can't be evaluated fails its rule.
 *
 * @returns each rule with its outcome, in the order of the policy
 */
export async function evaluatePolicy(policy: Policy, evidence: PolicyEvidence): Promise<Decision> {
  const rules: RuleOutcome[] = [];
  for (const rule of policy.rules) rules.push({ rule: rule.name, ...(await evaluateRule(rule, evidence)) });
  const passed = rules.length > 0 && rules.every((rule) => rule.passed);
  return {
    policy: policy.id,
    ...(policy.sha256 === undefined ? {} : { sha256: policy.sha256 }),
    passed,
    rules,
  };
}

async function evaluateRule(rule: Rule, evidence: PolicyEvidence): Promise<Outcome> {
  const { predicateTypes, match } = rule;
  const looked = evidence.attestations.filter(
    ({ statement }) => predicateTypes?.includes(statement.header.predicateType) ?? true,
  );
  if (looked.length === 0)
    return {
      passed: false,
      reason: `no verified attestation of ${predicateTypes?.join(" or ") ?? "any type"}`,
    };
  const outcomes: { name: string; outcome: Outcome }[] = [];
  for (const attestation of match === "all" ? withoutOld(looked, rule, evidence.now) : looked)
    outcomes.push({ name: attestation.verdict.name, outcome: await holds(rule, attestation, evidence) });
  const met = outcomes.filter(({ outcome }) => outcome.passed);
  const unmet = outcomes.filter(({ outcome }) => !outcome.passed);
  const passed = match === "all" ? unmet.length === 0 : met.length > 0;
  const telling = passed ? met : unmet;
  return {
    passed,
    reason: telling.map(({ name, outcome }) => `${name}: ${outcome.reason}`).join("; "),
    ...withFindings(outcomes.map(({ outcome }) => outcome)),
  };
}

function withFindings(outcomes: readonly Outcome[]): Pick<Outcome, "findings"> {
  const findings = outcomes.flatMap((outcome) => outcome.findings ?? []);
  return findings.length === 0 ? {} : { findings };
}

async function holds(
  rule: Rule,
  attestation: VerifiedAttestation,
  evidence: PolicyEvidence,
): Promise<Outcome> {
  const { predicate } = attestation.statement;
  const looksInside =
    rule.builderId ??
    rule.buildType ??
    rule.source ??
    rule.dependency ??
    rule.noFindingsFrom ??
    rule.expression;
  if (looksInside !== undefined && predicate === undefined)
    return { passed: false, reason: "the predicate is too large to be looked into" };
  const outcomes = [
    ...checkProvenance(rule, predicate),
    ...(rule.maxAgeDays === undefined ? [] : [checkAge(rule.maxAgeDays, attestation, evidence.now)]),
    ...(rule.noFindingsFrom === undefined ? [] : [checkFindings(rule.noFindingsFrom, attestation, evidence)]),
    ...(rule.expression === undefined
      ? []
      : [await evaluateExpression(rule.expression, variablesOf(attestation, evidence))]),
  ];
  const failed = outcomes.filter(({ passed }) => !passed);
  const telling = failed.length > 0 ? failed : outcomes;
  return {
    passed: failed.length === 0,
    reason:
      telling.length === 0
        ? "an attestation of the type is there"
        : telling.map(({ reason }) => reason).join(", "),
    ...withFindings(outcomes),
  };
}

const millisecondsPerDay = 24 * 60 * 60 * 1000;

/** By what others vouch for: the signer's own word on the time would keep old evidence young. */
function checkAge(mostDays: number, { verdict }: VerifiedAttestation, now: Date): Outcome {
  const times = verdict.times.map(({ time }) => Date.parse(time));
  if (times.length === 0) return { passed: false, reason: "nobody vouches for the time of signing" };
  const days = (now.getTime() - Math.min(...times)) / millisecondsPerDay;
  const passed = days <= mostDays;
  return {
    passed,
    reason: `signed ${days.toFixed(1)} days ago${passed ? "" : `, at most ${mostDays} expected`}`,
  };
}

/**
 * Evidence that is known to be too old is superseded: where each attestation has to meet a rule, it would stand
 * in the way for ever. It is set aside, unless there is no other.
 */
function withoutOld(
  attestations: readonly VerifiedAttestation[],
  { maxAgeDays }: Rule,
  now: Date,
): readonly VerifiedAttestation[] {
  if (maxAgeDays === undefined) return attestations;
  const current = attestations.filter(
    (each) => each.verdict.times.length === 0 || checkAge(maxAgeDays, each, now).passed,
  );
  return current.length === 0 ? attestations : current;
}

const shownFindings = 10;

function checkFindings(
  limit: Severity,
  { statement, verdict }: VerifiedAttestation,
  { artifact, attestations, vex = [] }: PolicyEvidence,
): Outcome {
  const found = readFindings(statement.predicate);
  if (found === undefined) return { passed: false, reason: "no scan result in a form that is known" };
  const signed = attestations.filter((each) =>
    each.statement.header.predicateType.startsWith("https://openvex.dev/ns"),
  );
  const answers = vexAnswers([...signed.map((each) => each.statement.predicate), ...vex], artifact);
  const findings = found
    .filter(({ severity }) => reaches(severity, limit))
    .map((finding): JudgedFinding => {
      const { id, severity, purl } = finding;
      const answer = answered(answers, finding);
      return {
        id,
        severity,
        ...(purl === undefined ? {} : { purl }),
        bundle: verdict.name,
        ...(answer === undefined
          ? {}
          : { answer: [answer.status, answer.justification].filter(Boolean).join(": ") }),
      };
    });
  const open = findings.filter(({ answer }) => answer === undefined);
  const excused = findings.length - open.length;
  const note = excused === 0 ? "" : ` (${excused} answered by VEX)`;
  if (open.length === 0)
    return { passed: true, reason: `no finding of severity ${limit} or above${note}`, findings };
  const shown = open.slice(0, shownFindings).map(({ id, severity }) => `${id} ${severity}`);
  const more = open.length > shownFindings ? `, and ${open.length - shownFindings} more` : "";
  const reason = `${open.length} findings of severity ${limit} or above: ${shown.join(", ")}${more}${note}`;
  return { passed: false, reason, findings };
}

/** What expressions can speak of. docs/policy.md lists it. */
function variablesOf(
  { verdict, statement }: VerifiedAttestation,
  { artifact, now }: PolicyEvidence,
): Readonly<Record<string, unknown>> {
  return {
    statement: {
      type: statement.header.type,
      predicateType: statement.header.predicateType,
      subjects: statement.header.subjects,
      sha256: statement.sha256,
    },
    predicate: statement.predicate,
    signer: verdict.signer ?? null,
    times: verdict.times,
    artifact,
    now: now.toISOString(),
  };
}
