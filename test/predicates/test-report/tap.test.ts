import { describe, expect, it } from "vitest";

import { readTap } from "../../../src/predicates/test-report/tap.js";

const read = async (...lines: string[]): Promise<string[]> =>
  (await readTap(`${lines.join("\n")}\n`)).map(({ name, outcome }) => `${outcome} ${name}`);

// The examples of https://testanything.org/tap-version-14-specification.html and tap-version-13.
describe("TAP", () => {
  it("has points that pass and fail, with diagnostics", async () => {
    expect(
      await read(
        "TAP version 14",
        "1..4",
        "ok 1 - Input file opened",
        "not ok 2 - First line of the input valid",
        "  ---",
        "  message: 'First line invalid'",
        "  severity: fail",
        "  ...",
        "ok 3 - Read the rest of the file",
        "not ok 4 - Summarized correctly # TODO Not written yet",
      ),
    ).toEqual([
      "passed Input file opened",
      "failed First line of the input valid",
      "passed Read the rest of the file",
      "warned Summarized correctly",
    ]);
  });

  it("has its plan at the end, and points without description", async () => {
    expect(await read("ok 1 - retrieving servers", "ok", "1..2")).toEqual([
      "passed retrieving servers",
      "passed test 2",
    ]);
  });

  it("skips a point and a whole file", async () => {
    expect(
      await read("TAP version 13", "1..2", "ok 1 - approved", "not ok 2 # SKIP no /sys directory"),
    ).toEqual(["passed approved", "skipped test 2"]);
    expect(await read("1..0 # skip because English-to-French translator isn't installed")).toEqual([]);
  });

  it("reads a point that is to be done as a warning, whether it passes or not", async () => {
    expect(await read("1..2", "ok 1 - a # TODO soon", "not ok 2 - b # todo")).toEqual([
      "warned a",
      "warned b",
    ]);
  });

  it("bails out", async () => {
    expect(
      await read("1..573", "not ok 1 - database handle", "Bail out! Couldn't connect to database."),
    ).toEqual(["failed database handle", "failed (bail out: Couldn't connect to database.)"]);
  });

  it("names subtests by their path", async () => {
    expect(
      await read(
        "TAP version 14",
        "1..2",
        "# Subtest: foo.tap",
        "    1..2",
        "    ok 1",
        "    ok 2 - this passed",
        "ok 1 - foo.tap",
        "# Subtest: bar.tap",
        "    ok 1 - object should be a Boolean",
        "    # Subtest: deep",
        "        not ok 1 - reached",
        "        1..1",
        "    not ok 2 - deep",
        "    1..2",
        "not ok 2 - bar.tap",
      ),
    ).toEqual([
      "passed foo.tap > test 1",
      "passed foo.tap > this passed",
      "passed bar.tap > object should be a Boolean",
      "failed bar.tap > deep > reached",
    ]);
  });

  it("fails with a subtest whose point fails although its own points pass", async () => {
    expect(await read("1..1", "# Subtest: s", "    ok 1 - a", "    1..1", "not ok 1 - s")).toEqual([
      "passed s > a",
      "failed s",
    ]);
  });

  it("takes what a directive says of a subtest for all that is in it", async () => {
    expect(
      await read("1..1", "# Subtest: s", "    not ok 1 - a", "    1..1", "not ok 1 - s # TODO later"),
    ).toEqual(["warned s"]);
  });

  it.each([
    ["no plan", ["ok 1", "ok 2"], "no plan"],
    ["fewer points than planned", ["1..3", "ok 1", "ok 2"], "incorrect number of tests"],
    ["more points than planned", ["1..1", "ok 1", "ok 2"], "id greater than plan end"],
    ["a subtest that was cut off", ["1..1", "# Subtest: s", "    ok 1 - a"], "no plan"],
    [
      "a subtest with fewer points than planned",
      ["1..1", "# Subtest: s", "    1..2", "    ok 1", "ok 1 - s"],
      "s > (incorrect",
    ],
  ])("fails with %s", async (_case, lines, message) => {
    const failed = (await read(...lines)).filter((line) => line.startsWith("failed"));
    expect(failed.join("\n")).toContain(message);
  });

  it("has lines that end as on Windows", async () => {
    expect(await read("TAP version 13\r", "1..1\r", "ok 1 - a\r")).toEqual(["passed a"]);
  });
});
