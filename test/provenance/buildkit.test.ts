/**
 * Point by point with BuildKit's `mode=max` provenance: the recorded build of the Dockerfile beside it, and
 * the same build as a Dagger pipeline. docs/provenance.md holds the same table; this test keeps it honest.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { extract } from "tar-stream";
import { beforeAll, describe, expect, it } from "vitest";
import { collectMetadata } from "../../src/provenance/collect/metadata.js";
import { evidenceFrom } from "../../src/provenance/evidence.js";
import { mergeEvidence } from "../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../src/provenance/recipe/collect.js";
import { provenancePredicate } from "../../src/provenance/slsa/predicate.js";
import { digestOf, type Draft, recipeOf, ref } from "./recipe/recipes.js";
import { noRecordings, recordedBytes } from "./recordings.js";

const debian = "af18f1f98934cad9045a968a8b5e38e0af3f751f0e91f725d3f14ba146a80609";
const script = "sh -c 'cat /src/main.txt > /out.txt; echo $VERSION >> /out.txt'";

/** The Dockerfile of the recording, step by step. */
const pipeline: Draft[] = [
  { is: "c", field: "container", type: "Container", args: { platform: "linux/amd64" } },
  {
    is: "from",
    on: "c",
    field: "from",
    type: "Container",
    args: { address: `docker.io/library/debian:bookworm-slim@sha256:${debian}` },
  },
  {
    is: "env",
    on: "from",
    field: "withEnvVariable",
    type: "Container",
    args: { name: "VERSION", value: "1.1" },
  },
  { is: "host", field: "host", type: "Host" },
  {
    is: "context",
    on: "host",
    field: "directory",
    type: "Directory",
    args: { path: "." },
    content: `sha256:${"c".repeat(64)}`,
  },
  { is: "main", on: "context", field: "file", type: "File", args: { path: "main.txt" } },
  {
    is: "copy",
    on: "env",
    field: "withFile",
    type: "Container",
    args: { path: "/src/main.txt", source: ref("main") },
  },
  { is: "s", field: "secret", type: "Secret", args: { uri: "env://tok" } },
  {
    is: "ms",
    on: "copy",
    field: "withMountedSecret",
    type: "Container",
    args: { path: "/run/secrets/tok", source: ref("s") },
  },
  { is: "cache", field: "cacheVolume", type: "CacheVolume", args: { key: "c" } },
  {
    is: "mc",
    on: "ms",
    field: "withMountedCache",
    type: "Container",
    args: { path: "/c", cache: ref("cache") },
  },
  { is: "run", on: "mc", field: "withExec", type: "Container", args: { args: ["/bin/sh", "-c", script] } },
  { is: "out", on: "run", field: "file", type: "File", args: { path: "/out.txt" } },
  {
    is: "scratch",
    on: "c",
    field: "withFile",
    type: "Container",
    args: { path: "/out.txt", source: ref("out") },
  },
  {
    is: "label",
    on: "scratch",
    field: "withLabel",
    type: "Container",
    args: { name: "org.opencontainers.image.version", value: "1.0" },
  },
];

const found = { source: "telemetry", exactness: "observed" } as const;

async function ours(): Promise<unknown> {
  const evidence = mergeEvidence([
    await collectRecipe(recipeOf(pipeline)),
    evidenceFrom("telemetry", {
      parameters: [{ ...found, name: "version", value: "1.1" }],
      functions: [
        {
          ...found,
          digest: "f",
          module: { name: "app", ref: "github.com/o/app@v1" },
          name: "App.build",
          arguments: {},
          output: digestOf("label"),
        },
      ],
      timing: [
        {
          ...found,
          step: digestOf("run"),
          startedOn: "2026-11-23T08:11:33.497Z",
          finishedOn: "2026-11-23T08:11:37.238Z",
          outcome: "run",
        },
      ],
      usage: [{ ...found, step: digestOf("run"), cpuTotalMicros: 1, memoryPeakBytes: 1 }],
      run: { startedOn: "2026-11-23T08:11:33.497Z", finishedOn: "2026-11-23T08:11:37.238Z" },
    }),
    collectMetadata({
      version: "v1.0.0",
      platform: "linux/amd64",
      traceId: "a".repeat(32),
      modules: [{ name: "app", ref: "github.com/o/app@v1", commit: "b".repeat(40), sdk: "typescript" }],
    }),
  ]);
  return provenancePredicate(evidence, { mode: "MAX", valueType: "Container" });
}

async function buildkit(archive: string): Promise<unknown> {
  const unpack = extract();
  unpack.end(recordedBytes(`buildkit-v0.32.2/${archive}`));
  const statements: unknown[] = [];
  for await (const entry of unpack) {
    const text = (await buffer(entry)).toString("utf8");
    if (entry.header.name.startsWith("blobs/") && text.startsWith('{"_type"'))
      statements.push(JSON.parse(text));
  }
  return at(statements[0], "predicate");
}

/** The value at a path of names, indexes and `name=value` selectors. */
function at(value: unknown, path: string): unknown {
  return path.split("/").reduce<unknown>((current, key) => {
    if (Array.isArray(current))
      return key.includes("=") ? current.find((item) => select(item, key)) : current[Number(key)];
    return typeof current === "object" && current !== null
      ? Object.entries(current).find(([name]) => name === key)?.[1]
      : undefined;
  }, value);
}

function select(item: unknown, selector: string): boolean {
  const [name = "", wanted = ""] = selector.split("=");
  const value = at(item, name.replaceAll(".", "/"));
  return value === wanted || (wanted === "*" && value !== undefined);
}

