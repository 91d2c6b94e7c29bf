/** That the checks of examples and snippets find what they are there for. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { checkGo, goIsThere } from "./go-check.js";
import { callPython, pythonIsThere } from "./python-check.js";
import { typeCheck } from "./type-check.js";

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "attest-checks-"));
});

afterAll(async () => {
  await rm(scratch, { recursive: true });
});

test("a name or an argument that is not there is found in TypeScript", async () => {
  const text = [
    'import { dag, type File } from "@dagger.io/dagger";',
    "export const wrong = (file: File) => dag.attest().sbom({ folder: file }).asText();",
    "export const right = (file: File) => dag.attest().sbom({ file }).asFile();\n",
  ].join("\n");
  const complaints = await typeCheck(new Map([["shown.ts", text]]), scratch);
  expect(complaints).toEqual([expect.stringContaining("shown.ts:2: "), expect.stringContaining("'asText'")]);
});

describe.skipIf(!(await goIsThere()))("a name or an argument that is not there is found in Go", () => {
  const asMethod = (body: string) => `func (m *Demo) Run(file *dagger.File) *dagger.File {\n\t${body}\n}\n`;

  test.each([
    ["return dag.Attest().Sbom(dagger.AttestSbomOpts{Folder: file}).AsFile()", "Folder"],
    ["return dag.Attest().Sbom(dagger.AttestSbomOpts{File: file}).AsText()", "AsText"],
    ["return  dag.Attest().Load(file).AsFile()", "-\treturn  dag"],
  ])("%s", async (body, complaint) => {
    expect(await checkGo(asMethod(body), scratch)).toContain(complaint);
  });

  test("and nothing where all is there", async () => {
    expect(await checkGo(asMethod("return dag.Attest().Load(file).AsFile()"), scratch)).toBe("");
  });
});

describe.skipIf(!(await pythonIsThere()))(
  "a name or an argument that is not there is found in Python",
  () => {
    const asModule = (body: string) =>
      [
        "import dagger",
        "from dagger import dag, function, object_type",
        "",
        "@object_type",
        "class Demo:",
        "    @function",
        "    def run(self, file: dagger.File) -> dagger.File:",
        `        return ${body}`,
      ].join("\n");

    test.each([
      ["dag.attest().sbom(folder=file).as_file()", "folder"],
      ["dag.attest().sbom(file=file).as_text()", "as_text"],
      ["dag.attest().load().as_file()", "missing"],
    ])("%s", async (body, complaint) => {
      await expect(callPython(asModule(body), scratch)).rejects.toThrow(complaint);
    });

    test("and nothing where all is there", async () => {
      expect(await callPython(asModule("dag.attest().load(file).as_file()"), scratch)).toBe(1);
    });
  },
);
