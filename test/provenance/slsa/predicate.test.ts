import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { collectDeclared } from "../../../src/provenance/collect/declared.js";
import { collectHistory } from "../../../src/provenance/collect/history.js";
import { collectMetadata } from "../../../src/provenance/collect/metadata.js";
import { collectSkeleton } from "../../../src/provenance/collect/skeleton.js";
import { type Collected, type Evidence, evidenceFrom } from "../../../src/provenance/evidence.js";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../../src/provenance/recipe/collect.js";
import { completenessOf } from "../../../src/provenance/slsa/completeness.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";
import type { Completeness, Provenance } from "../../../src/provenance/slsa/types.js";
import { collectTelemetry } from "../../../src/provenance/telemetry/collect.js";
import { readEventStream } from "../../../src/provenance/telemetry/event-stream.js";
import { decodeRecipe } from "../../../src/recipe/index.js";
import { checkDescriptor } from "../../../src/statement/descriptor.js";
import { statementLimits } from "../../../src/statement/limits.js";
import { type Draft, recipeOf, ref } from "../recipe/recipes.js";
import { noRecordings, recording } from "../recordings.js";

const alpine = `docker.io/library/alpine:3.22@sha256:${"a".repeat(64)}`;
const whole: Draft[] = [
  { is: "c", field: "container", type: "Container", args: { platform: "linux/arm64" } },
  { is: "from", on: "c", field: "from", type: "Container", args: { address: alpine } },
  { is: "g", field: "git", type: "GitRepository", args: { url: "https://github.com/o/r" } },
  { is: "gr", on: "g", field: "tag", type: "GitRef", args: { name: "v1" } },
  { is: "gt", on: "gr", field: "tree", type: "Directory" },
  {
    is: "m",
    on: "from",
    field: "withMountedDirectory",
    type: "Container",
    args: { path: "/src", source: ref("gt") },
  },
  { is: "e", on: "m", field: "withEnvVariable", type: "Container", args: { name: "MODE", value: "fast" } },
  { is: "x", on: "e", field: "withExec", type: "Container", args: { args: ["make", "all"] } },
];
const commit = "b".repeat(40);
const resolve = () => Promise.resolve({ digests: { gitCommit: commit }, ref: "refs/tags/v1" });
const graph = () => collectRecipe(recipeOf(whole), { resolve });

