import { isObject } from "../statement/json-value.js";
import { severities, type Severity } from "./types.js";
import type { Answerable } from "./vex-answers.js";

/** A vulnerability that a scanner found. */
export type Finding = Answerable & { readonly severity: Severity };

/**
 * The findings in a scan result: in-toto vulns v0.1 and v0.2, and cosign's vuln around Trivy's or Grype's
 * report. Undefined when the predicate holds no result in a form that is known: that is not "no findings".
 */
export function readFindings(predicate: unknown): readonly Finding[] | undefined {
  const result = member(member(predicate, "scanner"), "result");
  // https://github.com/in-toto/attestation/blob/main/spec/predicates/vulns_02.md
  if (Array.isArray(result))
    return result.map((item) => ({
      id: idOf(member(item, "id")),
      severity: gravest(member(item, "severity")),
      ...annotated(member(item, "annotations")),
    }));
  const trivy = member(result, "Results");
  if (Array.isArray(trivy)) return trivy.flatMap((each) => trivyFindings(member(each, "Vulnerabilities")));
  const grype = member(result, "matches");
  if (Array.isArray(grype))
    return grype.map((match) => {
      const vulnerability = member(match, "vulnerability");
      return {
        id: idOf(member(vulnerability, "id")),
        severity: toSeverity(member(vulnerability, "severity")),
        ...purlOf(member(member(match, "artifact"), "purl")),
        ...aliasesOf(namesIn(member(match, "relatedVulnerabilities"))),
      };
    });
  return undefined;
}

/** What this project writes beside a finding. */
function annotated(annotations: unknown): Pick<Finding, "aliases" | "purl"> {
  const first = Array.isArray(annotations) ? (annotations as unknown[])[0] : annotations;
  return { ...purlOf(member(first, "purl")), ...aliasesOf(member(first, "aliases")) };
}

function purlOf(value: unknown): Pick<Finding, "purl"> {
  return typeof value === "string" ? { purl: value } : {};
}

function aliasesOf(value: unknown): Pick<Finding, "aliases"> {
  const aliases = Array.isArray(value) ? value.filter((alias) => typeof alias === "string") : [];
  return aliases.length === 0 ? {} : { aliases };
}

function namesIn(related: unknown): unknown[] {
  return Array.isArray(related) ? related.map((each) => member(each, "id")) : [];
}

/** Trivy leaves the list out where there is nothing to list. */
function trivyFindings(list: unknown): Finding[] {
  if (!Array.isArray(list)) return [];
  return list.map((item) => ({
    id: idOf(member(item, "VulnerabilityID")),
    severity: toSeverity(member(item, "Severity")),
    ...purlOf(member(member(item, "PkgIdentifier"), "PURL")),
  }));
}

/** An unnamed finding can't be answered by any VEX statement, so it stays. */
function idOf(value: unknown): string {
  return typeof value === "string" ? value : "(unnamed)";
}

function gravest(value: unknown): Severity {
  const scores: readonly unknown[] = Array.isArray(value) ? value : [value];
  const ranks = scores.map((score) =>
    severities.indexOf(toSeverity(isObject(score) ? score["score"] : score)),
  );
  return severities[Math.max(-1, ...ranks)] ?? "critical";
}

/** What can't be read as a severity counts as the gravest one. */
function toSeverity(value: unknown): Severity {
  const score =
    typeof value === "number"
      ? value
      : typeof value === "string" && value.trim() !== ""
        ? Number(value)
        : NaN;
  if (!Number.isNaN(score)) return fromScore(score);
  const word = typeof value === "string" ? value.toLowerCase() : "";
  if (word === "negligible") return "low";
  return severities.find((severity) => severity === word) ?? "critical";
}

/** https://www.first.org/cvss/v3.1/specification-document, section 5 */
function fromScore(score: number): Severity {
  if (score <= 0) return "none";
  if (score < 4) return "low";
  if (score < 7) return "medium";
  return score < 9 ? "high" : "critical";
}

/** Whether a severity reaches another one. */
export function reaches(severity: Severity, limit: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(limit);
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}
