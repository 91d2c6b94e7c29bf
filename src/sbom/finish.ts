import type { ScanPlan, ScanRequest } from "./plan.js";
import type { SbomSummary } from "./summary.js";

export type FinishSbomOptions = {
  readonly request: ScanRequest;
  readonly plan: ScanPlan;
  /** Path of the file that the scanner wrote. */
  readonly outputPath: string;
  /** What the scanner printed on stderr; the last lines stand in the error. */
  readonly stderr: string;
  /** The instant that the SBOM says it was made: RFC 3339 in UTC, or seconds since 1970. */
  readonly created: string | number;
  /** Where the normalised SBOM goes: the predicate's bytes. */
  readonly predicatePath: string;
};

/**
 * From what a scanner wrote to a predicate: parsed, normalised, validated, written, summarised.
 *
 * @throws AttestError SBOM_INVALID, ARGUMENT_INVALID for `created`
 */
export function finishSbom(_options: FinishSbomOptions): Promise<SbomSummary> {
  return Promise.reject(new Error("not made yet"));
}
