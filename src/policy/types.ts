import type { TextMatch } from "../verification/identity.js";

/** From harmless to grave. What a scanner calls otherwise, or not at all, counts as critical. */
export const severities = ["none", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

/** What a rule demands of one attestation. Everything that is set has to hold. */
export type Conditions = {
  /** SLSA provenance: `runDetails.builder.id`. */
  readonly builderId?: TextMatch;
  /** SLSA provenance: `buildDefinition.buildType`. */
  readonly buildType?: TextMatch;
  /** SLSA provenance: what the build was started on, where its build type says so in a place that is known. */
  readonly source?: { readonly uri: TextMatch; readonly ref?: TextMatch };
  /** SLSA provenance: a resolved dependency with this URI and a digest. */
  readonly dependency?: TextMatch;
  /** Days since someone who is trusted saw the signature. */
  readonly maxAgeDays?: number;
  /** Scan results: no finding of this severity or above that no VEX statement answers. */
  readonly noFindingsFrom?: Severity;
  /** A CEL expression that has to be true. */
  readonly expression?: string;
};

export type Rule = Conditions & {
  /** Says what the rule is for; unique in its policy. */
  readonly name: string;
  /** The attestations that the rule looks at; all unless given. */
  readonly predicateTypes?: readonly string[];
  /** Whether one of them has to meet the conditions or each of them; at least one there has to be. */
  readonly match: "any" | "all";
};

/** What has to be true of an artifact. Rules are independent; all have to pass. */
export type Policy = {
  /** URI or name: how verification summaries refer to the policy. */
  readonly id: string;
  /** Of the policy file, lower-case hex; not set for rules that no file holds. */
  readonly sha256?: string;
  readonly rules: readonly Rule[];
};

/** A finding that a rule looked at. */
export type JudgedFinding = {
  readonly id: string;
  readonly severity: Severity;
  /** Package URL of what it was found in. */
  readonly purl?: string;
  /** The bundle that holds the scan. */
  readonly bundle: string;
  /** What VEX says of it, where that excuses it. */
  readonly answer?: string;
};

/** One rule's outcome. */
export type RuleOutcome = {
  readonly rule: string;
  readonly passed: boolean;
  readonly reason: string;
  /** The findings of the severity that the rule names or above, answered ones too. */
  readonly findings?: readonly JudgedFinding[];
};

/** The outcome of a policy. Passes only if every rule does, and there is at least one. */
export type Decision = {
  readonly policy: string;
  /** Of the policy file, lower-case hex, where all rules came from one. */
  readonly sha256?: string;
  readonly passed: boolean;
  readonly rules: readonly RuleOutcome[];
};