const llb = "buildDefinition/internalParameters/buildConfig/llbDefinition";
const dependencies = "buildDefinition/resolvedDependencies";
const steps = "runDetails/byproducts/0/annotations/document/steps";
const document = "runDetails/byproducts/0/annotations/document";
const metadata = "runDetails/metadata";

/** What is compared, where BuildKit has it, where we have it; `same` when the two values must be equal. */
const points: readonly (readonly [point: string, theirs: string, ours: string, same?: "same"])[] = [
  ["base image, as package URL", `${dependencies}/0/uri`, `${dependencies}/0/uri`, "same"],
  ["base image, digest", `${dependencies}/0/digest/sha256`, `${dependencies}/0/digest/sha256`, "same"],
  ["command, argv", `${llb}/3/op/Op/exec/meta/args`, `${steps}/kind=exec/argv`, "same"],
  ["variables of a command", `${llb}/3/op/Op/exec/meta/env`, `${steps}/kind=exec/environment`],
  ["cache mount", `${llb}/3/op/Op/exec/mounts/1/dest`, `${steps}/kind=exec/mounts/kind=cache/target`, "same"],
  [
    "secret mount",
    `${llb}/3/op/Op/exec/mounts/2/dest`,
    `${steps}/kind=exec/mounts/kind=secret/target`,
    "same",
  ],
  [
    "secret, by name",
    "buildDefinition/externalParameters/request/secrets/0/id",
    `${document}/secrets/0/name`,
    "same",
  ],
  [
    "copied file, target",
    `${llb}/2/op/Op/file/actions/0/Action/copy/dest`,
    `${steps}/operation=Container.withFile/arguments/path`,
    "same",
  ],
  ["edges between steps", `${llb}/3/inputs`, `${steps}/kind=exec/inputs`],
  [
    "digest of a step",
    "buildDefinition/internalParameters/buildConfig/digestMapping",
    `${steps}/kind=exec/id`,
  ],
  [
    "local source",
    "buildDefinition/externalParameters/request/locals/0/name",
    `${dependencies}/annotations.kind=host-directory/uri`,
  ],
  [
    "build argument",
    "buildDefinition/externalParameters/request/args",
    "buildDefinition/externalParameters/arguments/version",
  ],
  [
    "platform",
    "buildDefinition/internalParameters/builderPlatform",
    "buildDefinition/internalParameters/platform",
    "same",
  ],
  [
    "frontend or SDK",
    "buildDefinition/externalParameters/request/frontend",
    "buildDefinition/internalParameters/sdk",
  ],
  [
    "source of the build definition",
    `${metadata}/buildkit_metadata/source/infos/0/data`,
    `${dependencies}/name=app/digest/gitCommit`,
  ],
  ["invocation", `${metadata}/invocationId`, `${metadata}/invocationId`],
  ["start", `${metadata}/startedOn`, `${metadata}/startedOn`],
  ["end", `${metadata}/finishedOn`, `${metadata}/finishedOn`],
  [
    "completeness",
    `${metadata}/buildkit_completeness/resolvedDependencies`,
    `${metadata}/dagger_completeness/materials`,
  ],
];

/** What we have and the recorded BuildKit statement has not. */
const ahead: readonly (readonly [point: string, ours: string])[] = [
  ["local source, digest", `${dependencies}/annotations.kind=host-directory/digest/daggerContentSha256`],
  ["time of each step", `${steps}/kind=exec/startedOn`],
  ["processor and memory of each step", `${steps}/kind=exec/usage/memoryPeakBytes`],
  ["where each fact comes from", `${dependencies}/0/annotations/source`],
  ["gaps by name", `${metadata}/dagger_completeness/gaps`],
  ["who built", "runDetails/builder/id"],
  ["label of the image", `${steps}/operation=Container.withLabel/arguments/value`],
];

/** What BuildKit has and we have not. */
const behind: readonly (readonly [point: string, theirs: string])[] = [
  ["line of the source per step", `${metadata}/buildkit_metadata/source/locations/step3/locations`],
  ["layers per step", `${metadata}/buildkit_metadata/layers`],
];

describe.skipIf(noRecordings)(`BuildKit mode=max (${noRecordings ?? "present"})`, () => {
  const theirs: unknown[] = [];
  let mine: unknown;
  beforeAll(async () => {
    theirs.push(await buildkit("oci-artifact-provenance-max.tar"));
    mine = await ours();
  });

  it.each([...points])("%s: both have it", (_point, theirPath = "", ourPath = "", same = "") => {
    const [their, our] = [at(theirs[0], theirPath), at(mine, ourPath)];
    expect(their).toBeDefined();
    expect(our).toBeDefined();
    if (same === "same") expect(our).toEqual(their);
  });

  it.each(ahead)("%s: we have it", (_point, path) => {
    expect(at(mine, path)).toBeDefined();
    expect(at(mine, path)).not.toBe("");
  });

  it.each(behind)("%s: BuildKit has it, and the table says so", (_point, path) => {
    expect(at(theirs[0], path)).toBeDefined();
  });

  it("shows no value of a variable, where BuildKit shows all", () => {
    expect(JSON.stringify(at(theirs[0], `${llb}/3/op/Op/exec/meta/env`))).toContain("VERSION=1.1");
    expect(at(mine, `${steps}/kind=exec/environment`)).toEqual(["VERSION"]);
  });
});

describe("docs/provenance.md", () => {
  it("has a row for each point", () => {
    const text = readFileSync(join(import.meta.dirname, "../../docs/provenance.md"), "utf8");
    const rows = new Set(text.split("\n").map((line) => line.split("|")[1]?.trim()));
    for (const [point] of [...points, ...ahead, ...behind]) expect(rows).toContain(point);
  });
});
