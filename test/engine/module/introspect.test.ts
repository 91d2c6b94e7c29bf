import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { buildSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { introspect, moduleTypes } from "../../../engine/module/introspect.js";
import { moduleSchema } from "../../../engine/module/schema.js";
import { readModuleSource } from "../../../engine/module/source.js";
import type { ModuleTypes } from "../../../engine/module/types.js";

const fixture = fileURLToPath(new URL("fixture", import.meta.url));

let work: string;
let types: ModuleTypes;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "attest-introspect-"));
  types = await moduleTypes(await readModuleSource(fixture), work);
});

afterAll(async () => {
  await rm(work, { recursive: true });
});

/** Types of a copy of the bare module with another source. */
async function typesOf(name: string, source: string): Promise<ModuleTypes> {
  const directory = join(work, name);
  await cp(fileURLToPath(new URL("bare", import.meta.url)), directory, { recursive: true });
  await writeFile(join(directory, "src", "index.ts"), source);
  return await introspect(await readModuleSource(directory));
}

describe("a module's types", () => {
  test("have the names of Dagger's schema", () => {
    expect(types.objects.map(({ name }) => name)).toEqual(["Fixture", "FixtureNote", "FixtureLabel"]);
    expect(types.enums).toMatchObject([
      { name: "FixtureColour", members: [{ name: "BLACK", sourceName: "Black" }, { name: "DARK_RED" }] },
    ]);
  });

  test("have defaults, enums by member name, and what the module computes itself as optional", () => {
    const note = types.objects[0]?.functions.find(({ name }) => name === "note");
    expect(note?.arguments).toMatchObject([
      { name: "name", optional: false },
      { name: "ink", optional: false, default: "BLACK" },
      { name: "others", optional: true },
      { name: "signature", optional: true },
      { name: "loud", optional: false, default: false },
    ]);
    expect(note?.arguments[2]).not.toHaveProperty("default");
  });

  test("tell exposed fields from state, and have the docs", () => {
    expect(types.description).toBe("A small module that uses every form of argument and result once.");
    expect(types.objects[0]).toMatchObject({
      description: "Makes notes.",
      fields: [{ name: "greeting", description: "What every note starts with." }],
      state: [{ name: "greeting" }, { name: "volume" }],
    });
  });

  test("are read from the cache when the source is the same", async () => {
    const before = await readdir(join(work, "types"));
    expect(await moduleTypes(await readModuleSource(fixture), work)).toEqual(types);
    expect(await readdir(join(work, "types"))).toEqual(before);
  });

  test("make a schema", () => {
    const core = `
      directive @expectedType(name: String!) on ARGUMENT_DEFINITION
      interface Node { id: ID! }
      type Query { node(id: ID!): Node }
      scalar Void
      ${["Container", "Directory", "File"].map((name) => `type ${name} implements Node { id: ID! }`).join("\n")}`;
    const schema = buildSchema(core + moduleSchema(types, "fixture"));
    const fields = schema.getQueryType()?.getFields();
    expect(String(fields?.["fixture"]?.type)).toBe("Fixture!");
    expect(fields?.["fixture"]?.args.map((argument) => String(argument.type))).toEqual(["String!", "Int!"]);
  });
});

describe("a module is refused", () => {
  test("without a class of its name", async () => {
    const source = 'import { object } from "@dagger.io/dagger";\n@object()\nexport class Other {}\n';
    await expect(typesOf("other", source)).rejects.toThrow("no class Bare");
  });

  test("with a name that Dagger would change", async () => {
    const source =
      'import { func, object } from "@dagger.io/dagger";\n' +
      '@object()\nexport class Bare {\n  @func()\n  traceURL(): string {\n    return "";\n  }\n}\n';
    await expect(typesOf("renamed", source)).rejects.toThrow("Dagger would rename traceURL");
  });

  test("with a type of another package in a signature, which Dagger can't see", async () => {
    const source =
      'import { func, object } from "@dagger.io/dagger";\nimport type { Header } from "tar-stream";\n' +
      "@object()\nexport class Bare {\n  @func()\n  take(header: Header): void {\n    void header;\n  }\n}\n";
    await expect(typesOf("foreign", source)).rejects.toThrow(/could not resolve type reference/);
  });
});
