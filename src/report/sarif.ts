import { createHash } from "node:crypto";
import type { JudgedFinding, Severity } from "../policy/types.js";
import type { Failure, Verification } from "../verification/types.js";
import { checkWords, headline } from "./words.js";

const schema = "https://json.schemastore.org/sarif-2.1.0.json";
const homepage = "https://github.com/attest-dev/attest";
const codesPage = `${homepage}/blob/main/docs/verification.md#why-it-failed-and-what-to-do`;

/** GitHub shows no more of one run. */
const mostResults = 5000;

/**
 * A verdict as SARIF 2.1.0, for code scanning: each reason why it failed is an error, and so is each finding of a scan that
 * the policy looked at, in its severity; findings that VEX answers are suppressed. A verdict that passed has no other results.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function verdictSarif(verification: Verification): string {
  const { failures, policy, passed, judgedAt } = verification;
  const findings = (policy?.rules ?? []).flatMap((rule) => rule.findings ?? []);
  const ranked = unique(findings).toSorted((one, other) => rank(other.severity) - rank(one.severity));
  const results = [
    ...failures.map((failure) => failureResult(failure, verification)),
    ...ranked.map((finding) => findingResult(finding, verification)),
  ].slice(0, mostResults);
  const used = new Set(results.map(({ ruleId }) => ruleId));
  const rules = [...failureRules(failures), ...findingRules(ranked)].filter(({ id }) => used.has(id));
  const driver = { name: "attest", informationUri: homepage, rules };
  const run = {
    tool: { driver },
    automationDetails: { id: `attest/${verification.artifact.name}/` },
    results,
    properties: { passed, judgedAt, verdict: headline(verification) },
  };
  return `${JSON.stringify({ $schema: schema, version: "2.1.0", runs: [run] }, null, 2)}\n`;
}

function failureResult({ check, code, message, expected, got }: Failure, verification: Verification) {
  return {
    ruleId: code,
    level: "error" as const,
    message: { text: `${message} Expected: ${expected}. Got: ${got}.` },
    ...placeOf(verification, `${code} ${check} ${message}`),
  };
}

function findingResult({ id, severity, purl, bundle, answer }: JudgedFinding, verification: Verification) {
  const where = purl === undefined ? "" : ` in ${purl}`;
  const suppression = { kind: "external", status: "accepted", justification: `VEX: ${answer ?? ""}` };
  return {
    ruleId: id,
    level: levels[severity],
    message: { text: `${id} (${severity})${where}, by the scan in ${bundle}.` },
    ...placeOf(verification, `${id} ${purl ?? ""}`),
    ...(answer === undefined ? {} : { suppressions: [suppression] }),
  };
}

/** A verdict is about an artifact and no line of code: the artifact's name stands where viewers want a file. */
function placeOf({ artifact }: Verification, what: string) {
  const uri = encodeURI(artifact.name.replaceAll(/[\\:?#[\]]/g, "_")) || "artifact";
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([artifact.digests, what]))
    .digest("hex");
  return {
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } } }],
    partialFingerprints: { "attest/v1": fingerprint },
  };
}

function failureRules(failures: readonly Failure[]) {
  const byCode = new Map<string, Failure>(failures.map((failure) => [failure.code, failure]));
  return [...byCode].map(([id, { check }]) => ({
    id,
    name: id,
    shortDescription: { text: checkWords[check].title },
    fullDescription: { text: checkWords[check].explanation },
    helpUri: codesPage,
    properties: { tags: ["supply-chain"] },
  }));
}

/** A finding is as grave as the gravest place that it was found in. */
function findingRules(ranked: readonly JudgedFinding[]) {
  const byId = new Map(ranked.toReversed().map((finding) => [finding.id, finding.severity]));
  return [...byId].map(([id, severity]) => ({
    id,
    name: id,
    shortDescription: { text: id },
    fullDescription: { text: `A scanner says that the artifact holds ${id}.` },
    helpUri: `https://osv.dev/vulnerability/${encodeURIComponent(id)}`,
    properties: { tags: ["security", "vulnerability"], "security-severity": scores[severity] },
  }));
}

const levels = { none: "note", low: "note", medium: "warning", high: "error", critical: "error" } as const;

/** What GitHub sorts by: the middle of each severity's scores. */
const scores = { none: "0.0", low: "2.0", medium: "5.5", high: "8.0", critical: "9.5" } as const;

function rank(severity: Severity): number {
  return Number(scores[severity]);
}

function unique(findings: readonly JudgedFinding[]): JudgedFinding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}