describe("completenessOf", () => {
  it("is complete for a recipe whose leaves all have digests", async () => {
    expect(completenessOf(mergeEvidence([await graph()]))).toMatchObject({
      materials: "complete",
      steps: "complete",
      usage: "none",
      hermetic: false,
      sources: ["recipe"],
      gaps: [],
    });
  });

  describe("hermetic", () => {
    const mounted = whole.slice(0, 6);
    const unseen =
      "the calls do not tell which code made them; what it read or fetched itself is not recorded";
    const container = (field: string, args: Draft["args"]): Draft => ({
      ...{ is: "last", on: "m", field, type: "Container" },
      ...(args === undefined ? {} : { args }),
    });
    const blockOf = async (drafts: Draft[], ...others: Collected[]): Promise<Completeness> =>
      completenessOf(mergeEvidence([await collectRecipe(recipeOf(drafts), { resolve }), ...others]));

    it("is a value whose every part comes from its materials", async () => {
      const block = await blockOf(mounted);
      expect(block).toMatchObject({ materials: "complete", hermetic: true });
      expect(block.notes).toContain(unseen);
    });

    it.each<[string, Draft]>([
      ["a command", container("withExec", { args: ["make"] })],
      ["a written file", container("withNewFile", { path: "/f", contents: "fetched" })],
      [
        "a patch",
        { is: "last", on: "gt", field: "withPatch", type: "Directory", args: { patch: "fetched" } },
      ],
      ["a setting", container("withLabel", { name: "version", value: "fetched" })],
    ])("is none with %s", async (_what, draft) => {
      expect(await blockOf([...mounted, draft])).toMatchObject({ materials: "complete", hermetic: false });
    });

    it("is none when a function is known to have run, by spans or because we called it", async () => {
      const note =
        "the code of functions could use the network; what it read or fetched itself is not recorded";
      const call = { digest: "xxh3:call", module: { name: "ci" }, name: "Ci.build", arguments: {} };
      const spans = evidenceFrom("telemetry", {
        functions: [{ ...call, source: "telemetry", exactness: "observed" }],
      });
      const called = collectMetadata({
        modules: [{ name: "ci", ref: "./ci" }],
        entry: { module: "ci", name: "Ci.build", arguments: {} },
      });
      for (const known of [spans, called, collectMetadata({ modules: [{ name: "ci", ref: "./ci" }] })]) {
        const block = await blockOf(mounted, known);
        expect(block).toMatchObject({ materials: "complete", steps: "complete", hermetic: false });
        expect(block.notes).toContain(note);
        expect(block.notes).not.toContain(unseen);
      }
    });

    it("is none when the author declares a step", async () => {
      const declared = collectDeclared({ name: "p", steps: [{ name: "generate" }] });
      expect(await blockOf(mounted, declared)).toMatchObject({ materials: "complete", hermetic: false });
    });
  });

  it("is not complete with what a function's code left, or took of its module without a digest", async () => {
    const taken = (field: string, type: string, content?: string): Draft[] => [
      { is: "m", field: "currentModule", type: "CurrentModule" },
      { is: "s", on: "m", field, type, ...(content === undefined ? {} : { content }) },
    ];
    const content = `sha256:${"c".repeat(64)}`;
    for (const [drafts, materials, gap] of [
      [taken("source", "Directory", content), "complete", undefined],
      [taken("source", "Directory"), "partial", /^digest-unknown: module dagger:module-source/],
      [taken("workdir", "Directory", content), "partial", /^opaque-step: CurrentModule.workdir: /],
      [taken("workdirFile", "File", content), "partial", /^opaque-step: CurrentModule.workdirFile: /],
    ] as const) {
      const evidence = await collectRecipe(recipeOf(drafts));
      const block = completenessOf(mergeEvidence([evidence]));
      expect(block).toMatchObject({ materials, hermetic: false });
      expect(block.gaps).toEqual(gap === undefined ? [] : [expect.stringMatching(gap)]);
    }
  });

  it("has no level complete when two sources tell of the value or of a call differently", async () => {
    const other = evidenceFrom("telemetry", {
      root: "xxh3:e",
      usage: [
        { source: "telemetry", exactness: "observed", step: "xxh3:x", cpuTotalMicros: 1, memoryPeakBytes: 1 },
      ],
    });
    expect(completenessOf(mergeEvidence([await graph(), other]))).toMatchObject({
      materials: "partial",
      steps: "partial",
      usage: "partial",
    });
  });

  it("calls usage complete only where every command is known", () => {
    const found = { source: "telemetry", exactness: "observed" } as const;
    const step = { ...found, digest: "xxh3:x", operation: "withExec", kind: "exec", inputs: [] } as const;
    const usage = { ...found, step: "xxh3:x", cpuTotalMicros: 1, memoryPeakBytes: 1 };
    const gap = { code: "built-before-observation", detail: "the value" } as const;
    const resumed = evidenceFrom("telemetry", { steps: [step], usage: [usage], gaps: [gap] });
    expect(completenessOf(mergeEvidence([resumed]))).toMatchObject({ steps: "partial", usage: "partial" });
  });

  it("is not complete while one leaf has no digest, and says which", async () => {
    const evidence = mergeEvidence([await collectRecipe(recipeOf(whole))]);
    expect(completenessOf(evidence)).toMatchObject({
      materials: "partial",
      steps: "complete",
      hermetic: false,
      gaps: ["digest-unknown: git git+https://github.com/o/r@refs/tags/v1: nobody to ask"],
    });
  });

  it("does not become complete through a lockfile, a declaration or an image history", async () => {
    const bare = await collectRecipe(recipeOf(whole));
    const uri = "git+https://github.com/o/r@refs/tags/v1";
    for (const source of ["lockfile", "declared", "history"] as const) {
      const claimed = evidenceFrom(source, {
        materials: [
          { source, exactness: "claimed", kind: "git", uri, digests: { gitCommit: commit }, steps: [] },
        ],
      });
      const evidence = mergeEvidence([bare, claimed]);
      expect(evidence.materials.find((one) => one.uri === uri)).toMatchObject({
        digests: { gitCommit: commit },
        digestSource: source,
      });
      expect(completenessOf(evidence).materials).toBe("partial");
    }
  });

  it("is not complete when a source contradicts a digest", async () => {
    const other = evidenceFrom("lockfile", {
      materials: [
        {
          source: "lockfile",
          exactness: "claimed",
          kind: "image",
          uri: "pkg:docker/alpine@3.22",
          digests: { sha256: "f".repeat(64) },
          steps: [],
        },
      ],
    });
    const block = completenessOf(mergeEvidence([await graph(), other]));
    expect(block.materials).toBe("partial");
    expect(block.contradictions).toEqual([
      `pkg:docker/alpine@3.22?platform=linux%2Farm64 digest.sha256: recipe says ${"a".repeat(64)}, lockfile says ${"f".repeat(64)}`,
    ]);
  });

  it("is not complete when a Dockerfile was built, or a call is missing", async () => {
    const docker = [...whole, { is: "d", field: "directory", type: "Directory" }];
    docker.push({ is: "b", on: "d", field: "dockerBuild", type: "Container" });
    for (const drafts of [docker, whole.filter(({ is }) => is !== "g" && is !== "gr")]) {
      const block = completenessOf(mergeEvidence([await collectRecipe(recipeOf(drafts), { resolve })]));
      expect(block).toMatchObject({
        materials: expect.not.stringContaining("complete") as string,
        steps: "partial",
      });
      expect(block.gaps).toHaveLength(1);
    }
  });

  it("counts the skeleton against the chain, and names what is not explained", async () => {
    const names = ["container", "from", "withMountedDirectory", "withEnvVariable", "withExec"];
    const skeletonOf = (path: string[]) => collectSkeleton({ errors: [{ path: [...path, "withError"] }] });
    expect(completenessOf(mergeEvidence([await graph(), skeletonOf(names)]))).toMatchObject({
      materials: "complete",
      skeletonOps: 5,
      explainedOps: 5,
    });
    expect(completenessOf(mergeEvidence([await graph(), skeletonOf([...names, "withExec"])]))).toMatchObject({
      materials: "partial",
      steps: "partial",
      skeletonOps: 6,
      explainedOps: 5,
      gaps: ["unexplained-operations: 1 of 6 operations of the value's chain"],
    });
  });

  it("calls what only the author says declared", () => {
    const declared = collectDeclared({
      name: "p",
      materials: [{ name: "s", kind: "git", uri: "git+https://x.test/r", digests: { gitCommit: commit } }],
      steps: [{ name: "build" }],
    });
    expect(completenessOf(mergeEvidence([declared]))).toMatchObject({
      materials: "declared",
      steps: "declared",
    });
    expect(completenessOf(mergeEvidence([]))).toMatchObject({ materials: "none", steps: "none" });
  });
});

