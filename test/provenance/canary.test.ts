/** No secret comes out, wherever it was put: recorded builds with planted canaries, and recipes with one in every place. */
import { describe, expect, it } from "vitest";
import { collectDeclared } from "../../src/provenance/collect/declared.js";
import { collectHistory } from "../../src/provenance/collect/history.js";
import { collectLockfile } from "../../src/provenance/collect/lockfile.js";
import { collectMetadata } from "../../src/provenance/collect/metadata.js";
import type { Collected } from "../../src/provenance/evidence.js";
import { graph } from "../../src/provenance/graph/html.js";
import { mermaid } from "../../src/provenance/graph/mermaid.js";
import { mergeEvidence } from "../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../src/provenance/recipe/collect.js";
import { provenancePredicate } from "../../src/provenance/slsa/predicate.js";
import { collectTelemetry } from "../../src/provenance/telemetry/collect.js";
import { parseOtlpBodies } from "../../src/provenance/telemetry/otlp.js";
import { readEventStream } from "../../src/provenance/telemetry/event-stream.js";
import { decodeRecipe, type Literal } from "../../src/recipe/index.js";
import { type Draft, recipeOf, ref } from "./recipe/recipes.js";
import { hostBodies, noRecordings, recording, recordedBytes } from "./recordings.js";

/** Everything that is written about the evidence. */
function outputs(...collected: Collected[]): string {
  const evidence = mergeEvidence(collected);
  const predicates = (["MIN", "MAX"] as const).map((mode) => provenancePredicate(evidence, { mode }));
  return JSON.stringify([evidence, predicates, graph(evidence, "a build"), mermaid(evidence)]);
}

const recorded = {
  "dagger-v1.0.0-beta.10/portable-id.txt": async () => {
    const id = await decodeRecipe(recording("dagger-v1.0.0-beta.10/portable-id.txt"));
    if (id.kind !== "recipe") throw new Error("no recipe");
    return collectRecipe(id);
  },
  "dagger-v0.21.8/inputs/traces.sse": async () =>
    collectTelemetry(await readEventStream([recording("dagger-v0.21.8/inputs/traces.sse")])),
  "dagger-v0.21.8/observed/traces.sse": async () =>
    collectTelemetry(await readEventStream([recording("dagger-v0.21.8/observed/traces.sse")])),
  "dagger-v0.21.8/received/traces.sse": async () =>
    collectTelemetry(await readEventStream([recording("dagger-v0.21.8/received/traces.sse")])),
  "dagger-v0.21.8/host/001-traces.pb": async () =>
    collectTelemetry(await parseOtlpBodies(hostBodies()), { source: "host-trace" }),
};

describe.skipIf(noRecordings)(`recorded builds (${noRecordings ?? "present"})`, () => {
  it("hold canaries, so that this test can fail", () => {
    const id = Buffer.from(recording("dagger-v1.0.0-beta.10/portable-id.txt"), "base64").toString("latin1");
    expect(id).toContain("s3cr3t-canary");
    expect(recording("dagger-v0.21.8/inputs/traces.sse")).toContain("s3cr3t-canary");
    expect(recordedBytes("dagger-v0.21.8/host/001-traces.pb").length).toBeGreaterThan(0);
  });

  it.each(Object.entries(recorded))("%s: none comes out", async (_name, collect) => {
    const text = outputs(await collect());
    expect(text).not.toMatch(/canary|not-in-any-output/);
    expect(text.length).toBeGreaterThan(1000);
  });
});

const canary = "s3cr3t-canary";
const on = (field: string, args: Draft["args"] = {}): Draft[] => [
  { is: "c", field: "container", type: "Container" },
  { is: "d", field: "directory", type: "Directory" },
  { is: "v", on: "c", field, type: "Container", args },
];
const object = (values: Record<string, string>): Literal => ({
  kind: "object",
  values: Object.entries(values).map(([name, value]) => ({ name, value: { kind: "string", value } })),
});
const module = { name: "ci", ref: `https://u:${canary}@x.test/ci?t=${canary}`, pin: "" };

