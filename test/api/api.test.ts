import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { beforeAll, describe, expect, test } from "vitest";

import { kebabCase } from "../../engine/module/names.js";
import { introspect } from "../../engine/module/introspect.js";
import { readModuleSource } from "../../engine/module/source.js";
import type { ModuleTypes } from "../../engine/module/types.js";
import { makeReference } from "../../scripts/docs/make.js";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Flags of `dagger` itself. A function with an argument of such a name can't be called from a command
 * line: `flag already exists`.
 */
const takenFlags = (
  "allow-llm auto-apply cloud debug dot eager-runtime env help interactive interactive-command json lock " +
  "mod model no-exit no-mod output progress quiet silent verbose web workspace x-release"
).split(" ");

/** Functions of the main object that `dagger call` hides, since the core has some of these names. */
const hiddenNames = (
  "pipeline with function type-def source-map cache-volume set-secret generated-code current-module " +
  "current-function-call"
).split(" ");

/** Go's keywords: Dagger's client for Go keeps a scalar in a field of its name, and does not compile with one of these. */
const goKeywords = (
  "break case chan const continue default defer else fallthrough for func go goto if import interface map " +
  "package range return select struct switch type var"
).split(" ");

let api: ModuleTypes;

beforeAll(async () => {
  api = await introspect(await readModuleSource(root));
});

describe("the public API", () => {
  // After a wanted change: npx vitest run test/api -u
  test("is what the golden file says", async () => {
    await expect(`${JSON.stringify(api, null, 2)}\n`).toMatchFileSnapshot("api.golden.json");
  });

  test("is what docs/reference.md tells", async () => {
    await expect(await makeReference(root, api)).toMatchFileSnapshot("../../docs/reference.md");
  });

  test("has the module's constructor on an object of its name", () => {
    expect(api).toMatchObject({ name: "attest", mainObject: "Attest" });
    expect(api.objects.find((object) => object.name === "Attest")?.constructorArguments).toBeDefined();
  });

  test("explains itself: module, objects, functions, arguments, fields, enums and their members", () => {
    const undocumented = documented(api)
      .filter(([, description]) => description.trim() === "")
      .map(([name]) => name);
    expect(undocumented).toEqual([]);
  });

  test("has a first line that stands alone for every function: lists show no more of it", () => {
    const cut = documented(api)
      .map(([name, description]) => [name, description.split("\n", 1)[0] ?? ""] as const)
      .filter(([name, line]) => name.endsWith("()") && (!line.endsWith(".") || line.length > 120));
    expect(cut).toEqual([]);
  });

  test("names no argument like a flag of dagger's command line", () => {
    // Of the constructors only the main object's is ever called from outside.
    const main = api.objects.find((object) => object.name === api.mainObject);
    const functions = [
      { name: "constructor", arguments: main?.constructorArguments ?? [] },
      ...api.objects.flatMap((object) => object.functions),
    ];
    const taken = functions.flatMap((called) =>
      called.arguments
        .map((argument) => kebabCase(argument.name))
        .filter((flag) => takenFlags.includes(flag))
        .map((flag) => `${called.name} --${flag}`),
    );
    expect(taken).toEqual([]);
  });

  test("names no function like one that dagger's command line hides", () => {
    const main = api.objects.find((object) => object.name === api.mainObject);
    const names = [...(main?.functions ?? []), ...(main?.fields ?? [])].map(({ name }) => kebabCase(name));
    expect(names.filter((name) => hiddenNames.includes(name))).toEqual([]);
  });

  test("names nothing by a keyword of Go", () => {
    const names = api.objects.flatMap((object) => [
      ...object.fields.map((field) => `${object.name}.${field.name}`),
      ...object.functions.flatMap((called) => [
        `${object.name}.${called.name}`,
        ...called.arguments.map((argument) => `${object.name}.${called.name}.${argument.name}`),
      ]),
    ]);
    expect(names.filter((name) => goKeywords.includes(name.split(".").at(-1) ?? ""))).toEqual([]);
  });

  test("takes no object of the module as an argument: no command line could give it", () => {
    const own = new Set(api.objects.map((object) => object.name));
    const taken = api.objects.flatMap((object) =>
      object.functions.flatMap((called) =>
        called.arguments
          .filter(({ type }) => own.has(innermost(type)))
          .map((argument) => `${object.name}.${called.name}(${argument.name})`),
      ),
    );
    expect(taken).toEqual([]);
  });
});

function documented(types: ModuleTypes): [string, string][] {
  return [
    [types.name, types.description],
    ...types.objects.flatMap((object): [string, string][] => [
      // Dagger shows the module's own text for its main object.
      [object.name, object.name === types.mainObject ? types.description : object.description],
      ...(object.name === types.mainObject
        ? argumentDocs(object.name, object.constructorArguments ?? [])
        : []),
      ...object.fields.map((field): [string, string] => [`${object.name}.${field.name}`, field.description]),
      ...object.functions.flatMap((called): [string, string][] => [
        [`${object.name}.${called.name}()`, called.description],
        ...argumentDocs(`${object.name}.${called.name}`, called.arguments),
      ]),
    ]),
    ...types.enums.flatMap((found): [string, string][] => [
      [found.name, found.description],
      ...found.members.map((member): [string, string] => [
        `${found.name}.${member.name}`,
        member.description,
      ]),
    ]),
  ];
}

function argumentDocs(
  owner: string,
  found: ModuleTypes["objects"][number]["functions"][number]["arguments"],
) {
  return found.map((argument): [string, string] => [`${owner}(${argument.name})`, argument.description]);
}

function innermost(type: ModuleTypes["objects"][number]["fields"][number]["type"]): string {
  if (type.kind === "list") return innermost(type.of);
  return "name" in type ? type.name : type.kind;
}
