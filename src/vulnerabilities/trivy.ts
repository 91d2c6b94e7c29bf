/** https://trivy.dev/docs/latest/configuration/reporting/#json */
import type { Problem } from "../error.js";
import type { JsonValue } from "../statement/types.js";
import { assertReport, idAt, member, objectsAt, present, textAt } from "./fields.js";
import type { ScannedVulnerability, ScanReport } from "./types.js";

type Fields = Readonly<Record<string, unknown>>;

/** The report does not say which database the scanner looked into; `trivyDatabase` reads that. */
export function trivyReport(report: Fields, name: string): ScanReport {
  const problems: Problem[] = [];
  const vulnerabilities = objectsAt(report, "Results", "", problems).flatMap((result, at) => {
    const path = `Results[${at}].`;
    return objectsAt(result, "Vulnerabilities", path, problems).map((found, index) =>
      readVulnerability(found, `${path}Vulnerabilities[${index}]`, problems),
    );
  });
  assertReport(problems, name, "Trivy");
  const version = textAt(report, "Trivy", "Version");
  return {
    scanner: { name: "trivy", uri: uriOf(version), ...present({ version }) },
    database: { uri: "pkg:github/aquasecurity/trivy-db" },
    ...present({ created: textAt(report, "CreatedAt") }),
    vulnerabilities,
    document: report as Readonly<Record<string, JsonValue>>,
  };
}

function uriOf(version: string | undefined): string {
  return `pkg:github/aquasecurity/trivy${version === undefined ? "" : `@v${version}`}`;
}

function readVulnerability(found: Fields, path: string, problems: Problem[]): ScannedVulnerability {
  const source = textAt(found, "SeveritySource");
  const score = source === undefined ? undefined : member(found, "CVSS", source, "V3Score");
  return {
    id: idAt(found, "VulnerabilityID", path, problems),
    aliases: [],
    severity: (textAt(found, "Severity") ?? "unknown").toLowerCase(),
    severitySource: source ?? "trivy",
    ...(typeof score === "number" ? { cvss: { version: "3", score } } : {}),
    ...present({
      packageName: textAt(found, "PkgName"),
      installedVersion: textAt(found, "InstalledVersion"),
      fixedVersion: textAt(found, "FixedVersion"),
      purl: textAt(found, "PkgIdentifier", "PURL"),
      url: textAt(found, "PrimaryURL"),
    }),
  };
}
