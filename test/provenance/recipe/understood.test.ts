/** What is made of each field of the API: a material, something that is understood, or a gap with its name. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../../src/provenance/recipe/collect.js";
import { leafOf } from "../../../src/provenance/recipe/leaves.js";
import { operationTable } from "../../../src/provenance/recipe/operations.js";
import { unseenIn } from "../../../src/provenance/recipe/understood.js";
import { completenessOf } from "../../../src/provenance/slsa/completeness.js";
import type { Call } from "../../../src/recipe/index.js";
import { type Draft, recipeOf, ref } from "./recipes.js";

type TypeRef = { readonly kind: string; readonly name?: string; readonly ofType?: TypeRef };
type Field = { readonly name: string; readonly type: TypeRef; readonly args: readonly { type: TypeRef }[] };
type Type = { readonly name: string; readonly kind: string; readonly fields: readonly Field[] };

const path = resolve(import.meta.dirname, "../../../../shared/engine/schema-v0.21.8.json");
const noSchema = existsSync(path) ? undefined : "needs the recorded schema of Dagger v0.21.8";

function schemaTypes(): Type[] {
  const { __schema: schema } = JSON.parse(readFileSync(path, "utf8")) as { __schema: { types: Type[] } };
  return schema.types.filter(({ kind, name }) => kind === "OBJECT" && !name.startsWith("_"));
}

const named = (type: TypeRef): string =>
  type.ofType === undefined || type.ofType === null ? (type.name ?? "") : named(type.ofType);

/** What describes modules and engines, or is made by a model: a value that depends on one has a gap that names it. */
const isOutside = (type: string): boolean =>
  /^(?:Binding|Check|CheckGroup|Cloud|Engine.*|Env|Generator|GeneratorGroup|LLM.*|SDKConfig|Up|UpGroup)$/.test(
    type,
  ) || /^(?:.*TypeDef|Function.*|GeneratedCode|SourceMap|Error|ErrorValue|ModuleConfigClient)$/.test(type);

const operations = operationTable();

function callOf(parent: string, field: Field): Call {
  const call: Call = {
    ...{ digest: "xxh3:call", field: field.name, type: { named: named(field.type), nonNull: true } },
    ...{ args: [], view: "", effectIds: [], extraDigests: [], implicitInputs: [] },
  };
  return parent === "Query" ? call : { ...call, receiver: "xxh3:receiver" };
}

/** Fields that give an object, or take one, with what becomes of a call of theirs. */
function classified(): { name: string; isMaterial: boolean; unseen: string | undefined }[] {
  return schemaTypes().flatMap(({ name: parent, fields }) =>
    fields
      .filter(
        ({ type, args }) => !isScalar(named(type)) || args.some((one) => named(one.type).endsWith("ID")),
      )
      .filter(({ type }) => !isOutside(parent) && !isOutside(named(type)))
      .filter(({ name }) => !/^(?:node|load\w+FromID)$/.test(name))
      .map((field) => {
        const operation = operations(parent, field.name);
        const call = callOf(parent, field);
        const receiver = parent === "GitRepository" ? { ...call, field: "git" } : undefined;
        const isMaterial = leafOf(call, receiver, operation.name) !== undefined;
        return { name: operation.name, isMaterial, unseen: unseenIn(operation, call) };
      }),
  );
}

const scalars =
  /^(?:String|Int|Float|Boolean|Void|JSON|Platform|DateTime|.*ID|.*(?:Type|Mode|Kind|Behavior|Protocol|Compression|Types))$/;
const isScalar = (type: string): boolean => scalars.test(type);

/** Fields of v0.21.8. One that a later engine adds belongs here, among the gaps, or in `understood`. */
const materials = `Address.container Address.directory Address.file Address.gitRef Address.gitRepository Container.from
CurrentModule.source CurrentModule.workdir CurrentModule.workdirFile GitRepository.branch GitRepository.commit
GitRepository.head GitRepository.latestVersion GitRepository.ref GitRepository.tag Host.containerImage Host.directory
Host.file ModuleSource.contextDirectory ModuleSource.directory Query.http Query.moduleSource Workspace.directory
Workspace.file`;
const gaps = `Container.terminal CurrentModule.dependencies CurrentModule.generatedContextDirectory CurrentModule.workdir
CurrentModule.workdirFile Directory.dockerBuild Directory.terminal Module.dependencies
Module.generatedContextDirectory Module.introspectionSchemaJSON Module.runtime Module.userDefaults
ModuleSource.blueprint ModuleSource.dependencies ModuleSource.generatedContextChangeset
ModuleSource.generatedContextDirectory ModuleSource.introspectionSchemaJSON ModuleSource.toolchains
ModuleSource.userDefaults ModuleSource.withBlueprint ModuleSource.withClient ModuleSource.withDependencies
ModuleSource.withExperimentalFeatures ModuleSource.withToolchains ModuleSource.withUpdateBlueprint
ModuleSource.withUpdateDependencies ModuleSource.withUpdateToolchains ModuleSource.withUpdatedClients
ModuleSource.withoutBlueprint ModuleSource.withoutClient ModuleSource.withoutDependencies
ModuleSource.withoutExperimentalFeatures ModuleSource.withoutToolchains Query.module Service.terminal Workspace.update`;

