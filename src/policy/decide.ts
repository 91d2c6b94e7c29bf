import type { BundleInput, VerificationRequest } from "../verification/request.js";
import type { Failure, Verification } from "../verification/types.js";
import { verificationOf, verifyWithEvidence } from "../verification/verify.js";
import { describeRule } from "./describe.js";
import { evaluatePolicy } from "./evaluate.js";
import type { Decision, Policy } from "./types.js";
import { readUnsigned } from "./unsigned.js";

/**
 * Verifies bundles and holds what they say against a policy. The rules see verified statements alone, of all
 * types together; the verdict passes when the bundles do and every rule does.
 *
 * @param vex OpenVEX documents that the verifier believes without a signature
 * @throws AttestError ARGUMENT_INVALID when the question is incomplete
 */
export async function verifyWithPolicy(
  bundles: readonly BundleInput[],
  request: VerificationRequest,
  policy: Policy,
  vex: readonly unknown[] = [],
): Promise<Verification> {
  const { verification, attestations } = await verifyWithEvidence(bundles, request);
  const { artifact, now } = request;
  const decision = await evaluatePolicy(policy, { artifact, attestations, vex, now });
  return withDecision(verification, decision, policy);
}

/** A verdict with a decision in it: it passes only if both do. */
function withDecision(verification: Verification, decision: Decision, policy: Policy): Verification {
  const demands = new Map(policy.rules.map((rule) => [rule.name, describeRule(rule)]));
  const failed = decision.rules.filter((rule) => !rule.passed);
  const failures = failed.map(({ rule, reason }): Failure => ({
    check: "policy",
    code: "POLICY",
    message: `The rule "${rule}" is not met.`,
    expected: demands.get(rule) ?? `what ${decision.policy} demands`,
    got: reason,
  }));
  const passed = verification.passed && decision.passed;
  const check = {
    check: "policy" as const,
    message: `Every rule of ${decision.policy} is met (${decision.rules.length}).`,
  };
  return {
    ...verification,
    passed,
    checks: passed ? [...verification.checks, check] : [],
    failures: [...verification.failures, ...failures],
    policy: decision,
  };
}

/** One case of a policy's test: bundles, and what the policy has to make of them. */
export type PolicyCase = {
  readonly name: string;
  readonly bundles: readonly BundleInput[];
  /** Statements that nobody signed: taken as if they were verified. */
  readonly statements?: readonly BundleInput[];
  readonly request: VerificationRequest;
  /** OpenVEX documents that are believed without a signature. */
  readonly vex?: readonly unknown[];
  readonly passes: boolean;
  /** The rules that have to fail, by name, no more and no fewer; not looked at unless given. */
  readonly failingRules?: readonly string[];
};

export type PolicyCaseOutcome = {
  readonly name: string;
  /** Whether the policy decided as expected. */
  readonly asExpected: boolean;
  /** What it decided instead, in a sentence; "" when it decided as expected. */
  readonly difference: string;
  readonly verification: Verification;
};

/** Tries a policy on bundles whose verdict is known. */
export async function testPolicy(
  policy: Policy,
  cases: readonly PolicyCase[],
): Promise<readonly PolicyCaseOutcome[]> {
  const outcomes: PolicyCaseOutcome[] = [];
  for (const each of cases) {
    const verification = await judgeCase(policy, each);
    const difference = differenceTo(each, verification);
    outcomes.push({ name: each.name, asExpected: difference === "", difference, verification });
  }
  return outcomes;
}

/** Signed bundles as in earnest; statements that nobody signed beside them or in their place. */
async function judgeCase(policy: Policy, each: PolicyCase): Promise<Verification> {
  const { bundles, statements = [], request, vex = [] } = each;
  if (statements.length === 0) return verifyWithPolicy(bundles, request, policy, vex);
  const { artifact, now, requirement = { kind: "any" }, trustedRoot } = request;
  const signed = bundles.length === 0 ? undefined : await verifyWithEvidence(bundles, request);
  const unsigned: Awaited<ReturnType<typeof readUnsigned>>[] = [];
  for (const statement of statements)
    unsigned.push(await readUnsigned(statement, { artifact, predicateType: request.predicateType }));
  const verdicts = [...(signed?.verification.bundles ?? []), ...unsigned.map(({ verdict }) => verdict)];
  const attestations = [
    ...(signed?.attestations ?? []),
    ...unsigned.flatMap(({ attestation }) => attestation ?? []),
  ];
  const decision = await evaluatePolicy(policy, { artifact, attestations, vex, now });
  return withDecision(
    verificationOf(verdicts, { artifact, requirement, now, trustedRoot }),
    decision,
    policy,
  );
}

function differenceTo({ passes, failingRules }: PolicyCase, { passed, policy }: Verification): string {
  const failing = (policy?.rules ?? []).filter((rule) => !rule.passed).map(({ rule }) => rule);
  if (passed !== passes) {
    const why = failing.length === 0 ? "" : ` (${failing.join(", ")})`;
    return `${passes ? "pass" : "failure"} expected, got ${passed ? "pass" : "failure"}${why}`;
  }
  if (failingRules === undefined) return "";
  const same = failing.length === failingRules.length && failing.every((rule) => failingRules.includes(rule));
  return same ? "" : `failing rules ${list(failingRules)} expected, got ${list(failing)}`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
