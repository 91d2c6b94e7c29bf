/**
 * The example modules of examples/, as far as no Dagger engine is needed: formatted, compiled against the
 * client that one would generate, and named as the Daggerverse wants it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { kebabCase } from "../../engine/module/names.js";
import { goldenTypes } from "../docs/commands.js";
import { filesBelow, readPage } from "../docs/pages.js";
import { checkGo, goIsThere } from "./go-check.js";
import { callPython, pythonIsThere } from "./python-check.js";
import { typeCheck } from "./type-check.js";

const typescript = "examples/typescript/src/index.ts";
const go = "examples/go/main.go";
const python = "examples/python/src/examples/__init__.py";

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "attest-examples-"));
});

afterAll(async () => {
  await rm(scratch, { recursive: true });
});

test.each([typescript, "test/module/src/index.ts"])("%s type-checks", async (path) => {
  const directory = await mkdtemp(join(scratch, "typescript-"));
  expect(await typeCheck(new Map([["index.ts", (await readPage(path)).text]]), directory)).toEqual([]);
});

test.skipIf(!(await goIsThere()))("Go is formatted and passes go vet", async () => {
  expect(await checkGo((await readPage(go)).text, scratch)).toBe("");
});

test.skipIf(!(await pythonIsThere()))(
  "Python calls only functions and arguments that are there",
  async () => {
    const { text } = await readPage(python);
    const functions = [...text.matchAll(/^ +(?:async )?def \w+/gm)];
    expect(await callPython(text, scratch)).toBe(functions.length);
  },
);

// `attestSbom_signed`, `AttestSbom_Signed` and `attest_sbom__signed` are examples for `sbom`.
test.each([
  [typescript, /@func\([^)]*\)\s+(?:async )?(?:attest([A-Z][A-Za-z]*)(?:_[a-z]\w*)?|\w+)\(/g],
  [go, /^func \(m \*Examples\) (?:Attest([A-Z][A-Za-z]*)(?:_[A-Z]\w*)?|\w+)\(/gm],
  [python, /@function[^\n]*\s+(?:async )?def (?:attest_([a-z_]+?)(?:__[a-z]\w*)?|\w+)\(/g],
])("%s names its functions for those that they show", async (path, pattern) => {
  const found = [...(await readPage(path)).text.matchAll(pattern)];
  const known = await shownNames();
  expect(found).not.toEqual([]);
  expect(found.filter(([, name = ""]) => !known.includes(kebabCase(name))).map(([whole]) => whole)).toEqual(
    [],
  );
});

test("shell examples are named for the functions that they show", async () => {
  const known = (await shownNames()).map((name) => name.replaceAll("-", "_"));
  const files = await filesBelow("examples/shell", ".sh");
  const strange = files.filter((path) => {
    const name = path.replace("examples/shell/attest_", "").replace(".sh", "");
    return !known.some((found) => name === found || name.startsWith(`${found}_`));
  });
  expect(strange).toEqual([]);
});

async function shownNames(): Promise<string[]> {
  const types = await goldenTypes();
  const main = types.objects.find(({ name }) => name === types.mainObject);
  return [...(main?.functions ?? []).map(({ name }) => kebabCase(name)), "quickstart"];
}
