/** Prints `N passed, N failed` as the very last line of a test run. */
import { writeSync } from "node:fs";

import type { Reporter, SerializedError, TestModule } from "vitest/node";

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    // A file that can't be loaded has no tests: it counts as one failure, as an error outside any test does.
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length;
    const skipped = count("skipped");
    const line = `${count("passed")} passed, ${count("failed") + broken} failed`;
    process.once("exit", () => {
      writeSync(1, `${line}${skipped === 0 ? "" : `, ${skipped} skipped`}\n`);
    });
  }
}
