import type { ResourceDescriptor } from "../statement/types.js";
import type { PredicateDefinition } from "./definition.js";
import { anyText, descriptor, list, object, oneOf, optional, uri, type TypeOf } from "./shape.js";
import type { TestOutcome } from "./test-report/outcome.js";

const shape = object({
  result: oneOf("PASSED", "WARNED", "FAILED"),
  configuration: list(descriptor),
  url: optional(uri),
  passedTests: optional(list(anyText)),
  warnedTests: optional(list(anyText)),
  failedTests: optional(list(anyText)),
  /** Ours: tests that did not run. The specification has no field for them. */
  attest_skippedTests: optional(list(anyText)),
});

export type TestResult = TypeOf<typeof shape>;

/** https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md */
export const testResultV01: PredicateDefinition<TestResult> = {
  predicateType: "https://in-toto.io/attestation/test-result/v0.1",
  what: "a test result",
  specification: "https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md",
  shape,
};

export type TestRun = {
  /** What every report says of every test. */
  readonly outcomes: readonly TestOutcome[];
  /** The configuration that the tests ran with, as in a workflow file. */
  readonly configuration?: readonly ResourceDescriptor[];
  /** Where the run can be looked at. */
  readonly url?: string;
};

/**
 * The predicate for one run of tests, which may have written several reports.
 *
 * FAILED when a test failed; else WARNED when a test passed with a warning, or when none passed; else
 * PASSED. Skipped tests change nothing and are listed apart. A name that occurs several times stands
 * once, under its worst outcome. Names are sorted by code unit, so that the order of a run does not show.
 */
export function testResult({ outcomes, configuration = [], url }: TestRun): TestResult {
  const worst = new Map<string, TestOutcome["outcome"]>();
  for (const { name, outcome } of outcomes) {
    const before = worst.get(name);
    if (before === undefined || severity[outcome] > severity[before]) worst.set(name, outcome);
  }
  const named = (wanted: TestOutcome["outcome"]): string[] =>
    [...worst]
      .filter(([, outcome]) => outcome === wanted)
      .map(([name]) => name)
      .sort();
  const [passed, warned, failed, skipped] = [
    named("passed"),
    named("warned"),
    named("failed"),
    named("skipped"),
  ];
  return {
    result: failed.length > 0 ? "FAILED" : warned.length > 0 || passed.length === 0 ? "WARNED" : "PASSED",
    configuration,
    ...(url === undefined ? {} : { url }),
    passedTests: passed,
    warnedTests: warned,
    failedTests: failed,
    ...(skipped.length === 0 ? {} : { attest_skippedTests: skipped }),
  };
}

const severity = { skipped: 0, passed: 1, warned: 2, failed: 3 } as const;
