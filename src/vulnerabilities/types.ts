import type { JsonValue } from "../statement/types.js";

/** One vulnerability that a scanner found in one package. */
export type ScannedVulnerability = {
  /** As in CVE-2021-44228 or GHSA-jfh8-c2jp-5v3q. */
  readonly id: string;
  readonly aliases: readonly string[];
  /** What the scanner calls its severity, in lower case; `unknown` where it does not say. */
  readonly severity: string;
  /** Whose severity that is, as in `nvd`; the scanner's own name where it does not say. */
  readonly severitySource: string;
  /** CVSS base score of the same source, with its version. */
  readonly cvss?: { readonly version: string; readonly score: number };
  readonly packageName?: string;
  readonly installedVersion?: string;
  readonly fixedVersion?: string;
  readonly purl?: string;
  readonly url?: string;
};

/** The database that a scanner looked into, as far as it is known. */
export type ScanDatabase = {
  readonly uri?: string;
  readonly version?: string;
  /** RFC 3339. */
  readonly updated?: string;
};

/** A scanner's report, whichever scanner wrote it. */
export type ScanReport = {
  readonly scanner: { readonly name: string; readonly uri: string; readonly version?: string };
  readonly database: ScanDatabase;
  /** When the scanner wrote it: RFC 3339. */
  readonly created?: string;
  readonly vulnerabilities: readonly ScannedVulnerability[];
  /** The whole report. */
  readonly document: Readonly<Record<string, JsonValue>>;
};
