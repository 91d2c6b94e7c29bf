import { AttestError } from "../../error.js";
import { readJunit } from "./junit.js";
import type { TestOutcome } from "./outcome.js";
import { readTap } from "./tap.js";
import { reportText } from "./text.js";

/** A report file: its content, and its name for errors. */
export type TestReport = { readonly name: string; readonly bytes: Uint8Array };

/**
 * Reads the tests out of reports in JUnit XML or TAP; the content decides which of the two it is.
 * @throws AttestError REPORT_INVALID for the first report that is neither, with everything that is wrong
 * in it; LIMIT_EXCEEDED.
 */
export async function readTestReports(reports: readonly TestReport[]): Promise<TestOutcome[]> {
  const outcomes: TestOutcome[] = [];
  for (const { name, bytes } of reports) {
    const text = reportText(bytes, name);
    for (const outcome of await readOne(text, name)) outcomes.push(outcome);
  }
  return outcomes;
}

async function readOne(text: string, name: string): Promise<TestOutcome[]> {
  if (/^\s*</.test(text)) return readJunit(text, name);
  if (tapPattern.test(text)) return readTap(text);
  throw new AttestError("REPORT_INVALID", `${name} is no test report`, {
    problems: [
      { path: "", expected: "JUnit XML or TAP", got: text.trim() === "" ? "nothing" : "something else" },
    ],
    next: "Let the test runner write JUnit XML or TAP to a file, and hand in that file.",
  });
}

/** A version, a plan, a test point or a bail out at the start of a line. */
const tapPattern = /^(?:TAP version \d|\d+\.\.\d+\s*(?:#|$)|(?:not )?ok\b|Bail out!)/m;