const places: Record<string, Draft[]> = {
  "secret variable": [
    { is: "s", field: "setSecret", type: "Secret", args: { name: "token", plaintext: canary } },
    ...on("withSecretVariable", { name: "TOKEN", secret: ref("s") }),
  ],
  "mounted secret": [
    {
      is: "s",
      field: "secret",
      type: "Secret",
      args: { uri: `vault://${canary}/x?k=${canary}`, cacheKey: canary },
    },
    ...on("withMountedSecret", { path: "/run/token", source: ref("s") }),
  ],
  "secret that is a command": [
    { is: "s", field: "secret", type: "Secret", args: { uri: `cmd://print ${canary}` } },
    ...on("withMountedSecret", { path: "/run/token", source: ref("s") }),
  ],
  "environment value": on("withEnvVariable", { name: "MODE", value: canary }),
  "build argument": [
    ...on("withWorkdir", { path: "/" }),
    {
      is: "b",
      on: "d",
      field: "dockerBuild",
      type: "Container",
      args: { buildArgs: { kind: "list", values: [object({ name: "MODE", value: canary })] } },
    },
  ],
  "git URL": [
    {
      is: "g",
      field: "git",
      type: "GitRepository",
      args: { url: `https://${canary}@x.test/r.git?t=${canary}` },
    },
    { is: "r", on: "g", field: "branch", type: "GitRef", args: { name: "main" } },
    { is: "t", on: "r", field: "tree", type: "Directory" },
  ],
  "git credentials": [
    {
      is: "g",
      field: "git",
      type: "GitRepository",
      args: { url: "https://x.test/r.git", httpAuthUsername: canary, sshKnownHosts: canary },
    },
    { is: "r", on: "g", field: "head", type: "GitRef" },
  ],
  "http URL": [
    {
      is: "h",
      field: "_httpState",
      type: "HTTPState",
      args: { url: `https://u:${canary}@x.test/f?sig=${canary}#${canary}` },
    },
    { is: "f", on: "h", field: "_resolve", type: "File", args: { name: "f" } },
  ],
  "http URL of older engines": [
    { is: "f", field: "http", type: "File", args: { url: `https://x.test/f?${canary}` } },
  ],
  "command, bare": on("withExec", { args: ["deploy", canary] }),
  "command, in a script": on("withExec", { args: ["sh", "-c", `curl -H "X-Key: ${canary}" https://x.test`] }),
  "command, as an option": on("withExec", { args: ["tool", "--password", canary, `--api-key=${canary}`] }),
  "standard input": on("withExec", { args: ["cat"], stdin: canary }),
  entrypoint: on("withEntrypoint", { args: ["run", `--token=${canary}`] }),
  "file contents": on("withNewFile", { path: "/x", contents: `key: ${canary}\n` }),
  "contents of a lone file": [
    { is: "f", field: "file", type: "File", args: { name: "x", contents: canary } },
  ],
  patch: [
    { is: "d", field: "directory", type: "Directory" },
    { is: "p", on: "d", field: "withPatch", type: "Directory", args: { patch: canary } },
  ],
  replacement: [
    { is: "f", field: "file", type: "File", args: { name: "x", contents: "" } },
    { is: "p", on: "f", field: "withReplaced", type: "File", args: { search: "x", replacement: canary } },
  ],
  "registry name": on("withRegistryAuth", { address: "x.test", username: canary, secret: ref("d") }),
  "argument of a function": [
    { is: "m", field: "ci", type: "Ci", module },
    {
      is: "f",
      on: "m",
      field: "make",
      type: "Container",
      module,
      args: { apiToken: canary, note: `it is ${canary}` },
    },
  ],
  "an argument that nobody knows": on("withSomethingNew", { anything: canary }),
  address: [
    { is: "a", field: "address", type: "Address", args: { value: `https://u:${canary}@x.test/r` } },
    { is: "d", on: "a", field: "directory", type: "Directory" },
  ],
};

