/**
 * Point by point with BuildKit's `mode=max` provenance: the recorded build of the Dockerfile beside it, and
 * the same build as a Dagger pipeline. docs/provenance.md holds the same table; this test keeps it honest.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { collectMetadata } from "../../src/provenance/collect/metadata.js";
import { evidenceFrom } from "../../src/provenance/evidence.js";
import { mergeEvidence } from "../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../src/provenance/recipe/collect.js";
import type { ResolveLeaf } from "../../src/provenance/recipe/resolve.js";
import { provenancePredicate } from "../../src/provenance/slsa/predicate.js";
import { digestOf, type Draft, recipeOf, ref } from "./recipe/recipes.js";
import {
  ahead,
  at,
  buildkitPredicate,
  leavesOf,
  dependencies,
  llb,
  ofTheDockerfile,
  points,
  rows,
  steps,
} from "./buildkit-points.js";
import { build, buildArgs, portWith, source } from "./dockerfile/builds.js";
import { noRecordings, recording } from "./recordings.js";

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
    args: { path: "/run/secrets/tok", source: ref("s"), mode: 256 },
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

/** The engine knows of the base image what its registry told. */
const imageFacts: ResolveLeaf = ({ kind }) =>
  Promise.resolve(kind === "image" ? { digests: { sha256: debian }, workdir: "/" } : undefined);

async function ours(): Promise<unknown> {
  const evidence = mergeEvidence([
    await collectRecipe(recipeOf(pipeline), { resolve: imageFacts }),
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
  return JSON.parse(
    JSON.stringify(provenancePredicate(evidence, { mode: "MAX", valueType: "Container", image })),
  );
}

/** The image, as its manifest and the engine's text in its history name it. */
const image = {
  layers: [
    {
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: `sha256:${"8".repeat(64)}`,
      size: 114,
    },
  ],
  configuration: { history: [{ created_by: "withfile /out.txt out.txt" }] },
};

/** The same Dockerfile, read where a value that was built of it is handed in. */
async function ofFile(): Promise<unknown> {
  const text = recording("buildkit-v0.32.2/Dockerfile");
  const handed = [...source, build({ platform: "linux/amd64", buildArgs: buildArgs({ VERSION: "1.1" }) })];
  const evidence = mergeEvidence([await collectRecipe(recipeOf(handed), { dockerfiles: portWith(text) })]);
  return JSON.parse(JSON.stringify(provenancePredicate(evidence, { mode: "MAX", valueType: "Container" })));
}

describe.skipIf(noRecordings)(`BuildKit mode=max (${noRecordings ?? "present"})`, () => {
  const theirs: unknown[] = [];
  let mine: unknown;
  let read: unknown;
  beforeAll(async () => {
    theirs.push(await buildkitPredicate("oci-artifact-provenance-max.tar"));
    mine = await ours();
    read = await ofFile();
  });

  it.each([...points])("%s: both have it", (_point, theirPath = "", ourPath = "", same = "") => {
    const [their, our] = [at(theirs[0], theirPath), at(mine, ourPath)];
    expect(their).toBeDefined();
    expect(our).toBeDefined();
    if (same === "same") expect(our).toEqual(their);
  });

  it.each([...ofTheDockerfile])(
    "%s: both have it, of the Dockerfile",
    (_point, theirPath = "", ourPath = "", same = "") => {
      const [their, our] = [at(theirs[0], theirPath), at(read, ourPath)];
      expect(their).toBeDefined();
      expect(our).toBeDefined();
      if (same === "same") expect(our).toEqual(their);
    },
  );

  it("tells the same of the Dockerfile: commands, mounts, image and files of each step", () => {
    expect(at(read, `${steps}/operation=Dockerfile.RUN/argv`)).toEqual(
      at(theirs[0], `${llb}/3/op/Op/exec/meta/args`),
    );
    expect(at(read, `${steps}/operation=Dockerfile.RUN/mounts`)).toEqual([
      { kind: "secret", target: at(theirs[0], `${llb}/3/op/Op/exec/mounts/2/dest`) },
      { kind: "cache", target: at(theirs[0], `${llb}/3/op/Op/exec/mounts/1/dest`) },
    ]);
    expect(at(read, `${dependencies}/annotations.source=dockerfile/uri`)).toBe(
      at(theirs[0], `${dependencies}/0/uri`),
    );
    expect(at(theirs[0], `${llb}/1/op/Op/source/attrs/local.followpaths`)).toBe(
      JSON.stringify(at(read, `${steps}/operation=Dockerfile.COPY/arguments/sources`)),
    );
  });

  it.each(ahead)("%s: we have it", (_point, path) => {
    expect(at(mine, path)).toBeDefined();
    expect(at(mine, path)).not.toBe("");
  });

  it("has nothing more than the table speaks of", () => {
    const spoken = new Set([...points, ...ofTheDockerfile, ...ahead].map(([point]) => point));
    for (const leaf of leavesOf(theirs[0])) {
      const row = rows.find(([pattern]) => pattern.test(leaf))?.[1];
      expect([leaf, row !== undefined && (row === "settings" || spoken.has(row))]).toEqual([leaf, true]);
    }
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
    for (const [point] of [...points, ...ofTheDockerfile, ...ahead]) expect(rows).toContain(point);
  });
});