describe("provenancePredicate", () => {
  let evidence: Evidence;
  beforeAll(async () => {
    evidence = mergeEvidence([
      await graph(),
      collectMetadata({
        version: "v1.0.0",
        platform: "linux/amd64",
        traceId: "d".repeat(32),
        modules: [{ name: "ci", ref: "github.com/o/ci@v1", commit, sdk: "go" }],
      }),
      collectDeclared({ name: "release", parameters: [{ name: "version", value: "1.2" }] }),
    ]);
  });
  const predicate = (mode: "MIN" | "MAX") =>
    provenancePredicate(evidence, { mode, valueType: "Container", pipeline: "release" });

  it("has what SLSA requires, with our build type, and nothing that SLSA does not know unprefixed", () => {
    const { buildDefinition, runDetails, ...rest } = predicate("MAX");
    expect(rest).toEqual({});
    expect(buildDefinition.buildType).toMatch(/^https:\/\/.*dagger-pipeline-v1\.md$/);
    expect(runDetails.builder).toEqual({
      id: expect.stringMatching(/^https:/) as string,
      version: { dagger: "v1.0.0" },
    });
    expect(buildDefinition.externalParameters).toEqual({
      pipeline: "release",
      value: "Container",
      arguments: { version: "1.2" },
    });
    expect(buildDefinition.internalParameters).toEqual({
      engineVersion: "v1.0.0",
      platform: "linux/amd64",
      sdk: "go",
    });
    expect(runDetails.metadata).toMatchObject({ invocationId: "d".repeat(32) });
    expect(
      Object.keys(runDetails.metadata).every((key) => !key.includes("_") || key.startsWith("dagger_")),
    ).toBe(true);
  });

  it("lists dependencies that in-toto validators accept, with where each comes from", () => {
    const { resolvedDependencies } = predicate("MAX").buildDefinition;
    for (const [index, one] of resolvedDependencies.entries())
      expect(checkDescriptor(one, `resolvedDependencies[${index}]`, statementLimits)).toEqual([]);
    expect(resolvedDependencies).toMatchObject([
      {
        uri: "pkg:docker/alpine@3.22?platform=linux%2Farm64",
        digest: { sha256: "a".repeat(64) },
        annotations: {
          kind: "image",
          source: "recipe",
          exactness: "exact",
          requested: "3.22",
          platform: "linux/arm64",
        },
      },
      { uri: "git+https://github.com/o/r@refs/tags/v1", digest: { gitCommit: commit } },
      { name: "ci", uri: "git+https://github.com/o/ci@v1", digest: { gitCommit: commit } },
    ]);
  });

  it("keeps the steps as a byproduct whose digest can be checked", () => {
    const [steps] = predicate("MAX").runDetails.byproducts;
    const text = JSON.stringify(steps?.annotations?.["document"]);
    const document: unknown = JSON.parse(text);
    expect(steps?.digest?.["sha256"]).toBe(createHash("sha256").update(text).digest("hex"));
    expect(document).toMatchObject({ version: 1, value: "xxh3:x" });
    expect((document as { steps: unknown[] }).steps.at(-1)).toEqual({
      id: "xxh3:x",
      operation: "Container.withExec",
      kind: "exec",
      inputs: ["xxh3:e"],
      argv: ["make", "all"],
      environment: ["MODE"],
      mounts: [{ kind: "directory", target: "/src", step: "xxh3:gt" }],
      source: "recipe",
      exactness: "exact",
    });
  });

  it("MIN has no commands, arguments, variables or labels", () => {
    const text = JSON.stringify(predicate("MIN"));
    for (const word of ["make", "MODE", "/src", "1.2", "argv", '"arguments"', "environment", "mounts"])
      expect(text).not.toContain(word);
    expect(text).toContain("pkg:docker/alpine@3.22");
  });

  it("tells when it ran only where every command was seen to run, or a function was called", async () => {
    const found = { source: "telemetry", exactness: "observed" } as const;
    const startedOn = "2026-11-27T08:00:00.000Z";
    const call = { ...found, digest: "xxh3:f", module: { name: "ci" }, name: "Ci.build", arguments: {} };
    const timesOf = async (outcome: "run" | "cached", parts: Partial<Evidence> = {}) => {
      const timing = [{ ...found, step: "xxh3:x", startedOn, outcome }];
      const seen = evidenceFrom("telemetry", { timing, run: { startedOn, finishedOn: startedOn }, ...parts });
      return provenancePredicate(mergeEvidence([await graph(), seen]), { mode: "MIN" }).runDetails.metadata;
    };
    const times = { startedOn, finishedOn: startedOn };
    expect(await timesOf("run")).toMatchObject(times);
    expect(await timesOf("cached", { functions: [call] })).toMatchObject(times);
    const build = { ...found, digest: "xxh3:b", operation: "Directory.dockerBuild", kind: "opaque", inputs: [] } as const; // prettier-ignore
    const ofBuild = mergeEvidence([
      evidenceFrom("telemetry", { root: build.digest, steps: [build], run: times }),
    ]);
    const handed = provenancePredicate(ofBuild, { mode: "MIN" }).runDetails.metadata;
    const looked = mergeEvidence([evidenceFrom("telemetry", { run: times })]);
    const unknown = provenancePredicate(looked, { mode: "MIN" }).runDetails.metadata;
    for (const unseen of [await timesOf("cached"), await timesOf("run", { timing: [] }), handed, unknown]) {
      expect(unseen).not.toHaveProperty("startedOn");
      expect(unseen).not.toHaveProperty("finishedOn");
    }
  });

  it("gives the same bytes for the same evidence", () => {
    expect(JSON.stringify(predicate("MAX"))).toBe(JSON.stringify(predicate("MAX")));
  });

  it("says an image that two steps use once", async () => {
    const twice = await collectRecipe(
      recipeOf([
        ...whole,
        { is: "from2", on: "c", field: "from", type: "Container", args: { address: alpine } },
        { is: "f", on: "from2", field: "file", type: "File", args: { path: "/x" } },
        { is: "r", on: "x", field: "withFile", type: "Container", args: { path: "/x", source: ref("f") } },
      ]),
      { resolve },
    );
    const { resolvedDependencies } = provenancePredicate(twice, { mode: "MAX" }).buildDefinition;
    expect(resolvedDependencies.filter(({ uri }) => uri?.startsWith("pkg:docker"))).toMatchObject([
      { annotations: { steps: ["xxh3:from", "xxh3:from2"] } },
    ]);
  });
});

