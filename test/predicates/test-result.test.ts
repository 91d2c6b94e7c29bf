import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readPredicate, writePredicate } from "../../src/predicates/definition.js";
import { readTestReports } from "../../src/predicates/test-report/read.js";
import type { TestOutcome } from "../../src/predicates/test-report/outcome.js";
import { testResult, testResultV01 } from "../../src/predicates/test-result.js";
import { projectRoot } from "../support/module.js";
import fc from "../support/property.js";
import { bytes, refusal, settled } from "./support.js";

const outcomes = (...lines: string[]): TestOutcome[] =>
  lines.map((line) => {
    const [name = "", outcome] = line.split(" ");
    if (outcome === "passed" || outcome === "warned" || outcome === "failed" || outcome === "skipped")
      return { name, outcome };
    throw new Error(`no outcome: ${line}`);
  });

/** The example of https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md. */
const example = {
  result: "PASSED",
  configuration: [
    {
      name: ".github/workflows/ci.yml",
      downloadLocation:
        "https://github.com/in-toto/in-toto/blob/d20ace7968ba43c0219f62d71334c1095bab1602/.github/workflows/ci.yml",
      digest: { gitBlob: "ebe4add40f63c3c98bc9b32ff1e736f04120b023" },
    },
  ],
  url: "https://github.com/in-toto/in-toto/actions/runs/4425592351",
  passedTests: ["build (3.7, ubuntu-latest, py)", "build (3.x, ubuntu-latest, lint)"],
  warnedTests: [],
  failedTests: [],
};

describe("a test result", () => {
  it("is read as the specification prints it, with fields that it does not name", () => {
    const extended = { ...example, "x-runner": { os: "linux" } };
    expect(readPredicate(testResultV01, bytes(extended))).toEqual(extended);
  });

  it("needs no more than a result and a configuration", () => {
    expect(readPredicate(testResultV01, bytes({ result: "FAILED", configuration: [] }))).toBeDefined();
  });

  it("is refused with everything that is wrong", async () => {
    const wrong = {
      result: "passed",
      url: "run 5",
      passedTests: [1, "a"],
      warnedTests: "none",
      configuration: [{}],
    };
    const error = await refusal(() => readPredicate(testResultV01, bytes(wrong)));
    expect(error.code).toBe("PREDICATE_INVALID");
    expect(error.problems.map(({ path }) => path)).toEqual([
      "result",
      "configuration[0]",
      "url",
      "passedTests[0]",
      "warnedTests",
    ]);
    expect(error.message).toContain("PASSED or WARNED or FAILED expected");
  });

  it.each(["null", "[]", '"PASSED"', "1"])("is refused when it is %s", async (json) => {
    expect((await refusal(() => readPredicate(testResultV01, bytes(json)))).problems).toHaveLength(1);
  });

  it("is refused when a key is repeated", async () => {
    const twice = '{"result":"FAILED","result":"PASSED","configuration":[]}';
    expect((await refusal(() => readPredicate(testResultV01, bytes(twice)))).code).toBe("JSON_INVALID");
  });

  it("is refused when a field's name differs in case alone: other readers would take it", async () => {
    const alias = { result: "PASSED", Result: "FAILED", configuration: [] };
    expect((await refusal(() => readPredicate(testResultV01, bytes(alias)))).message).toContain(
      "the field name result",
    );
  });
});

describe("the result of a run", () => {
  it.each([
    ["PASSED", ["a passed", "b skipped"]],
    ["WARNED", ["a passed", "b warned"]],
    ["FAILED", ["a passed", "b warned", "c failed"]],
    ["WARNED", []],
    ["WARNED", ["a skipped"]],
  ])("is %s for %j", (result, lines) => {
    expect(testResult({ outcomes: outcomes(...lines) }).result).toBe(result);
  });

  it("lists each name once, under its worst outcome, in an order that the run does not decide", () => {
    const run = outcomes(
      "b passed",
      "a failed",
      "c skipped",
      "a passed",
      "d warned",
      "c passed",
      "e skipped",
      "B passed",
    );
    const expected = {
      result: "FAILED",
      configuration: [],
      passedTests: ["B", "b", "c"],
      warnedTests: ["d"],
      failedTests: ["a"],
      attest_skippedTests: ["e"],
    };
    expect(testResult({ outcomes: run })).toEqual(expected);
    expect(testResult({ outcomes: run.toReversed() })).toEqual(expected);
  });

  it("is written so that it is read back, with configuration and URL", () => {
    const { configuration, url } = example;
    const written = writePredicate(
      testResultV01,
      testResult({ outcomes: outcomes("a passed"), configuration, url }),
    );
    expect(readPredicate(testResultV01, written)).toMatchObject({ configuration, url, passedTests: ["a"] });
  });

  it("does not take a URL that is none", async () => {
    const run = testResult({ outcomes: [], url: "run 5" });
    expect((await refusal(() => writePredicate(testResultV01, run))).problems).toMatchObject([
      { path: "url" },
    ]);
  });
});