describe.skipIf(noSchema)(`every field of the API (${noSchema ?? "present"})`, () => {
  it("that brings something in is a material", () => {
    const found = classified().filter(({ isMaterial }) => isMaterial);
    expect(found.map(({ name }) => name)).toEqual(materials.split(/\s/));
  });

  it("is understood, or leaves a gap", () => {
    const found = classified().filter(({ unseen }) => unseen !== undefined);
    expect(found.map(({ name }) => name)).toEqual(gaps.split(/\s/));
  });
});

describe("a call that nobody accounts for", () => {
  const directory: Draft = { is: "d", field: "directory", type: "Directory" };
  const blockOf = async (...drafts: Draft[]) =>
    completenessOf(mergeEvidence([await collectRecipe(recipeOf(drafts))]));

  it.each<[string, Draft[], string]>([
    [
      "of an engine that is newer than this",
      [directory, { is: "x", on: "d", field: "withWeather", type: "Directory" }],
      "opaque-step: Directory.withWeather: what it brings in can't be seen",
    ],
    [
      "of a type that is newer than this",
      [
        { is: "w", field: "weather", type: "Weather" },
        { is: "x", on: "w", field: "report", type: "File" },
      ],
      "opaque-step: Query.weather: what it brings in can't be seen",
    ],
    [
      "that loads what is known to one engine alone",
      [{ is: "x", field: "loadDirectoryFromID", type: "Directory", args: { id: "EgIIBQ==" } }],
      "opaque-step: Query.loadDirectoryFromID: what its id leads to can't be seen",
    ],
    [
      "in which somebody typed",
      [directory, { is: "x", on: "d", field: "terminal", type: "Directory" }],
      "opaque-step: Directory.terminal: what was done in it can't be seen",
    ],
    [
      "whose command is a client of the engine itself",
      [
        { is: "c", field: "container", type: "Container" },
        {
          is: "x",
          on: "c",
          field: "withExec",
          type: "Container",
          args: { args: ["dagger", "query"], experimentalPrivilegedNesting: true },
        },
      ],
      "opaque-step: Container.withExec: what its command called can't be seen",
    ],
    [
      "that the engine made by itself of change sets",
      [{ is: "x", field: "changeset_merge_output", type: "Directory" }],
      "opaque-step: Query.changeset_merge_output: which changes were merged can't be seen",
    ],
    [
      "that a model answered",
      [
        { is: "l", field: "llm", type: "LLM" },
        { is: "e", on: "l", field: "env", type: "Env" },
        { is: "b", on: "e", field: "output", type: "Binding", args: { name: "app" } },
        { is: "x", on: "b", field: "asDirectory", type: "Directory" },
      ],
      "opaque-step: Binding.asDirectory: what it brings in can't be seen",
    ],
    [
      "that finds another commit",
      [
        { is: "g", field: "git", type: "GitRepository", args: { url: "https://e.test/r" } },
        { is: "r", on: "g", field: "commit", type: "GitRef", args: { id: "a".repeat(40) } },
        { is: "o", on: "g", field: "commit", type: "GitRef", args: { id: "b".repeat(40) } },
        { is: "c", on: "r", field: "commonAncestor", type: "GitRef", args: { other: ref("o") } },
        { is: "x", on: "c", field: "tree", type: "Directory" },
      ],
      "digest-unknown: git git+https://e.test/r@commonAncestor: nobody to ask",
    ],
    [
      "that mounts what is on a volume",
      [
        { is: "v", field: "engineVolume", type: "Volume", args: { name: "models" } },
        { is: "c", field: "container", type: "Container" },
        {
          is: "x",
          on: "c",
          field: "withMountedVolume",
          type: "Container",
          args: { path: "/models", volume: ref("v") },
        },
      ],
      "opaque-step: Query.engineVolume: what is on the volume can't be seen",
    ],
    [
      "on a repository behind an address",
      [
        { is: "a", field: "address", type: "Address", args: { value: "https://e.test/r" } },
        { is: "g", on: "a", field: "gitRepository", type: "GitRepository" },
        { is: "h", on: "g", field: "head", type: "GitRef" },
        { is: "x", on: "h", field: "tree", type: "Directory" },
      ],
      "digest-unknown: other https://e.test/r: nobody to ask",
    ],
    [
      "that takes files of a module",
      [
        { is: "m", field: "moduleSource", type: "ModuleSource", args: { refString: "github.com/o/ci@v1" } },
        { is: "x", on: "m", field: "directory", type: "Directory", args: { path: "." } },
      ],
      "digest-unknown: module dagger:module-source: nobody to ask",
    ],
  ])("%s is a gap with its name", async (_what, drafts, gap) => {
    const block = await blockOf(...drafts);
    expect(block.gaps).toContain(gap);
    expect(block.materials).not.toBe("complete");
  });

  it("is none where an id leads to a call, and a socket is told of", async () => {
    const block = await blockOf(
      directory,
      { is: "c", field: "container", type: "Container" },
      { is: "l", field: "loadDirectoryFromID", type: "Directory", args: { id: ref("d") } },
      { is: "h", field: "host", type: "Host" },
      { is: "s", on: "h", field: "unixSocket", type: "Socket", args: { path: "/run/agent" } },
      {
        is: "u",
        on: "c",
        field: "withUnixSocket",
        type: "Container",
        args: { path: "/agent", source: ref("s") },
      },
      { is: "x", on: "u", field: "withDirectory", type: "Container", args: { path: "/d", source: ref("l") } },
    );
    expect(block.gaps).toEqual([]);
    expect(block.notes).toContain("a socket of the host was at hand: what went over it is not recorded");
  });
});
