import { beforeAll, describe, expect, test } from "vitest";

import { callable, type Catalog } from "../../cli/catalog.js";
import { examplesByFunction, readExamples } from "../../cli/examples.js";
import { attestCommands, commandFault, goldenCatalog, goldenTypes } from "./commands.js";
import { blocks, filesBelow, readPage, readPages, root } from "./pages.js";

let catalog: Catalog;

beforeAll(async () => {
  catalog = await goldenCatalog();
});

function faults(where: string, text: string): string[] {
  return attestCommands(text).flatMap((words) => {
    const fault = commandFault(catalog, words);
    return fault === undefined ? [] : [`${where}: ${fault}`];
  });
}

describe("every command that is shown is one that the module understands", () => {
  test("in the pages", async () => {
    const shown = (await readPages()).flatMap(blocks).filter(({ language }) => language === "sh");
    expect(shown.flatMap(({ where, text }) => faults(where, text))).toEqual([]);
  });

  test("in the shell examples", async () => {
    const files = await Promise.all((await filesBelow("examples/shell", ".sh")).map(readPage));
    expect(files.filter(({ text }) => attestCommands(text).length === 0).map(({ path }) => path)).toEqual([]);
    expect(files.flatMap(({ path, text }) => faults(path, text))).toEqual([]);
  });
});

test("a command that the module does not have is found", () => {
  expect(faults("x", "dagger -m MODULE call --silent sbom --directory=. as-file contents")).toEqual([]);
  expect(faults("x", 'if test "$(./attest sbon --directory=.)"; then :; fi')).toEqual([
    'x: ./attest sbon --directory=.: Attest has no function "sbon". Did you mean sbom?',
  ]);
  expect(faults("x", "dagger call -m MODULE sbom --folder=.")).toHaveLength(1);
});

test("every function has an example in examples/shell", async () => {
  const examples = examplesByFunction(catalog, await readExamples(root));
  const types = await goldenTypes();
  const without = types.objects.flatMap(({ name, fields }) => {
    const object = catalog.objects.get(name);
    const functions = object === undefined ? [] : callable(object);
    return functions
      .filter((called) => !examples.has(called) && !fields.some((field) => field.name === called.name))
      .map((called) => `${name}.${called.name}`);
  });
  expect(without).toEqual([]);
});