describe.skipIf(noRecordings)(`statements about recorded builds (${noRecordings ?? "present"})`, () => {
  const of = (evidence: Evidence): Provenance => provenancePredicate(evidence, { mode: "MAX" });

  it("1.0, handed in: complete when the engine answers for git and http", async () => {
    const id = await decodeRecipe(recording("dagger-v1.0.0-beta.10/portable-id.txt"));
    if (id.kind !== "recipe") throw new Error("no recipe");
    const answer = { git: { gitCommit: commit }, http: { sha256: "c".repeat(64) } };
    const evidence = mergeEvidence([
      await collectRecipe(id, {
        resolve: ({ kind }) => Promise.resolve({ digests: kind === "git" ? answer.git : answer.http }),
      }),
    ]);
    expect(of(evidence).runDetails.metadata.dagger_completeness).toMatchObject({
      materials: "complete",
      steps: "complete",
    });
  });

  it("0.21, observed: complete, with entry point, arguments, times and usage", async () => {
    const path = "dagger-v0.21.8/observed";
    const stream = recording(`${path}/traces.sse`) + recording(`${path}/metrics.sse`);
    const { buildDefinition, runDetails } = of(
      mergeEvidence([await collectTelemetry(await readEventStream([stream]))]),
    );
    expect(runDetails.metadata.dagger_completeness).toMatchObject({
      materials: "complete",
      steps: "complete",
      // The engine had no cgroups: network bytes are all that it told.
      usage: "partial",
      sources: ["telemetry"],
    });
    expect(buildDefinition.externalParameters).toEqual({
      entryPoint: "Pipeline.build",
      module: "pipeline",
      arguments: { version: "1.3" },
    });
  });

  it("0.21, handed in: partial, with the operations counted", async () => {
    const path = "dagger-v0.21.8/received";
    const evidence = mergeEvidence([
      { unavailable: "recipe", because: "the id is a handle" },
      await collectTelemetry(
        await readEventStream([recording(`${path}/traces.sse`), recording(`${path}/metrics.sse`)]),
      ),
      collectHistory(JSON.parse(recording(`${path}/oci-config.json`))),
      collectSkeleton(JSON.parse(recording(`${path}/skeleton.json`))),
    ]);
    expect(of(evidence).runDetails.metadata.dagger_completeness).toMatchObject({
      materials: "none",
      steps: "partial",
      sources: ["telemetry", "history", "skeleton"],
      unavailable: { recipe: "the id is a handle" },
      skeletonOps: 9,
      explainedOps: 3,
    });
  });
});