/** Where only the form of a word can give it away: a word like any other passes, as docs/provenance.md says. */
const byFormOnly = new Set(["command, bare", "command, in a script", "argument of a function"]);
const formless = "plaincanary";

describe("recipes with a canary", () => {
  it.each(Object.entries(places).filter(([place]) => !byFormOnly.has(place)))(
    "that looks like any other word, in the %s: it does not come out",
    async (_place, drafts) => {
      const plain = JSON.parse(JSON.stringify(drafts).replaceAll(canary, formless)) as Draft[];
      expect(outputs(await collectRecipe(recipeOf(plain)))).not.toContain("canary");
    },
  );

  it.each(Object.entries(places))("in the %s: it does not come out", async (_place, drafts) => {
    const recipe = recipeOf(drafts);
    expect(JSON.stringify([...recipe.calls.values()])).toContain(canary);
    expect(outputs(await collectRecipe(recipe))).not.toContain("canary");
  });

  it.each(["withEnvVariable", "withNewFile", "git URL", "build argument"])(
    "that has no form, known from %s: it does not come out of a command either",
    async (place) => {
      const plain = "zq7plainvalue";
      const sources: Record<string, Draft[]> = {
        withEnvVariable: [
          {
            is: "e",
            on: "c",
            field: "withEnvVariable",
            type: "Container",
            args: { name: "X", value: plain },
          },
        ],
        withNewFile: [
          {
            is: "e",
            on: "c",
            field: "withNewFile",
            type: "Container",
            args: { path: "/x", contents: plain },
          },
        ],
        "git URL": [
          { is: "g", field: "git", type: "GitRepository", args: { url: `https://u:${plain}@x.test/r` } },
          { is: "r", on: "g", field: "head", type: "GitRef" },
          { is: "t", on: "r", field: "tree", type: "Directory" },
          {
            is: "e",
            on: "c",
            field: "withDirectory",
            type: "Container",
            args: { path: "/", source: ref("t") },
          },
        ],
        "build argument": [
          { is: "d", field: "directory", type: "Directory" },
          {
            is: "e",
            on: "d",
            field: "dockerBuild",
            type: "Container",
            args: { buildArgs: { kind: "list", values: [object({ name: "X", value: plain })] } },
          },
        ],
      };
      const recipe = recipeOf([
        { is: "c", field: "container", type: "Container" },
        ...(sources[place] ?? []),
        { is: "x", on: "e", field: "withExec", type: "Container", args: { args: ["deploy", plain] } },
      ]);
      expect(outputs(await collectRecipe(recipe))).not.toContain(plain);
    },
  );

  it("that the caller knows: it does not come out", async () => {
    const recipe = recipeOf(on("withExec", { args: ["deploy", "plainword"] }));
    expect(outputs(await collectRecipe(recipe))).toContain("plainword");
    expect(outputs(await collectRecipe(recipe, { secrets: ["plainword"] }))).not.toContain("plainword");
  });
});

describe("other sources with a canary", () => {
  it("do not repeat it", () => {
    const url = `https://u:${canary}@x.test/r`;
    const text = outputs(
      collectHistory({
        history: [
          { created_by: `mount / from exec deploy ${canary}` },
          { created_by: `http state resolve ${url}` },
        ],
      }),
      collectLockfile(
        [`[["version","1"]]`, JSON.stringify(["", "git.tag", [url, "v1"], "a".repeat(40)])].join("\n"),
      ),
      collectDeclared({
        name: "p",
        materials: [{ name: "m", kind: "git", uri: url, digests: {} }],
        parameters: [{ name: "note", value: url }],
        steps: [{ name: "s", argv: ["x", canary] }],
      }),
      collectMetadata({ modules: [{ name: "m", ref: url }] }),
      { unavailable: "recipe", because: "handle" },
    );
    expect(text).not.toContain("canary");
  });
});
