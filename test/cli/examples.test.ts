import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import {
  commandLines,
  exampleCommands,
  type ExampleFile,
  examplesByFunction,
  readExamples,
} from "../../cli/examples.js";
import { helpText } from "../../cli/help.js";
import { parseCommandLine } from "../../cli/parse.js";
import { catalog } from "./catalog.js";

const scan: ExampleFile = {
  name: "demo_scan.sh",
  text: ': "${ATTEST:=./attest}"\n$ATTEST scan --source=. as-file export --path=report.json\n',
};
const short: ExampleFile = { name: "demo_scan_short.sh", text: "$ATTEST scan --source=. sha-256\n" };
const stale: ExampleFile = { name: "demo_old.sh", text: "$ATTEST gone\n" };

function exampleOf(object: string, name: string) {
  const called = catalog.objects.get(object)?.functions.find((found) => found.name === name);
  if (called === undefined) throw new Error(`no ${object}.${name}`);
  return examplesByFunction(catalog, [stale, short, scan]).get(called);
}

describe("the example of a function", () => {
  test("is the one that a file is named for", () => {
    expect(exampleOf("Demo", "scan")).toEqual(exampleCommands(scan)[0]);
  });

  test("is the shortest that calls it, where no file is named for it", () => {
    expect(exampleOf("DemoReport", "asFile")?.file).toBe("demo_scan.sh");
    expect(exampleOf("DemoReport", "sha256")?.file).toBe("demo_scan_short.sh");
    expect(exampleOf("Demo", "reset")).toBeUndefined();
  });

  test("stands in its help", () => {
    const line = parseCommandLine(catalog, ["scan", "--help"]);
    const text = helpText(catalog, line, examplesByFunction(catalog, [scan]));
    expect(text).toContain("Example\n  ./attest scan --source=. as-file export --path=report.json\n");
  });
});

test("a long command is broken at its words, and quoted where the shell needs it", () => {
  expect(commandLines("./attest", ["verify", "--identity=a b", "--issuer=https://example.com"], 40)).toEqual([
    "./attest verify '--identity=a b' \\",
    "  --issuer=https://example.com",
  ]);
});

test("the project's root has examples", async () => {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  expect((await readExamples(root)).map(({ name }) => name)).toContain("attest_sbom.sh");
});
