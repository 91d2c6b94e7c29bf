import { AttestError } from "../error.js";
import type { SbomScanner } from "./types.js";

export type ScannerFailure = {
  readonly scanner: SbomScanner;
  readonly exitCode: number;
  readonly stderr: string;
};

/** The error for a scanner that ended with an exit code other than 0: its last lines and what to do. */
export function scannerFailure({ scanner, exitCode, stderr }: ScannerFailure): AttestError {
  return new AttestError(
    "SCANNER_FAILED",
    `${scanner} ended with exit code ${exitCode}\n${lastLines(stderr)}`,
    {
      next: nextStep(exitCode, stderr),
    },
  );
}

function nextStep(exitCode: number, stderr: string): string {
  if (exitCode === 137) {
    return "It was killed, most often for want of memory: give the engine more, or scan a part of the input.";
  }
  if (exitCode === 126 || exitCode === 127) {
    return "Its image lacks the executable: Syft is expected at /syft, Trivy on the PATH.";
  }
  if (/no space left/i.test(stderr)) return "Free disk space where the engine keeps its data.";
  return "Read the scanner's own words above; the other scanner may read what this one does not.";
}

const shownLines = 10;
const shownColumns = 400;
/** Colours that a scanner writes even where nobody sees them. */
const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** The last lines of a scanner's stderr, indented; long ones are cut. */
export function lastLines(stderr: string): string {
  const lines = stderr
    .replace(colours, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  if (lines.length === 0) return "  (it printed nothing on stderr)";
  return lines
    .slice(-shownLines)
    .map((line) => `  | ${line.length > shownColumns ? `${line.slice(0, shownColumns)}...` : line}`)
    .join("\n");
}
