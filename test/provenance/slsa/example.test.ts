/** The example beside the build type's page is what the code writes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { collectMetadata } from "../../../src/provenance/collect/metadata.js";
import { evidenceFrom } from "../../../src/provenance/evidence.js";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../../src/provenance/recipe/collect.js";
import type { LeafFacts } from "../../../src/provenance/recipe/resolve.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";
import { digestOf, type Draft, recipeOf, ref } from "../recipe/recipes.js";

const pages = join(import.meta.dirname, "../../../docs/build-types");
const commit = "1f0c5c7d3f2c4b1d9a8e7f6a5b4c3d2e1f0a9b8c";
const pipeline: Draft[] = [
  { is: "0000000000000001", field: "container", type: "Container", args: { platform: "linux/amd64" } },
  {
    is: "0000000000000002",
    on: "0000000000000001",
    field: "from",
    type: "Container",
    args: { address: `docker.io/library/golang:1.25@sha256:${"a1".repeat(32)}` },
  },
  {
    is: "0000000000000003",
    field: "git",
    type: "GitRepository",
    args: { url: "https://github.com/example/app" },
  },
  { is: "0000000000000004", on: "0000000000000003", field: "tag", type: "GitRef", args: { name: "v1.2.0" } },
  { is: "0000000000000005", on: "0000000000000004", field: "tree", type: "Directory" },
  {
    is: "0000000000000006",
    on: "0000000000000002",
    field: "withMountedDirectory",
    type: "Container",
    args: { path: "/src", source: ref("0000000000000005") },
  },
  { is: "0000000000000007", field: "secret", type: "Secret", args: { uri: "env://NPM_TOKEN" } },
  {
    is: "0000000000000008",
    on: "0000000000000006",
    field: "withSecretVariable",
    type: "Container",
    args: { name: "NPM_TOKEN", secret: ref("0000000000000007") },
  },
  {
    is: "0000000000000009",
    on: "0000000000000008",
    field: "withExec",
    type: "Container",
    args: { args: ["go", "build", "-o", "/out/app", "./cmd/app"] },
  },
];
const facts: LeafFacts = { digests: { gitCommit: commit }, ref: "refs/tags/v1.2.0" };
const exec = digestOf("0000000000000009");
const found = { source: "telemetry", exactness: "observed" } as const;

async function example(): Promise<unknown> {
  const evidence = mergeEvidence([
    await collectRecipe(recipeOf(pipeline), { resolve: () => Promise.resolve(facts) }),
    evidenceFrom("telemetry", {
      root: exec,
      functions: [
        {
          ...found,
          digest: digestOf("000000000000000a"),
          module: { name: "ci", ref: "github.com/example/ci@v3", pin: "9".repeat(40) },
          name: "Ci.build",
          arguments: { version: "v1.2.0" },
          output: exec,
        },
      ],
      parameters: [{ ...found, name: "version", value: "v1.2.0" }],
      timing: [
        {
          ...found,
          step: exec,
          startedOn: "2026-11-24T08:00:01.000Z",
          finishedOn: "2026-11-24T08:00:09.500Z",
          outcome: "run",
        },
      ],
      usage: [
        {
          ...found,
          step: exec,
          cpuTotalMicros: 15_300_000,
          memoryPeakBytes: 734_003_200,
          networkReceivedBytes: 0,
        },
      ],
      run: { startedOn: "2026-11-24T08:00:00.000Z", finishedOn: "2026-11-24T08:00:10.000Z" },
    }),
    collectMetadata({
      version: "v1.0.0",
      platform: "linux/amd64",
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      modules: [{ name: "ci", ref: "github.com/example/ci@v3", commit: "9".repeat(40), sdk: "typescript" }],
    }),
  ]);
  const options = { mode: "MAX", valueType: "Container", builderVersion: { attest: "0.1.0" } } as const;
  return JSON.parse(JSON.stringify(provenancePredicate(evidence, options)));
}

describe("docs/build-types/dagger-pipeline-v1", () => {
  const path = join(pages, "dagger-pipeline-v1.example.json");

  it("shows an example that the code writes (UPDATE_EXAMPLES=1 writes it again; format it then)", async () => {
    const written = await example();
    if (process.env["UPDATE_EXAMPLES"] === "1") writeFileSync(path, JSON.stringify(written));
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(written);
  });

  it("documents every field that the example has", async () => {
    const page = readFileSync(join(pages, "dagger-pipeline-v1.md"), "utf8");
    const names = new Set<string>();
    const collect = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(collect);
      else if (typeof value === "object" && value !== null)
        for (const [name, member] of Object.entries(value)) {
          names.add(name);
          if (!["arguments", "version", "digest", "dagger", "usage"].includes(name)) collect(member);
        }
    };
    collect(await example());
    const slsa = [
      "buildDefinition",
      "buildType",
      "externalParameters",
      "internalParameters",
      "resolvedDependencies",
      "runDetails",
    ];
    const descriptors = [
      "builder",
      "metadata",
      "byproducts",
      "uri",
      "name",
      "digest",
      "mediaType",
      "annotations",
      "ref",
      "pin",
    ];
    const undocumented = [...names].filter(
      (name) => ![...slsa, ...descriptors].includes(name) && !page.includes(name),
    );
    expect(undocumented).toEqual([]);
  });
});