describe("reports of real test runners", () => {
  let directory: string;
  const suite = (from: string): string => `${from}
    describe("math", () => {
      it("adds", () => assert.equal(1 + 1, 2));
      it("divides <&> \\"quotes\\"", () => assert.equal(1, 2));
      it.skip("later", () => undefined);
      describe("deep", () => { it("nested", () => undefined) });
    });`;
  const run = async (args: readonly string[]): Promise<string> =>
    new Promise((done) => {
      execFile(
        process.execPath,
        args,
        { cwd: directory, env: { PATH: process.env["PATH"] } },
        (_failed, stdout) => done(stdout),
      );
    });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "attest-test-"));
    const assert = 'import assert from "node:assert";';
    await writeFile(
      join(directory, "math.mjs"),
      suite(`import { describe, it } from "node:test"; ${assert}`),
    );
    await writeFile(join(directory, "math.test.mjs"), suite(assert));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const divides = 'math > divides <&> "quotes"';

  // Node's JUnit reporter writes the quotes in attributes as &amp;quot; (it escapes them first and the
  // ampersands then). The name in its report is the one that XML gives; undoing it would be a guess.
  const divided = { junit: divides.replaceAll('"', "&quot;"), tap: divides };

  it.each(["junit", "tap"] as const)("node --test, %s", async (reporter) => {
    const report = await run(["--test", `--test-reporter=${reporter}`, "math.mjs"]);
    const result = testResult({ outcomes: await readTestReports([{ name: "r", bytes: bytes(report) }]) });
    expect(result).toMatchObject({
      result: "FAILED",
      passedTests: ["math > adds", expect.stringMatching(/^math > deep > (math\.deep > )?nested$/)],
      failedTests: [divided[reporter]],
      attest_skippedTests: ["math > later"],
    });
  });

  it("vitest, JUnit", async () => {
    const vitest = join(projectRoot, "node_modules/vitest/vitest.mjs");
    await run([vitest, "run", "--root", ".", "--globals", "--reporter=junit", "--outputFile=vitest.xml"]);
    const report = await readFile(join(directory, "vitest.xml"));
    const result = testResult({ outcomes: await readTestReports([{ name: "vitest.xml", bytes: report }]) });
    expect(result).toMatchObject({
      result: "FAILED",
      passedTests: ["math.test.mjs > math > adds", "math.test.mjs > math > deep > nested"],
      failedTests: [`math.test.mjs > ${divides}`],
      attest_skippedTests: ["math.test.mjs > math > later"],
    });
  });
});

describe("several reports", () => {
  it("make one run", async () => {
    const junit = bytes('<testsuite name="s"><testcase name="a"/></testsuite>');
    const tap = bytes("1..1\nnot ok 1 - b\n");
    const found = await readTestReports([
      { name: "a.xml", bytes: junit },
      { name: "b.tap", bytes: tap },
    ]);
    expect(found.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(["s > a passed", "b failed"]);
  });

  it.each(["", "hello", "{}", "5 passed"])("are refused when one is %j", async (text) => {
    const error = await refusal(() => readTestReports([{ name: "log.txt", bytes: bytes(text) }]));
    expect(error.code).toBe("REPORT_INVALID");
    expect(error.message).toContain("log.txt");
  });
});

describe("no input", () => {
  const words = fc.constantFrom(
    ...'<testsuites> <testsuite </testsuite> <testcase name="a" /> > <failure> </failure> <![CDATA[ ]]> &amp; &x; failures="2"'.split(
      " ",
    ),
    ..."TAP version 14|1..2|ok 1 - a|not ok 2|# Subtest: s|    ok 1|    1..1|Bail out! x|  ---|  ...|ok # SKIP|}| {".split(
      "|",
    ),
  );
  const text = fc.array(fc.oneof(words, fc.string()), { maxLength: 30 });

  it("ends a reader with anything but an outcome or a refusal", async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom(" ", "\n"), async (parts, between) => {
        await settled(() => readTestReports([{ name: "r", bytes: bytes(parts.join(between)) }]));
      }),
      { numRuns: 500 },
    );
  });

  it("ends the predicate's reader with anything but a value or a refusal", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        await settled(() => readPredicate(testResultV01, bytes(json)));
      }),
    );
  });
});
