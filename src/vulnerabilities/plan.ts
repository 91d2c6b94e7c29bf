import { AttestError } from "../error.js";
import { parseJson } from "../json/parse.js";
import { trivyRun, type ScanName, type ScanPlan } from "../sbom/plan.js";
import { javaIndexPath } from "../sbom/trivy-java-index.js";
import { member, present, textAt } from "./fields.js";
import type { ScanDatabase } from "./types.js";

/** Where Trivy keeps what it downloads; the plan mounts the database below it. */
export const trivyCache = javaIndexPath;

/** Path of the database below the cache, and of what it says of itself. */
export const trivyDatabasePath = "db";
export const trivyMetadataPath = "db/metadata.json";

/** How Trivy is run on an input for a report of its vulnerabilities, with a database that is there already. */
export function vulnerabilityPlan(target: ScanName): ScanPlan {
  return trivyRun(target, ["--format=json", "--scanners=vuln"]);
}

/** How Trivy downloads its database, which its makers renew every six hours. */
export function databaseDownload(): readonly string[] {
  return [
    "trivy",
    "image",
    "--download-db-only",
    `--cache-dir=${trivyCache}`,
    "--quiet",
    "--disable-telemetry",
  ];
}

const sixHours = 6 * 60 * 60 * 1000;

/** Changes when a new database can be expected, so that a cached download is not used for longer. */
export function databaseGeneration(now: Date): string {
  return new Date(Math.floor(now.getTime() / sixHours) * sixHours).toISOString();
}

/**
 * What Trivy's database says of itself in its metadata.json.
 * @throws AttestError REPORT_INVALID when it does not say when it was updated.
 */
export function trivyDatabase(metadata: Uint8Array): ScanDatabase {
  const found = parseJson(metadata, { what: "the metadata of Trivy's database" });
  const updated = textAt(found, "UpdatedAt");
  const version = member(found, "Version");
  if (updated === undefined)
    throw new AttestError("REPORT_INVALID", "Trivy's database does not say when it was updated", {
      problems: [{ path: "UpdatedAt", expected: "a time", got: "nothing" }],
      next: "Give the cache directory of `trivy image --download-db-only --cache-dir DIRECTORY`.",
    });
  return { updated, ...present({ version: typeof version === "number" ? `v${version}` : undefined }) };
}
