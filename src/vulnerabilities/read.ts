/** Reports of Trivy and Grype in their own JSON: what they found, and what they say of themselves. */
import { AttestError } from "../error.js";
import { parseJson } from "../json/parse.js";
import { isObject } from "../statement/json-value.js";
import { grypeReport } from "./grype.js";
import { trivyReport } from "./trivy.js";
import type { ScanReport } from "./types.js";

/**
 * Reads a scanner's report; the content decides whose it is.
 * @param name Name of the report in errors
 * @throws AttestError REPORT_INVALID when it is neither Trivy's nor Grype's JSON, with everything that is
 * wrong with its findings; JSON_INVALID, LIMIT_EXCEEDED.
 */
export function readScanReport(bytes: Uint8Array, name: string): ScanReport {
  const report = parseJson(bytes, { what: name });
  if (isObject(report) && "SchemaVersion" in report && "ArtifactName" in report)
    return trivyReport(report, name);
  if (isObject(report) && Array.isArray(report["matches"])) return grypeReport(report, name);
  throw new AttestError("REPORT_INVALID", `${name} is no report of a vulnerability scan`, {
    problems: [{ path: "", expected: "Trivy's or Grype's JSON", got: "something else" }],
    next: "Let the scanner write its own JSON: trivy --format json, grype --output json.",
  });
}
