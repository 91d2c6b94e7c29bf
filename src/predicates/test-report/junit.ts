/**
 * JUnit XML, the lingua franca of test reports. It has no specification; what Ant, Surefire, Gradle,
 * pytest, gotestsum, googletest, CTest, node, vitest and Playwright write is read here.
 * https://github.com/testmoapp/junitxml collects the dialects.
 */
import { AttestError, type Problem } from "../../error.js";
import { joinNames, type TestOutcome } from "./outcome.js";
import { parseXml, type XmlElement } from "./xml.js";

/**
 * Reads the tests out of a JUnit report. A test's name is the names of the suites around it, its
 * `classname` and its `name`.
 * @param text The document
 * @param name Name of the report in errors
 * @throws AttestError REPORT_INVALID with everything that is wrong, LIMIT_EXCEEDED.
 */
export async function readJunit(text: string, name: string): Promise<TestOutcome[]> {
  const root = await parseXml(text, name);
  const problems: Problem[] =
    root.name === "testsuites" || root.name === "testsuite"
      ? []
      : [
          {
            path: root.name,
            expected: "a root element testsuites or testsuite",
            got: JSON.stringify(root.name),
          },
        ];
  const outcomes = problems.length > 0 ? [] : readSuite(root, [], root.name, problems);
  if (problems.length === 0) return outcomes;
  throw new AttestError("REPORT_INVALID", `${name} is no JUnit report`, {
    problems,
    next: "Let the test runner write JUnit XML or TAP; TRX, NUnit and xUnit.net reports have to be converted first.",
  });
}

function readSuite(
  suite: XmlElement,
  around: readonly string[],
  path: string,
  problems: Problem[],
): TestOutcome[] {
  // The name of the root element testsuites is the run's, not a suite's.
  const names = suite.name === "testsuites" ? around : [...around, suite.attributes.get("name") ?? ""];
  const outcomes: TestOutcome[] = [];
  for (const [at, child] of suite.children.entries()) {
    const childPath = `${path}.${child.name}[${at}]`;
    if (child.name === "testsuite") outcomes.push(...readSuite(child, names, childPath, problems));
    if (child.name === "testcase") outcomes.push(...readCase(child, names, childPath, problems));
    if (isFailure(child))
      outcomes.push({ name: joinNames([...names, `(${child.name} of the suite)`]), outcome: "failed" });
  }
  return [...outcomes, ...hiddenFailures(suite, names, outcomes)];
}

/** A suite that counts failures of which no test tells has failed nevertheless. */
function hiddenFailures(
  suite: XmlElement,
  names: readonly string[],
  outcomes: readonly TestOutcome[],
): TestOutcome[] {
  const counted = countOf(suite, "failures") + countOf(suite, "errors");
  const shown = outcomes.some(({ outcome }) => outcome === "failed" || outcome === "warned");
  if (counted === 0 || shown) return [];
  return [{ name: joinNames([...names, `(${counted} failures without a test case)`]), outcome: "failed" }];
}

function countOf(suite: XmlElement, attribute: string): number {
  const count = suite.attributes.get(attribute) ?? "";
  return /^\d+$/.test(count) ? Number(count) : 0;
}

function readCase(
  test: XmlElement,
  around: readonly string[],
  path: string,
  problems: Problem[],
): TestOutcome[] {
  const name = joinNames([
    ...around,
    test.attributes.get("classname") ?? "",
    test.attributes.get("name") ?? "",
  ]);
  if (name !== "") return [{ name, outcome: outcomeOf(test) }];
  problems.push({ path, expected: "a test case with a name", got: "none" });
  return [];
}

function outcomeOf(test: XmlElement): TestOutcome["outcome"] {
  const status = (test.attributes.get("status") ?? "").toLowerCase();
  const result = (test.attributes.get("result") ?? "").toLowerCase();
  const skipped = test.children.filter((child) => child.name === "skipped");
  // Node's test runner: work to be done, whose failure is expected.
  if (skipped.some((child) => child.attributes.get("type") === "todo")) return "warned";
  if (test.children.some(isFailure) || failedWords.has(status) || failedWords.has(result)) return "failed";
  if (skipped.length > 0 || skippedWords.has(status) || skippedWords.has(result)) return "skipped";
  return test.children.some((child) => retriedElements.has(child.name)) ? "warned" : "passed";
}

function isFailure(element: XmlElement): boolean {
  return element.name === "failure" || element.name === "error";
}

/** `status` of CTest and others. */
const failedWords: ReadonlySet<string> = new Set(["fail", "failed", "failure", "error", "errored"]);

/** `status` and `result` of googletest and CTest. */
const skippedWords: ReadonlySet<string> = new Set(["notrun", "disabled", "skipped", "suppressed"]);

/** Surefire: failed at first and passed when it was run again. */
const retriedElements: ReadonlySet<string> = new Set(["flakyFailure", "flakyError"]);
