import { isObject } from "../statement/json-value.js";
import type { Artifact } from "../verification/types.js";
import { severities, type Severity } from "./types.js";

/** A vulnerability that a scanner found. */
export type Finding = { readonly id: string; readonly severity: Severity };

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
      };
    });
  return undefined;
}

/** Trivy leaves the list out where there is nothing to list. */
function trivyFindings(list: unknown): Finding[] {
  if (!Array.isArray(list)) return [];
  return list.map((item) => ({
    id: idOf(member(item, "VulnerabilityID")),
    severity: toSeverity(member(item, "Severity")),
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

/**
 * The vulnerabilities that OpenVEX documents declare irrelevant for the artifact. Of several statements on one
 * vulnerability the latest counts; one that names other products does not.
 * https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
 */
export function answeredByVex(documents: readonly unknown[], artifact: Artifact): ReadonlySet<string> {
  const statements = documents.flatMap((document) => statementsOf(document, artifact));
  const latest = new Map<string, (typeof statements)[number]>();
  for (const statement of statements)
    for (const name of statement.names) {
      const known = latest.get(name);
      // Of two at the same time the one that does not excuse counts.
      const counts =
        known === undefined ||
        statement.time > known.time ||
        (statement.time === known.time && !statement.excuses);
      if (counts) latest.set(name, statement);
    }
  return new Set([...latest].flatMap(([name, { excuses }]) => (excuses ? [name] : [])));
}

function statementsOf(
  document: unknown,
  artifact: Artifact,
): { names: string[]; excuses: boolean; time: number }[] {
  const statements = member(document, "statements");
  if (!Array.isArray(statements)) return [];
  return statements
    .filter((statement) => isAbout(member(statement, "products"), artifact))
    .map((statement) => ({
      names: namesOf(member(statement, "vulnerability")),
      excuses: ["not_affected", "fixed"].includes(String(member(statement, "status"))),
      time: timeOf(statement) ?? timeOf(document) ?? 0,
    }));
}

function namesOf(vulnerability: unknown): string[] {
  const aliases = member(vulnerability, "aliases");
  const names = [
    vulnerability,
    member(vulnerability, "name"),
    ...(Array.isArray(aliases) ? (aliases as unknown[]) : []),
  ];
  return names.filter((name): name is string => typeof name === "string");
}

/** A statement without products is about the subject of the attestation, which is the artifact. */
function isAbout(products: unknown, artifact: Artifact): boolean {
  if (products === undefined || products === null) return true;
  const digests = Object.values(artifact.digests);
  return (
    Array.isArray(products) &&
    products.some((product) => digests.some((digest) => JSON.stringify(product).includes(digest)))
  );
}

function timeOf(value: unknown): number | undefined {
  const stated = member(value, "last_updated") ?? member(value, "timestamp");
  const time = typeof stated === "string" ? Date.parse(stated) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}
