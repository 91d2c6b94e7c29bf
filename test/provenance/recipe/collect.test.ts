import { describe, expect, it } from "vitest";
import { collectRecipe } from "../../../src/provenance/recipe/collect.js";
import type { ResolveLeaf } from "../../../src/provenance/recipe/resolve.js";
import { digestOf, type Draft, recipeOf, ref } from "./recipes.js";

const alpine = `docker.io/library/alpine:3.22@sha256:${"a".repeat(64)}`;
const base: Draft[] = [
  { is: "c", field: "container", type: "Container" },
  { is: "from", on: "c", field: "from", type: "Container", args: { address: alpine } },
];
const evidenceOf = (...drafts: Draft[]) => collectRecipe(recipeOf([...base, ...drafts]));

describe("collectRecipe", () => {
  it("follows receivers, arguments, lists and objects, and leaves out what the value does not use", async () => {
    const { steps } = await evidenceOf(
      { is: "unused", field: "directory", type: "Directory" },
      { is: "f1", field: "file", type: "File", args: { name: "a", contents: "x" } },
      { is: "f2", field: "file", type: "File", args: { name: "b", contents: "y" } },
      {
        is: "root",
        on: "from",
        field: "withFiles",
        type: "Container",
        args: { path: "/", sources: { kind: "list", values: [ref("f1"), ref("f2")] } },
      },
    );
    expect(steps.map(({ digest }) => digest)).toEqual(["c", "from", "f1", "f2", "root"].map(digestOf));
    expect(steps.at(-1)?.inputs).toEqual(["from", "f1", "f2"].map(digestOf));
  });

  it("tells variables and mounts that are in effect, not the ones taken away", async () => {
    const { steps } = await evidenceOf(
      { is: "d", field: "directory", type: "Directory" },
      { is: "e1", on: "from", field: "withEnvVariable", type: "Container", args: { name: "A", value: "1" } },
      { is: "e2", on: "e1", field: "withEnvVariable", type: "Container", args: { name: "B", value: "2" } },
      {
        is: "m1",
        on: "e2",
        field: "withMountedDirectory",
        type: "Container",
        args: { path: "/a", source: ref("d") },
      },
      { is: "m2", on: "m1", field: "withMountedTemp", type: "Container", args: { path: "/tmp" } },
      { is: "v", field: "engineVolume", type: "Volume", args: { name: "models" } },
      {
        is: "m3",
        on: "m2",
        field: "withMountedVolume",
        type: "Container",
        args: { path: "/v", volume: ref("v") },
      },
      { is: "u1", on: "m3", field: "withoutMount", type: "Container", args: { path: "/a" } },
      { is: "u2", on: "u1", field: "withoutEnvVariable", type: "Container", args: { name: "A" } },
      { is: "x", on: "u2", field: "withExec", type: "Container", args: { args: ["true"] } },
    );
    expect(steps.at(-1)).toMatchObject({
      environment: ["B"],
      mounts: [
        { kind: "temp", target: "/tmp" },
        { kind: "volume", target: "/v", step: digestOf("v") },
      ],
    });
  });

  it("says that it does not list variables of env files, whose names stand in the files", async () => {
    const { steps, notes, gaps } = await evidenceOf(
      { is: "f", field: "file", type: "File", args: { name: "x.env", contents: "NAME=canary" } },
      { is: "v", on: "f", field: "asEnvFile", type: "EnvFile" },
      { is: "e", on: "from", field: "withEnvFileVariables", type: "Container", args: { source: ref("v") } },
      { is: "x", on: "e", field: "withExec", type: "Container", args: { args: ["true"] } },
    );
    expect(steps.at(-1)?.environment).toEqual([]);
    expect(notes).toContain("variables of env files are not listed: their names stand in the files");
    expect(gaps).toEqual([]);
  });

  it("keeps a chain of thousands of calls linear and says what it does not list", async () => {
    const chain = Array.from({ length: 5000 }, (_, index): Draft => ({
      is: `e${index}`,
      on: index === 0 ? "from" : `e${index - 1}`,
      field: "withEnvVariable",
      type: "Container",
      args: { name: `N${index}`, value: "1" },
    }));
    const { steps } = await evidenceOf(...chain, {
      is: "x",
      on: "e4999",
      field: "withExec",
      type: "Container",
      args: { args: ["true"] },
    });
    expect(steps).toHaveLength(5003);
    expect(steps.at(-1)).toMatchObject({ notListed: 5000 - 32 });
    expect(steps.at(-1)?.environment?.at(-1)).toBe("N4999");
  });

  it("knows a commit, a checksum and a content digest that the calls themselves say", async () => {
    const commit = "b".repeat(40);
    const { materials, gaps } = await evidenceOf(
      { is: "g", field: "git", type: "GitRepository", args: { url: "https://github.com/o/r" } },
      { is: "gr", on: "g", field: "commit", type: "GitRef", args: { id: commit } },
      { is: "gt", on: "gr", field: "tree", type: "Directory" },
      { is: "hs", field: "_httpState", type: "HTTPState", args: { url: "https://x.test/f" } },
      { is: "hr", on: "hs", field: "_resolve", type: "File", args: { checksum: `sha256:${"c".repeat(64)}` } },
      { is: "h", field: "host", type: "Host" },
      {
        is: "hf",
        on: "h",
        field: "file",
        type: "File",
        args: { path: "a.txt" },
        content: `sha256:${"d".repeat(64)}`,
      },
      {
        is: "r1",
        on: "from",
        field: "withDirectory",
        type: "Container",
        args: { path: "/", source: ref("gt") },
      },
      { is: "r2", on: "r1", field: "withFile", type: "Container", args: { path: "/f", source: ref("hr") } },
      { is: "r3", on: "r2", field: "withFile", type: "Container", args: { path: "/g", source: ref("hf") } },
    );
    expect(materials.map(({ kind, uri, digests }) => ({ kind, uri, digests }))).toEqual([
      { kind: "image", uri: "pkg:docker/alpine@3.22", digests: { sha256: "a".repeat(64) } },
      { kind: "git", uri: `git+https://github.com/o/r@${commit}`, digests: { gitCommit: commit } },
      { kind: "http", uri: "https://x.test/f", digests: { sha256: "c".repeat(64) } },
      { kind: "host-file", uri: "local:a.txt", digests: { daggerContentSha256: "d".repeat(64) } },
    ]);
    expect(gaps).toEqual([]);
  });

  it("takes a commit of Dagger 1.0 for what it is: one that is named, the one of a branch, and a release of it", async () => {
    const commit = "b".repeat(40);
    const release = "c".repeat(40);
    const graph = recipeOf([
      { is: "g", field: "git", type: "GitRepository", args: { url: "https://e.test/r" } },
      { is: "named", on: "g", field: "commit", type: "GitCommit", args: { id: commit } },
      { is: "t1", on: "named", field: "tree", type: "Directory" },
      { is: "branch", on: "g", field: "branch", type: "GitRef", args: { name: "main" } },
      { is: "target", on: "branch", field: "targetCommit", type: "GitCommit" },
      { is: "t2", on: "target", field: "tree", type: "Directory" },
      { is: "release", on: "target", field: "releaseTag", type: "GitRef" },
      { is: "t3", on: "release", field: "tree", type: "Directory" },
      { is: "d", field: "directory", type: "Directory" },
      { is: "d1", on: "d", field: "withDirectory", type: "Directory", args: { source: ref("t1") } },
      { is: "d2", on: "d1", field: "withDirectory", type: "Directory", args: { source: ref("t2") } },
      { is: "d3", on: "d2", field: "withDirectory", type: "Directory", args: { source: ref("t3") } },
    ]);
    const refs = new Map([
      [digestOf("branch"), { digests: { gitCommit: commit }, ref: "refs/heads/main" }],
      [digestOf("release"), { digests: { gitCommit: release }, ref: "refs/tags/v1.2.0" }],
    ]);
    const resolve: ResolveLeaf = ({ call }) => Promise.resolve(refs.get(call));
    const { materials, gaps, steps } = await collectRecipe(graph, { resolve });
    expect(gaps).toEqual([]);
    expect(materials.map(({ uri, digests }) => [uri, digests])).toEqual([
      [`git+https://e.test/r@${commit}`, { gitCommit: commit }],
      ["git+https://e.test/r@refs/heads/main", { gitCommit: commit }],
      ["git+https://e.test/r@refs/tags/v1.2.0", { gitCommit: release }],
    ]);
    expect(steps.filter(({ kind }) => kind === "source").map(({ operation }) => operation)).toEqual([
      "GitCommit.tree",
      "GitCommit.tree",
      "GitRef.tree",
    ]);
  });

  it("takes a commit of a directory that is a repository for part of that directory", async () => {
    const { materials, gaps } = await collectRecipe(
      recipeOf([
        { is: "d", field: "directory", type: "Directory" },
        { is: "g", on: "d", field: "asGit", type: "GitRepository" },
        { is: "h", on: "g", field: "head", type: "GitRef" },
        { is: "c", on: "h", field: "targetCommit", type: "GitCommit" },
        { is: "r", on: "c", field: "ancestorReleaseTag", type: "GitRef" },
        { is: "x", on: "r", field: "tree", type: "Directory" },
      ]),
    );
    expect([materials, gaps]).toEqual([[], []]);
  });

  it("names what it can't look into", async () => {
    const { gaps, functions, materials } = await evidenceOf(
      { is: "d", field: "directory", type: "Directory" },
      { is: "b", on: "d", field: "dockerBuild", type: "Container" },
      {
        is: "m",
        field: "ci",
        type: "Ci",
        module: { name: "ci", ref: "github.com/o/ci@v1", pin: "e".repeat(40) },
      },
      {
        is: "f",
        on: "m",
        field: "make",
        type: "File",
        module: { name: "ci", ref: "github.com/o/ci@v1", pin: "e".repeat(40) },
      },
      { is: "q", field: "somethingNew", type: "Directory" },
      { is: "r1", on: "b", field: "withFile", type: "Container", args: { path: "/f", source: ref("f") } },
      {
        is: "r2",
        on: "r1",
        field: "withDirectory",
        type: "Container",
        args: { path: "/q", source: ref("q") },
      },
      {
        is: "r3",
        on: "r2",
        field: "withFile",
        type: "Container",
        args: { path: "/n", source: ref("nowhere") },
      },
    );
    expect(gaps.map(({ code, detail }) => `${code} ${detail.split(":")[0] ?? ""}`).sort()).toEqual([
      "missing-call xxh3",
      "opaque-step Ci.make",
      "opaque-step Directory.dockerBuild",
      "opaque-step Query.ci",
      "opaque-step Query.somethingNew",
    ]);
    expect(functions.map(({ name }) => name)).toEqual(["Ci.ci", "Ci.make"]);
    expect(materials.filter(({ kind }) => kind === "module")).toMatchObject([
      { uri: "git+https://github.com/o/ci@v1", digests: { gitCommit: "e".repeat(40) }, requested: "v1" },
    ]);
  });

  it("says that the engine refused, without what the engine said of credentials", async () => {
    const recipe = recipeOf([
      { is: "g", field: "git", type: "GitRepository", args: { url: "https://u:hunter22@x.test/r" } },
      { is: "gr", on: "g", field: "head", type: "GitRef" },
      { is: "gt", on: "gr", field: "tree", type: "Directory" },
    ]);
    const { gaps } = await collectRecipe(recipe, {
      resolve: () => Promise.reject(new Error("fetch https://u:hunter22@x.test/r: no route")),
    });
    expect(gaps).toEqual([
      {
        code: "digest-unknown",
        detail: "git git+https://x.test/r@HEAD: the engine refused: fetch https://x.test/r: no route",
      },
    ]);
  });
});
