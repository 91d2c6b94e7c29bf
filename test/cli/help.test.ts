import { describe, expect, test } from "vitest";

import { functionList, helpText } from "../../cli/help.js";
import { parseCommandLine } from "../../cli/parse.js";
import { firstSentence } from "../../cli/text.js";
import { catalog } from "./catalog.js";

function help(...tokens: string[]): string {
  return helpText(catalog, parseCommandLine(catalog, [...tokens, "--help"]));
}

describe("help", () => {
  // After a wanted change: npx vitest run test/cli -u
  test.each([
    ["module", []],
    ["function", ["scan"]],
    ["core-function", ["scan", "as-file", "export"]],
  ])("of a %s is what the golden file says", async (name, tokens) => {
    await expect(help(...tokens)).toMatchFileSnapshot(`golden/help-${name}.txt`);
  });

  test("fits in 80 columns", () => {
    const texts = [help(), help("scan"), help("scan", "as-file"), help("scan", "as-file", "export")];
    const long = texts.flatMap((text) => text.split("\n")).filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });

  test("leaves out what no command line can call", () => {
    expect(help()).not.toContain("merge");
  });

  test("lists functions by name, with their first sentence", () => {
    expect(functionList(catalog, parseCommandLine(catalog, ["--help"]))).toBe(
      [
        "names    Does names.",
        "reports  Does reports.",
        "reset    Does reset.",
        "scan     Scans a directory.",
        "",
      ].join("\n"),
    );
  });
});

test.each([
  ["One. Two.", "One."],
  ["It goes\non. Then ends.", "It goes on."],
  ["Version 1.2 e.g. this. Next.", "Version 1.2 e.g. this."],
  ["No full stop\n\nMore.", "No full stop"],
  ["", ""],
])("the first sentence of %j is %j", (text, sentence) => {
  expect(firstSentence(text)).toBe(sentence);
});
