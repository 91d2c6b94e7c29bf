import { AttestError } from "../error.js";
import type { SbomScanner } from "./types.js";

export type ScannerFailure = {
  readonly scanner: SbomScanner;
  readonly exitCode: number;
  readonly stderr: string;
};

/** The error for a scanner that ended with an exit code other than 0: its last lines and what to do. */
export function scannerFailure({ scanner, exitCode, stderr }: ScannerFailure): AttestError {
  return new AttestError("SCANNER_FAILED", `${scanner} ended with exit code ${exitCode}\n${stderr}`);
}
