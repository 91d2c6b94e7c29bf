import { parse } from "graphql";
import { describe, expect, test } from "vitest";

import { parseCommandLine } from "../../cli/parse.js";
import { resultAt, resultText } from "../../cli/print.js";
import { addresses, addressKey, addressQuery, chainQuery, type Query } from "../../cli/query.js";
import { catalog } from "./catalog.js";

function query(...tokens: string[]): Query {
  const line = parseCommandLine(catalog, tokens);
  const ids = new Map(
    addresses(line.steps).map((address) => [addressKey(address), `id of ${address.address}`]),
  );
  const made = chainQuery(catalog, line.steps, line.options, ids);
  parse(made.text);
  return made;
}

describe("a chain's query", () => {
  test("nests the calls with their arguments and ends at the scalar", () => {
    const made = query(
      "--tool-image=t",
      "scan",
      "--source=.",
      "--level=low",
      "--tags=a,b",
      "--deep",
      "sha256",
    );
    expect(made.text).toBe(
      '{ demo(toolImage: "t") { scan(source: "id of .", level: LOW, tags: ["a", "b"], deep: true) { sha256 } } }',
    );
    expect(made.path).toEqual(["demo", "scan", "sha256"]);
  });

  test("asks an object for its id, or to be evaluated where it can be", () => {
    expect(query("scan", "--source=.").text).toBe('{ demo { scan(source: "id of .") { id } } }');
    expect(query("scan", "--source=.", "as-file").path.at(-1)).toBe("sync");
  });

  test("exports the object to --output", () => {
    const made = query("scan", "--source=.", "as-file", "-o", 'a "b"');
    expect(made.exported).toBe(true);
    expect(made.text).toContain('export(path: "a \\"b\\"", allowParentDirPath: true)');
  });

  test("leaves a scalar's --output to the command line", () => {
    expect(query("scan", "--source=.", "sha256", "-o", "x").exported).toBe(false);
  });

  test("resolves each address once", () => {
    const line = parseCommandLine(catalog, ["scan", "--source=.", "--files=a,b,a"]);
    expect(addresses(line.steps).map(addressQuery)).toEqual([
      '{ address(value: ".") { directory { id } } }',
      '{ address(value: "a") { file { id } } }',
      '{ address(value: "b") { file { id } } }',
    ]);
  });
});

describe("a result", () => {
  const names = query("names");
  const reports = query("reports");

  test.each([
    [query("scan", "--source=.", "sha256"), "a\nb", false, "a\nb"],
    [query("scan", "--source=.", "sha256"), 'a"', true, '"a\\""\n'],
    [query("scan", "--source=.", "as-file", "size"), 3, false, "3"],
    [names, ["a", "b"], false, "a\nb\n"],
    [names, [], false, ""],
    [names, ["a"], true, '[\n    "a"\n]\n'],
    [query("reset"), null, false, ""],
  ])("of %j prints as dagger call prints it", (made, result, json, text) => {
    expect(resultText(made, result, json)).toBe(text);
  });

  test("that is an object prints its type and a digest", () => {
    expect(resultText(query("scan", "--source=."), "id", false)).toMatch(
      /^DemoReport@sha256:[0-9a-f]{64}\n$/,
    );
    expect(resultText(reports, ["a", "b"], false)).toMatch(/^(- DemoReport@sha256:[0-9a-f]{64}\n){2}$/);
  });

  test("is found through lists", () => {
    const found = resultAt({ demo: { reports: [{ id: "a" }, { id: "b" }] } }, reports.path);
    expect(found).toEqual(["a", "b"]);
  });
});
