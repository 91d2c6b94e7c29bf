/** TypeScript, Go and Python in the pages: fragments of modules that depend on this one. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { checkGo, goIsThere } from "../examples/go-check.js";
import { callPython, pythonIsThere } from "../examples/python-check.js";
import { typeCheck } from "../examples/type-check.js";
import { type Block, blocks, readPages } from "./pages.js";

let scratch: string;
let found: Block[];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "attest-snippets-"));
  // The local engine's page shows the project's own code, not a module's.
  found = (await readPages()).filter(({ path }) => !path.startsWith("engine/")).flatMap(blocks);
});

afterAll(async () => {
  await rm(scratch, { recursive: true });
});

function inLanguage(language: string): Block[] {
  return found.filter((block) => block.language === language);
}

/** A file name that leads back to the page. */
function fileName(block: Block, ending: string): string {
  return `${block.where.replace(/[^a-z0-9]+/gi, "_")}${ending}`;
}

const imported =
  "argument, check, func, object, dag, type Container, type Directory, type File, type Secret, type Platform, type Service";

/** Methods without a class around them are put into one. */
function asTypescriptModule(text: string): string {
  if (/^import /m.test(text)) return text;
  const body = /^ *@func\(/m.test(text) ? `@object()\nexport class Snippet {\n${text}}\n` : text;
  return `import { ${imported} } from "@dagger.io/dagger";\n${body}`;
}

/** Functions without a class around them are put into one. */
function asPythonModule(text: string): string {
  if (/^(?:import|from) /m.test(text)) return text;
  const header = ["import dagger", "from dagger import dag, function, object_type", "", "@object_type"];
  return [...header, "class Snippet:", ...text.split("\n").map((line) => `    ${line}`)].join("\n");
}

test("TypeScript type-checks against the SDK and the module's client", async () => {
  const shown = inLanguage("ts");
  expect(shown).not.toEqual([]);
  const files = new Map(shown.map((block) => [fileName(block, ".ts"), asTypescriptModule(block.text)]));
  expect(await typeCheck(files, scratch)).toEqual([]);
});

test.skipIf(!(await goIsThere()))("Go is formatted and compiles against the module's client", async () => {
  const shown = inLanguage("go");
  expect(shown).not.toEqual([]);
  for (const block of shown)
    expect([block.where, await checkGo(block.text, scratch)]).toEqual([block.where, ""]);
});

test.skipIf(!(await pythonIsThere()))(
  "Python calls only functions and arguments that are there",
  async () => {
    const shown = inLanguage("python");
    expect(shown).not.toEqual([]);
    for (const { text, where } of shown) {
      const functions = text.match(/^ *(?:async )?def /gm) ?? [];
      await expect(callPython(asPythonModule(text), scratch), where).resolves.toBe(functions.length);
    }
  },
);
