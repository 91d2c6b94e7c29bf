import type { TestResult } from "./test-result.js";

const shown = 10;

/** A test result in a few lines for people: how many of which outcome, and what failed by name. */
export function summariseTests(result: TestResult): string {
  const { passedTests = [], warnedTests = [], failedTests = [], attest_skippedTests: skipped = [] } = result;
  const counts = [
    `${passedTests.length} passed`,
    ...(warnedTests.length > 0 ? [`${warnedTests.length} with warnings`] : []),
    ...(failedTests.length > 0 ? [`${failedTests.length} failed`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
  ];
  return [
    `tests ${result.result}: ${counts.join(", ")}`,
    ...failedTests.slice(0, shown).map((name) => `  failed: ${name}`),
    ...(failedTests.length > shown ? [`  and ${failedTests.length - shown} more`] : []),
  ].join("\n");
}
