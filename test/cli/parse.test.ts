import { describe, expect, test } from "vitest";

import { moduleCalls } from "../../cli/catalog.js";
import { parseCommandLine } from "../../cli/parse.js";
import { UsageError } from "../../cli/usage-error.js";
import { catalog } from "./catalog.js";

function given(...tokens: string[]): Record<string, unknown> {
  const line = parseCommandLine(catalog, tokens);
  return Object.fromEntries(line.steps.flatMap((step) => step.given.map(({ name, value }) => [name, value])));
}

function refusal(...tokens: string[]): string {
  try {
    parseCommandLine(catalog, tokens);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`accepted: ${tokens.join(" ")}`);
}

const directory = { kind: "address", type: "Directory", address: "." };

describe("a command line", () => {
  test("chains functions, the constructor's flags first", () => {
    const line = parseCommandLine(catalog, [
      "--tool-image=t:2",
      "scan",
      "--source=.",
      "as-file",
      "export",
      "--path",
      "out",
    ]);
    expect(line.steps.map((step) => step.function.name)).toEqual(["demo", "scan", "asFile", "export"]);
    expect(line.steps[0].given).toEqual([{ name: "toolImage", value: { kind: "literal", value: "t:2" } }]);
    expect(line.steps[3]?.given).toEqual([{ name: "path", value: { kind: "literal", value: "out" } }]);
  });

  test("takes a function's and a flag's name in the module's spelling too", () => {
    const line = parseCommandLine(catalog, ["--toolImage=t:2", "scan", "--source=.", "asFile"]);
    expect(line.steps.map((step) => step.function.name)).toEqual(["demo", "scan", "asFile"]);
  });

  test("separates digits in names, as Dagger does", () => {
    const line = parseCommandLine(catalog, ["scan", "--source=.", "sha-256"]);
    expect(line.steps.at(-1)?.function.name).toBe("sha256");
  });

  test.each([["--level=very_high"], ["--level=VERY_HIGH"]])(
    "takes an enum by member name in any case: %s",
    (flag) => {
      expect(given("scan", "--source", ".", flag)).toEqual({
        source: directory,
        level: { kind: "enum", name: "VERY_HIGH" },
      });
    },
  );

  test("takes a list repeated, with commas, and with a comma in quotes", () => {
    expect(given("scan", "--source=.", "--tags=a,b", '--tags="c,d"')["tags"]).toEqual({
      kind: "list",
      values: ["a", "b", "c,d"].map((value) => ({ kind: "literal", value })),
    });
  });

  test("takes lists of files and secrets as addresses", () => {
    expect(given("scan", "--source=.", "--files=x,y", "--token=env:TOKEN")).toMatchObject({
      files: {
        kind: "list",
        values: [
          { kind: "address", type: "File", address: "x" },
          { kind: "address", type: "File", address: "y" },
        ],
      },
      token: { kind: "address", type: "Secret", address: "env:TOKEN" },
    });
  });

  test("takes numbers and booleans", () => {
    expect(given("scan", "--source=.", "--depth", "-3", "--ratio=1.5", "--deep")).toMatchObject({
      depth: { value: -3 },
      ratio: { value: 1.5 },
      deep: { value: true },
    });
    expect(given("scan", "--source=.", "--deep=false")["deep"]).toEqual({ kind: "literal", value: false });
  });

  test("takes options after any function", () => {
    const line = parseCommandLine(catalog, ["-q", "scan", "--source=.", "-j", "as-file", "-o", "out"]);
    expect(line.options).toEqual({ output: "out", json: true, quiet: true, help: false });
  });

  test("asks for nothing when it asks for help", () => {
    expect(parseCommandLine(catalog, ["scan", "--help"])).toMatchObject({
      options: { help: true },
      path: ["scan"],
    });
  });
});

test("the functions of the module that a chain calls are counted, to start their processes ahead", () => {
  const calls = (...tokens: string[]): number =>
    moduleCalls(
      catalog,
      parseCommandLine(catalog, tokens).steps.map((step) => step.function),
    );
  expect(calls()).toBe(1);
  expect(calls("scan", "--source=.")).toBe(2);
  expect(calls("scan", "--source=.", "as-file", "contents")).toBe(3);
});

describe("a refusal", () => {
  test.each([
    [["scna"], 'Demo has no function "scna". Did you mean scan?'],
    [["scan", "--source=.", "as-flie"], 'DemoReport has no function "as-flie". Did you mean as-file?'],
    [["scan", "--sorce=."], "scan has no flag --sorce. Did you mean --source?"],
    [["scan"], "--source of scan must be given"],
    [["scan", "--source"], "--source: a value is missing"],
    [["scan", "--source=."], undefined],
    [["scan", "--source=", "as-file"], "--source: Directory expected, got an empty text"],
    [
      ["scan", "--source=.", "--level=lwo"],
      '--level: one of LOW, VERY_HIGH expected, got "lwo". Did you mean LOW?',
    ],
    [
      ["scan", "--source=.", "--level=very"],
      '--level: one of LOW, VERY_HIGH expected, got "very". Did you mean VERY_HIGH?',
    ],
    [["scan", "--source=.", "--depth=1.5"], '--depth: a whole number expected, got "1.5"'],
    [["scan", "--source=.", "--ratio=much"], '--ratio: a number expected, got "much"'],
    [["scan", "--source=.", "--deep=maybe"], '--deep: true or false expected, got "maybe"'],
    [["names", "length"], 'nothing can follow names, got "length"'],
    [["merge"], "merge takes an object that can't be given on a command line"],
  ] as const)("of %j", (tokens, message) => {
    if (message === undefined) expect(parseCommandLine(catalog, tokens).steps).toHaveLength(2);
    else expect(refusal(...tokens)).toBe(message);
  });
});
