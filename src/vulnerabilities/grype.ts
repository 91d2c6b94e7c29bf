/** https://oss.anchore.com/docs/guides/vulnerability/interpreting-results/ */
import type { Problem } from "../error.js";
import { membersOf } from "../statement/json-value.js";
import type { JsonValue } from "../statement/types.js";
import { assertReport, idAt, member, objectsAt, present, textAt } from "./fields.js";
import type { ScanDatabase, ScannedVulnerability, ScanReport } from "./types.js";

type Fields = Readonly<Record<string, unknown>>;

export function grypeReport(report: Fields, name: string): ScanReport {
  const problems: Problem[] = [];
  const vulnerabilities = objectsAt(report, "matches", "", problems).map((match, at) =>
    readMatch(match, `matches[${at}]`, problems),
  );
  assertReport(problems, name, "Grype");
  const version = textAt(report, "descriptor", "version");
  return {
    scanner: {
      name: "grype",
      uri: `pkg:github/anchore/grype${version === undefined ? "" : `@v${version.replace(/^v/, "")}`}`,
      ...present({ version }),
    },
    database: readDatabase(member(report, "descriptor", "db")),
    ...present({ created: textAt(report, "descriptor", "timestamp") }),
    vulnerabilities,
    document: report as Readonly<Record<string, JsonValue>>,
  };
}

/** Since Grype 0.88 under `status`; before that, without it. */
function readDatabase(found: unknown): ScanDatabase {
  const status = member(found, "status") ?? found;
  const schema = member(status, "schemaVersion");
  return present({
    uri: textAt(status, "from")?.replace(/\?.*$/, ""),
    version: typeof schema === "number" ? `v${schema}` : textAt(status, "schemaVersion"),
    updated: textAt(status, "built"),
  });
}

function readMatch(match: Fields, path: string, problems: Problem[]): ScannedVulnerability {
  const found = membersOf(member(match, "vulnerability"));
  const id = idAt(found, "id", `${path}.vulnerability`, problems);
  return {
    id,
    aliases: objectsAt(match, "relatedVulnerabilities", `${path}.`, problems).flatMap((related) => {
      const alias = textAt(related, "id");
      return alias === undefined || alias === id ? [] : [alias];
    }),
    severity: (textAt(found, "severity") ?? "unknown").toLowerCase(),
    severitySource: textAt(found, "namespace")?.split(":")[0] ?? "grype",
    ...present({ cvss: newestScore(found) }),
    ...present({
      packageName: textAt(match, "artifact", "name"),
      installedVersion: textAt(match, "artifact", "version"),
      fixedVersion: fixedVersions(member(found, "fix", "versions")),
      purl: textAt(match, "artifact", "purl"),
      url: textAt(found, "dataSource"),
    }),
  };
}

function newestScore(found: Fields): ScannedVulnerability["cvss"] {
  const scores = Array.isArray(found["cvss"]) ? (found["cvss"] as unknown[]) : [];
  return scores
    .flatMap((cvss) => {
      const version = textAt(cvss, "version");
      const score = member(cvss, "metrics", "baseScore");
      return version !== undefined && typeof score === "number" ? [{ version, score }] : [];
    })
    .toSorted((one, other) => other.version.localeCompare(one.version, "en", { numeric: true }))[0];
}

function fixedVersions(versions: unknown): string | undefined {
  const found = Array.isArray(versions) ? versions.filter((version) => typeof version === "string") : [];
  return found.length === 0 ? undefined : found.join(", ");
}
