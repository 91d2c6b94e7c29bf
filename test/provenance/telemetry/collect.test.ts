/** What a Dagger v0.21.8 engine told in spans and metrics, fact by fact against the pipelines in sources/. */
import { describe, expect, it } from "vitest";
import type { Evidence } from "../../../src/provenance/evidence.js";
import { isUnavailable } from "../../../src/provenance/evidence.js";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../../src/provenance/recipe/collect.js";
import { completenessOf } from "../../../src/provenance/slsa/completeness.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";
import { openRecipe } from "../../../src/provenance/telemetry/opened.js";
import { collectTelemetry, type TelemetryOptions } from "../../../src/provenance/telemetry/collect.js";
import { parseOtlpBodies } from "../../../src/provenance/telemetry/otlp.js";
import { readEventStream } from "../../../src/provenance/telemetry/event-stream.js";
import type { Span, Telemetry } from "../../../src/provenance/telemetry/span.js";
import { portWith } from "../dockerfile/builds.js";
import { digestOf, type Draft, recipeOf, ref } from "../recipe/recipes.js";
import { hostBodies, noRecordings, recording } from "../recordings.js";

const image = { sha256: "af18f1f98934cad9045a968a8b5e38e0af3f751f0e91f725d3f14ba146a80609" };
const commit = { gitCommit: "56299badc30851345f219b986bd032827220b060" };

async function found(
  telemetry: Telemetry,
  source: "telemetry" | "host-trace" = "telemetry",
  options: TelemetryOptions = {},
): Promise<Evidence> {
  const collected = await collectTelemetry(telemetry, { source, ...options });
  if (isUnavailable(collected)) throw new Error(collected.because);
  return collected;
}

const stream = (name: string) =>
  readEventStream([
    recording(`dagger-v0.21.8/${name}/traces.sse`),
    recording(`dagger-v0.21.8/${name}/metrics.sse`),
  ]);

describe.skipIf(noRecordings)(`recorded telemetry (${noRecordings ?? "present"})`, () => {
  it.each([
    ["under an id of its own", (span: Span): Span => ({ ...span, spanId: "ffffffffffffffff", start: "1" })],
    ["in the place of the engine's", (span: Span): Span => span],
    ["after it", (span: Span): Span => ({ ...span, spanId: "ffffffffffffffff", start: span.start + 1n })],
  ])(
    "observed: a span that tells of a call differently, posted %s, is a contradiction",
    async (_case, placed) => {
      const telemetry = await stream("observed");
      const honest = await found(telemetry);
      expect(honest.contradictions).toEqual([]);
      const command = honest.steps.find(({ kind }) => kind === "exec");
      const genuine = telemetry.spans.findLast(
        ({ attributes }) => attributes["dagger.io/dag.digest"] === command?.digest,
      );
      if (genuine === undefined) throw new Error("no span of the command");
      if (typeof genuine.call !== "object") throw new Error("no call");
      const span = { ...genuine, call: { ...genuine.call, args: [] } };
      const evidence = await found({ ...telemetry, spans: [...telemetry.spans, placed(span)] });
      expect(evidence.contradictions).toMatchObject([{ item: command?.digest, field: "call" }]);
      const materials = (one: Evidence): string =>
        completenessOf(mergeEvidence([{ ...one, gaps: [] }])).materials;
      expect([materials(honest), materials(evidence)]).toEqual(["complete", "partial"]);
    },
  );

  it("observed: the whole graph of what the function returned", async () => {
    const evidence = await found(await stream("observed"));
    expect(evidence.functions).toMatchObject([
      { name: "Pipeline.pipeline", module: { name: "pipeline" } },
      {
        name: "Pipeline.build",
        module: { name: "pipeline" },
        arguments: { version: "1.3" },
        output: evidence.root,
      },
    ]);
    expect(evidence.parameters).toMatchObject([{ name: "version", value: "1.3" }]);
    expect(evidence.chain).toEqual([
      "container",
      "from",
      "withWorkdir",
      "withFile",
      "withFile",
      "withEnvVariable",
      "withLabel",
      "withExec",
      "withEntrypoint",
    ]);
    expect(evidence.materials.map(({ uri, digests }) => ({ uri, digests }))).toEqual([
      { uri: "pkg:docker/debian@bookworm-slim", digests: image },
      { uri: "pkg:docker/node@24.21.0-bookworm-slim", digests: image },
    ]);
    expect(evidence.caches).toMatchObject([{ key: "build-cache" }]);
    expect(evidence.secrets).toMatchObject([{ name: "build-token" }]);
    expect(evidence.gaps).toEqual([]);
    expect(evidence.run).toMatchObject({
      invocationId: "389eee5e16a246384ed15f05bcdcbab4",
      startedOn: "2026-11-23T07:58:32.009Z",
    });
  });

  it("observed: each command has its own timing and usage, by digest", async () => {
    const evidence = await found(await stream("observed"));
    const execs = evidence.steps.filter(({ kind }) => kind === "exec");
    expect(execs.map(({ argv }) => argv?.[0])).toEqual(["node", "sh"]);
    for (const { digest } of execs) {
      expect(evidence.usage.find(({ step }) => step === digest)).toMatchObject({ networkReceivedBytes: 0 });
      expect(evidence.timing.find(({ step }) => step === digest)).toMatchObject({ outcome: "run" });
    }
    const node = evidence.timing.find(({ step }) => step === execs[0]?.digest);
    expect(node).toMatchObject({
      startedOn: "2026-11-23T07:58:35.870Z",
      finishedOn: "2026-11-23T07:58:37.538Z",
    });
  });

  it("inputs: commits of tag and branch from the engine's git commands, and the download as a gap", async () => {
    const evidence = await found(await stream("inputs"));
    expect(evidence.materials.map(({ uri, digests }) => ({ uri, digests }))).toEqual([
      { uri: "pkg:docker/debian@bookworm-slim", digests: image },
      { uri: "git+http://127.0.0.1:8418/repo.git@refs/tags/v1.0.0", digests: commit },
      { uri: "git+http://127.0.0.1:8418/repo.git@refs/heads/master", digests: commit },
      { uri: "http://127.0.0.1:8418/notes.txt?token=***", digests: {} },
    ]);
    expect(evidence.gaps.map(({ code }) => code)).toEqual(["digest-unknown"]);
    const exec = evidence.steps.find(({ kind }) => kind === "exec");
    expect(exec).toMatchObject({
      environment: ["LABEL"],
      mounts: [{ kind: "secret", target: "/run/token" }],
    });
    expect(JSON.stringify(evidence)).not.toContain("canary");
  });

  it("received: names, times and usage of what was left to do, and that the rest was built before", async () => {
    const evidence = await found(await stream("received"));
    expect(evidence.root).toBeUndefined();
    expect(evidence.steps.filter(({ kind }) => kind === "exec").map(({ digest }) => digest)).toEqual(
      evidence.usage.map(({ step }) => step),
    );
    expect(evidence.gaps).toEqual([
      { code: "built-before-observation", detail: "the value was described before we could watch" },
    ]);
  });

  it("host: the same graph, the push, the module's reference and the command line", async () => {
    const evidence = await found(await parseOtlpBodies(hostBodies()), "host-trace");
    expect(evidence.functions.at(-1)).toMatchObject({
      name: "Pipeline.build",
      module: { name: "pipeline", ref: "/srv/demo/pipeline" },
      arguments: { version: "1.5" },
      output: evidence.root,
    });
    expect(evidence.outputs).toMatchObject([
      { address: "127.0.0.1:5000/demo/app:1.5", source: "host-trace" },
    ]);
    expect(evidence.steps.at(-1)).toMatchObject({ kind: "publish", inputs: [evidence.root] });
    expect(evidence.materials.map(({ uri }) => uri)).toContain("local:/srv/demo/pipeline");
    expect(evidence.run).toMatchObject({
      engineVersion: "v0.21.8",
      labels: { command: expect.stringContaining("build --version 1.5 publish") as string },
    });
  });
});

const spanOf = (draft: Draft, over: Partial<Span> = {}, output = digestOf(draft.is)): Span => {
  const call = recipeOf([draft]).calls.get(digestOf(draft.is));
  if (call === undefined) throw new Error("no call");
  return {
    traceId: "1".repeat(32),
    spanId: `span-${draft.is}`,
    parentSpanId: "",
    name: draft.field,
    scope: "dagger.io/core",
    start: "1000000",
    end: "2000000",
    attributes: {
      "dagger.io/dag.digest": digestOf(draft.is),
      "dagger.io/dag.output": output,
    },
    // A span with attributes of its own is of no call.
    ...(over.attributes === undefined ? { call } : {}),
    links: [],
    failed: false,
    ...over,
  };
};
const telemetryOf = (...spans: Span[]): Telemetry => ({ spans, points: [], resources: [] });
const module = { name: "ci", ref: "github.com/o/ci@v1", pin: "e".repeat(40) };

describe("collectTelemetry", () => {
  it("is unavailable without spans of the engine", async () => {
    const posted = spanOf({ is: "x", field: "container", type: "Container" }, { scope: "my.app" });
    expect(await collectTelemetry(telemetryOf(posted))).toEqual({
      unavailable: "telemetry",
      because: "no span of the engine in it",
    });
  });

  it("ignores calls that other scopes post", async () => {
    const build = { is: "f", on: "m", field: "build", type: "Container", module };
    const evidence = await found(
      telemetryOf(
        spanOf({ is: "m", field: "ci", type: "Ci", module }),
        spanOf(build, {}, digestOf("c")),
        spanOf({ is: "c", field: "container", type: "Container" }, { parentSpanId: "span-f" }),
        spanOf(
          { is: "evil", field: "git", type: "GitRepository" },
          { scope: "evil", parentSpanId: "span-f" },
        ),
      ),
    );
    expect(evidence.steps.map(({ digest }) => digest)).toEqual([digestOf("c")]);
  });

  it("counts what constructor and objects on the way were given among the parameters", async () => {
    const args = (flavour: string) => ({ flavour });
    const evidence = await found(
      telemetryOf(
        spanOf({ is: "ci", field: "ci", type: "Ci", module, args: args("sweet") }),
        spanOf(
          { is: "release", on: "ci", field: "release", type: "CiRelease", module, args: args("sour") },
          { start: "3000000", end: "4000000" },
        ),
        spanOf(
          { is: "build", on: "release", field: "build", type: "Container", module },
          { start: "5000000", end: "9000000" },
          digestOf("made"),
        ),
        spanOf(
          { is: "made", field: "container", type: "Container" },
          { parentSpanId: "span-build", start: "6000000", end: "7000000" },
        ),
      ),
    );
    expect(evidence.parameters.map(({ name, value }) => [name, value])).toEqual([
      ["flavour", "sour"],
      ["ci.flavour", "sweet"],
    ]);
  });

  it("says that the run had not ended", async () => {
    const evidence = await found(
      telemetryOf(
        spanOf(
          { is: "f", on: "m", field: "build", type: "Container", module },
          { end: undefined },
          digestOf("c"),
        ),
        spanOf(
          { is: "c", field: "container", type: "Container" },
          { parentSpanId: "span-f", end: undefined },
        ),
      ),
    );
    expect(evidence.gaps).toEqual([
      { code: "unfinished", detail: "1 steps had not ended when the trace was read" },
    ]);
  });

  it("says that a function came from the cache, which hides what it did", async () => {
    const evidence = await found(
      telemetryOf(
        spanOf({ is: "m", field: "ci", type: "Ci", module }),
        spanOf({ is: "f", on: "m", field: "build", type: "Container", module }, {}, digestOf("elsewhere")),
      ),
    );
    expect(evidence.steps).toEqual([]);
    expect(evidence.gaps).toEqual([
      { code: "function-cache-hit", detail: "build: answered from the function cache" },
    ]);
  });

  /** `build`, whose spans are below it. */
  const build = (...inside: Span[]): Telemetry =>
    telemetryOf(
      spanOf({ is: "m", field: "ci", type: "Ci", module }),
      spanOf(
        {
          is: "f",
          on: "m",
          field: "build",
          type: "Container",
          module,
          args: { source: ref("src"), token: ref("tok") },
        },
        {},
        digestOf("r"),
      ),
      ...inside.map((span) => (span.parentSpanId === "" ? { ...span, parentSpanId: "span-f" } : span)),
    );
  const base = { is: "c", field: "container", type: "Container" };

  it("knows the commit of a branch that git fetched for the tree of its commit, as Dagger 1.0 has it", async () => {
    const evidence = await found(
      build(
        spanOf({ is: "g", field: "git", type: "GitRepository", args: { url: "https://e.test/r" } }),
        spanOf({ is: "b", on: "g", field: "branch", type: "GitRef", args: { name: "main" } }),
        spanOf({ is: "t", on: "b", field: "targetCommit", type: "GitCommit" }),
        spanOf({ is: "r", on: "t", field: "tree", type: "Directory" }),
        spanOf(
          { is: "fetch", field: "fetch", type: "Void" },
          {
            name: `git fetch --depth=1 origin ${"a".repeat(40)}`,
            scope: "dagger.io/gitutil",
            parentSpanId: "span-r",
            attributes: {},
          },
        ),
      ),
    );
    expect(evidence.materials).toMatchObject([
      { kind: "git", digests: { gitCommit: "a".repeat(40) }, steps: [digestOf("b")] },
      { kind: "module" },
    ]);
    expect(evidence.gaps).toEqual([]);
  });

  it("takes the call that was answered with a value for one that the engine does not report again", async () => {
    const evidence = await found(
      build(
        spanOf(base),
        spanOf(
          { is: "tag", on: "c", field: "from", type: "Container", args: { address: "node:24" } },
          {},
          digestOf("pinned"),
        ),
        spanOf({
          is: "r",
          on: "pinned",
          field: "withExec",
          type: "Container",
          args: { args: ["true"] },
        }),
      ),
      "telemetry",
      { resolve: ({ call }) => Promise.resolve(call === digestOf("tag") ? { digests: image } : undefined) },
    );
    expect(evidence.materials).toMatchObject([
      { uri: "pkg:docker/node@24", digests: image, steps: [digestOf("pinned")] },
      { kind: "module" },
    ]);
    expect(evidence.timing.map(({ step }) => step)).toContain(digestOf("pinned"));
    expect(evidence.gaps).toEqual([]);
  });

  it("follows what the function's code read, since the value may hold it", async () => {
    const evidence = await found(
      build(
        spanOf(base),
        spanOf({ is: "http", field: "http", type: "File", args: { url: "https://e.test/v" } }),
        spanOf({ is: "text", on: "http", field: "contents", type: "String" }),
        spanOf({
          is: "r",
          on: "c",
          field: "withNewFile",
          type: "Container",
          args: { path: "/v", contents: "1" },
        }),
      ),
    );
    expect(evidence.materials.map(({ uri }) => uri)).toContain("https://e.test/v");
    expect(evidence.steps.map(({ operation }) => operation)).toContain("File.contents");
    expect(evidence.notes).toContain("the code of functions read contents: the value may depend on it");
    expect(evidence.gaps.map(({ code }) => code)).toEqual(["digest-unknown"]);
  });

  it("leaves out what the engine and the SDK of another module read of modules", async () => {
    const evidence = await found(
      build(
        spanOf({ is: "r", field: "container", type: "Container" }),
        {
          ...spanOf(base, { parentSpanId: "span-f", attributes: { "dagger.io/ui.internal": true } }),
          spanId: "load",
          name: "load sdk runtime",
        },
        {
          ...spanOf(base, { parentSpanId: "load", attributes: {} }),
          spanId: "sdk",
          scope: "dagger.io/sdk.go",
        },
        spanOf({ is: "text", on: "gone", field: "contents", type: "String" }, { parentSpanId: "sdk" }),
        spanOf({
          is: "mark",
          on: "gone",
          field: "withNewFile",
          type: "Directory",
          args: { path: "ci/.attest-observation" },
        }),
        spanOf({ is: "part", on: "mark", field: "directory", type: "Directory", args: { path: "ci" } }),
        spanOf({ is: "digest", on: "part", field: "digest", type: "String" }),
      ),
    );
    expect(evidence.steps.map(({ operation }) => operation)).toEqual(["Query.container"]);
    expect(evidence.gaps).toEqual([]);
  });

  const handedSource = {
    handed: {
      "build.source": { kind: "directory", uri: "dagger:argument/source", name: "source", digests: image },
    },
  } as const;
  const dockerBuild = { is: "r", on: "src", field: "dockerBuild", type: "Container" };
  const below = { parentSpanId: "span-r" };

  it("can't see what a dockerBuild brings in that the cache answered, of a value that was handed in too", async () => {
    const evidence = await found(build(spanOf(dockerBuild)), "telemetry", handedSource);
    expect(evidence.gaps).toEqual([
      { code: "opaque-step", detail: "Directory.dockerBuild: what the Dockerfile brings in can't be seen" },
    ]);
  });

  it("reads the Dockerfile of a value that was handed in, or of a part of it, by the id that it was handed by", async () => {
    const asked: unknown[] = [];
    const handed = { "build.source": { ...handedSource.handed["build.source"], id: "handed" } };
    const dockerfiles = portWith("", {
      textIn: ({ handedId, path }) => {
        asked.push([handedId, path]);
        return Promise.resolve("FROM alpine:3.22\nCOPY . /");
      },
    });
    const whole = await found(build(spanOf(dockerBuild)), "telemetry", { handed, dockerfiles });
    expect(whole.materials.map(({ uri, source: told }) => [uri, told])).toContainEqual([
      "pkg:docker/alpine@3.22",
      "dockerfile",
    ]);
    const part = { is: "part", on: "src", field: "directory", type: "Directory", args: { path: "app/" } };
    await found(build(spanOf(part), spanOf({ ...dockerBuild, on: "part" })), "telemetry", {
      handed,
      dockerfiles,
    });
    expect(asked).toEqual([
      ["handed", "Dockerfile"],
      ["handed", "app/Dockerfile"],
    ]);
  });

  it("looks into a dockerBuild whose calls the engine reports", async () => {
    const alpine = { address: `alpine@sha256:${"a".repeat(64)}` };
    const copy = { is: "copy", on: "root", field: "__withDirectoryDockerfileCompat", type: "Directory" };
    const evidence = await found(
      build(
        spanOf(dockerBuild),
        spanOf({ is: "from", on: "empty", field: "from", type: "Container", args: alpine }, below),
        spanOf({ is: "root", on: "from", field: "rootfs", type: "Directory" }, below),
        spanOf({ ...copy, args: { srcPath: "/app", source: ref("src") } }, below),
        spanOf(
          { is: "put", on: "from", field: "withRootfs", type: "Container", args: { directory: ref("copy") } },
          below,
        ),
        spanOf(
          { is: "run", on: "put", field: "withExec", type: "Container", args: { args: ["make"] } },
          below,
        ),
      ),
      "telemetry",
      handedSource,
    );
    expect(evidence.gaps).toEqual([]);
    expect(evidence.materials.map(({ uri }) => uri)).toEqual([
      "pkg:docker/alpine",
      "dagger:argument/source",
      "git+https://github.com/o/ci@v1",
    ]);
    expect(evidence.steps.find(({ argv }) => argv?.[0] === "make")).toMatchObject({ kind: "exec" });
    expect(evidence.steps.at(-1)).toMatchObject({
      operation: "Directory.dockerBuild",
      kind: "other",
      inputs: [digestOf("src"), digestOf("run")],
    });
  });

  it("looks into a dockerBuild of a recipe by what spans tell, and says who told what", async () => {
    const source = { is: "d", field: "directory", type: "Directory" };
    const alpine = { address: `alpine@sha256:${"a".repeat(64)}` };
    const recipe = recipeOf([source, { ...dockerBuild, on: "d" }]);
    const work = { spanId: "work", scope: "dagger.io/dagql", name: "Directory.dockerBuild", attributes: {} };
    const spans = [
      spanOf({ ...dockerBuild, on: "d" }),
      spanOf(base, { ...below, ...work }),
      spanOf(
        { is: "from", on: "empty", field: "from", type: "Container", args: alpine },
        { parentSpanId: "work" },
      ),
    ];
    const { recipe: opened, ...inside } = openRecipe(recipe, spans);
    const evidence = await collectRecipe(opened, inside);
    expect(evidence.gaps).toEqual([]);
    expect(evidence.materials).toMatchObject([
      { uri: "pkg:docker/alpine", digests: { sha256: "a".repeat(64) }, source: "telemetry" },
    ]);
    expect(evidence.steps.map(({ operation, source: told }) => [operation, told])).toEqual([
      ["Query.directory", "recipe"],
      ["Query.container", "telemetry"],
      ["Container.from", "telemetry"],
      ["Directory.dockerBuild", "recipe"],
    ]);
    expect(openRecipe(recipe, [])).toMatchObject({ recipe });
  });

  it("names what the cache hid in a dockerBuild, and keeps the images that it began with", async () => {
    const alpine = { address: `alpine@sha256:${"a".repeat(64)}` };
    const evidence = await found(
      build(
        spanOf(dockerBuild),
        spanOf({ is: "from", on: "hidden", field: "from", type: "Container", args: alpine }, below),
        spanOf(
          { is: "run", on: "other", field: "withExec", type: "Container", args: { args: ["make"] } },
          below,
        ),
      ),
      "telemetry",
      handedSource,
    );
    expect(evidence.materials.map(({ kind }) => kind)).toContain("image");
    expect(evidence.gaps.map(({ code }) => code)).toEqual(["missing-call"]);
  });

  it("counts the operations of a handed value, which stand in the skeleton alone, as explained", async () => {
    const added = { is: "r", on: "src", field: "withNewFile", type: "Directory", args: { contents: "1" } };
    const evidence = await found(build(spanOf(added)), "telemetry", handedSource);
    const explained = (skeleton: string[]): unknown[] => {
      const { skeletonOps, explainedOps } = completenessOf({ ...mergeEvidence([evidence]), skeleton });
      return [skeletonOps, explainedOps];
    };
    expect(explained(["host", "directory", "withNewFile"])).toEqual([3, 3]);
    expect(explained(["host", "directory", "withNewFile", "withFile"])).toEqual([4, 0]);
  });

  it("knows the values that were handed in: contents by digest, secrets by name", async () => {
    const mounted = { path: "/src", source: ref("src") };
    const evidence = await found(
      build(
        spanOf(base),
        spanOf({ is: "d", on: "c", field: "withDirectory", type: "Container", args: mounted }),
        spanOf({
          is: "r",
          on: "d",
          field: "withSecretVariable",
          type: "Container",
          args: { name: "TOKEN", secret: ref("tok") },
        }),
      ),
      "telemetry",
      {
        handed: {
          "build.source": {
            kind: "directory",
            uri: "dagger:argument/source",
            name: "source",
            digests: image,
          },
          "build.token": { kind: "secret", name: "TOKEN", provider: "env" },
          // The constructor has an argument of that name too, and was given another value.
          ".source": { kind: "directory", uri: "dagger:argument/other", name: "source", digests: {} },
        },
      },
    );
    expect(evidence.materials[0]).toMatchObject({ uri: "dagger:argument/source", digests: image });
    expect(evidence.secrets).toMatchObject([{ name: "TOKEN", provider: "env", step: digestOf("tok") }]);
    expect(evidence.gaps).toEqual([]);
  });

  it("knows a default path of the module by its content: the calls that took it out begin where nobody saw", async () => {
    const path = { is: "src", on: "pipeline", field: "directory", type: "Directory", args: { path: "/ci" } };
    const added = { is: "r", on: "src", field: "withNewFile", type: "Directory", args: { contents: "1" } };
    const evidence = await found(build(spanOf(path), spanOf(added)), "telemetry", handedSource);
    expect(evidence.steps.map(({ operation }) => operation)).toEqual(["Directory.withNewFile"]);
    expect(evidence.materials[0]).toMatchObject({ uri: "dagger:argument/source", digests: image });
    expect(evidence.gaps).toEqual([]);
  });

  it("takes the client that began a trace for the caller, and none of those that commands were", async () => {
    const clientOf = (version: string, ...command: string[]) => ({
      "dagger.io/client.version": version,
      "process.command_args": command,
    });
    const seen = {
      ...build(spanOf({ ...base, is: "r" })),
      resources: [clientOf("v1.0.0", "dagger", "call", "build"), clientOf("v0.21.8", "dagger", "query")],
    };
    expect((await found(seen, "host-trace")).run).toMatchObject({
      engineVersion: "v1.0.0",
      labels: { command: "dagger call build" },
    });
    const { run } = await found(seen, "telemetry");
    expect([run.engineVersion, run.labels]).toEqual([undefined, undefined]);
  });

  it("misses nothing but a name where a secret is one of an earlier session", async () => {
    const args = { name: "TOKEN", secret: ref("gone") };
    const evidence = await found(
      build(spanOf(base), spanOf({ is: "r", on: "c", field: "withSecretVariable", type: "Container", args })),
    );
    expect(evidence.gaps).toEqual([]);
    expect(evidence.notes).toContain(
      "the secret at $TOKEN is one that nobody saw made: its name is not known",
    );
  });

  it("gives a command its own time and usage, not those of a service that it needed", async () => {
    const step = { "dagger.io/dag.digest": digestOf("r") };
    const buildkit = { scope: "dagger.io/engine.buildkit", attributes: step };
    const point = (span: string, value: number) => ({
      scope: "dagger.io/core",
      metric: "dagger.io/metrics.netstat.rx.bytes",
      time: "1",
      value,
      attributes: { ...step, "dagger.io/metrics.span": span },
    });
    const spans = build(
      spanOf(base),
      spanOf({ is: "r", on: "c", field: "withExec", type: "Container", args: { args: ["true"] } }),
      { ...spanOf(base), spanId: "run", name: "exec.run", start: "5000000", end: "9000000", ...buildkit },
      { ...spanOf(base), spanId: "service", name: "exec node server.js", attributes: {} },
      {
        ...spanOf(base),
        spanId: "in",
        parentSpanId: "service",
        name: "exec.run",
        end: "99000000",
        ...buildkit,
      },
    );
    const evidence = await found({
      ...spans,
      points: [point("run", 1), point("in", 70), point("service", 80)],
    });
    expect(evidence.usage).toMatchObject([{ step: digestOf("r"), networkReceivedBytes: 1 }]);
    expect(evidence.timing.find((one) => one.step === digestOf("r"))).toMatchObject({
      startedOn: "1970-01-01T00:00:00.005Z",
      finishedOn: "1970-01-01T00:00:00.009Z",
    });
  });

  it("gives no time to a command that nobody asked for, as after one that failed", async () => {
    const command = (is: string, on: string) =>
      spanOf({ is, on, field: "withExec", type: "Container", args: { args: [is] } });
    const resumed = { ...spanOf(base, { failed: true, attributes: {} }), name: "resume withExec" };
    const evidence = await found(
      build(spanOf(base), command("fails", "c"), command("r", "fails"), {
        ...resumed,
        spanId: "work",
        links: [{ spanId: "span-fails" }],
      }),
    );
    expect(evidence.timing.map(({ step, outcome }) => [step, outcome])).toEqual([
      [digestOf("c"), "run"],
      [digestOf("fails"), "failed"],
    ]);
  });

  it("names the secret and the path of the host behind an address", async () => {
    const evidence = await found(
      build(
        spanOf(base),
        spanOf({ is: "as", field: "address", type: "Address", args: { value: "env:TOKEN" } }),
        spanOf({ is: "sec", on: "as", field: "secret", type: "Secret" }, {}, digestOf("tok")),
        spanOf({ is: "ad", field: "address", type: "Address", args: { value: "./app" } }),
        spanOf({ is: "dir", on: "ad", field: "directory", type: "Directory" }, {}, digestOf("src")),
        spanOf({
          is: "d",
          on: "c",
          field: "withDirectory",
          type: "Container",
          args: { source: ref("src") },
        }),
        spanOf({
          is: "r",
          on: "d",
          field: "withSecretVariable",
          type: "Container",
          args: { name: "T", secret: ref("tok") },
        }),
      ),
    );
    expect(evidence.secrets).toMatchObject([{ name: "TOKEN", provider: "env" }]);
    expect(evidence.materials[0]).toMatchObject({ kind: "host-directory", uri: "local:./app" });
    expect(evidence.gaps.map(({ detail }) => detail).join()).toMatch(/host-directory local:\.\/app/);
  });

  describe("beside the value's recipe", () => {
    const drafts: Draft[] = [
      { is: "c", field: "container", type: "Container" },
      {
        is: "f",
        on: "c",
        field: "from",
        type: "Container",
        args: { address: `node@sha256:${"e".repeat(64)}` },
      },
      { is: "r", on: "f", field: "withExec", type: "Container", args: { args: ["true"] } },
    ];
    const recipe = recipeOf(drafts);
    const spans = drafts.map(
      (draft) => ({ ...spanOf(draft), call: recipe.calls.get(digestOf(draft.is)) }) as Span,
    );
    const written = async (telemetry: Telemetry) => {
      const collected = [await collectRecipe(recipe), await collectTelemetry(telemetry, { recipe })];
      const predicate = provenancePredicate(mergeEvidence(collected), { mode: "MAX" });
      const document = predicate.runDetails.byproducts[0]?.annotations?.["document"];
      const { steps } = JSON.parse(JSON.stringify(document)) as {
        steps: { alsoIn?: string[]; argv?: string[] }[];
      };
      return { steps, completeness: predicate.runDetails.metadata.dagger_completeness };
    };

    it("confirms the calls that it tells in the same way, and describes none a second time", async () => {
      const evidence = await found(telemetryOf(...spans), "telemetry", { recipe });
      expect(evidence.steps).toEqual([]);
      expect(evidence.confirmed).toEqual([{ source: "telemetry", calls: new Set(recipe.calls.keys()) }]);
      expect(evidence.timing.map(({ step }) => step)).toEqual([digestOf("c"), digestOf("f")]);
      const { steps, completeness } = await written(telemetryOf(...spans));
      expect(steps.map(({ alsoIn }) => alsoIn)).toEqual([["telemetry"], ["telemetry"], ["telemetry"]]);
      expect(completeness).toMatchObject({ materials: "complete", steps: "complete" });
    });

    it("is contradicted by a span that tells another command", async () => {
      const other = spanOf({
        is: "r",
        on: "f",
        field: "withExec",
        type: "Container",
        args: { args: ["false"] },
      });
      const { steps, completeness } = await written(telemetryOf(...spans.slice(0, 2), other));
      expect(steps.at(-1)?.argv).toEqual(["true"]);
      expect(completeness.contradictions).toEqual([
        `${digestOf("r")} argv: recipe says ["true"], telemetry says ["false"]`,
      ]);
    });
  });

  it("says that a nested function came from the cache", async () => {
    const cached = spanOf(
      { is: "n", on: "m", field: "compile", type: "File", module },
      { parentSpanId: "span-f" },
    );
    const evidence = await found(
      telemetryOf(
        spanOf({ is: "m", field: "ci", type: "Ci", module }),
        spanOf({ is: "f", on: "m", field: "build", type: "Container", module }, {}, digestOf("r")),
        { ...cached, attributes: { ...cached.attributes, "dagger.io/dag.cached": true } },
        spanOf({ is: "c", field: "container", type: "Container" }, { parentSpanId: "span-f" }),
        spanOf(
          { is: "r", on: "c", field: "withFile", type: "Container", args: { path: "/x", source: ref("n") } },
          { parentSpanId: "span-f" },
        ),
      ),
    );
    expect(evidence.gaps.map(({ code }) => code)).toContain("function-cache-hit");
    expect(evidence.functions.find(({ name }) => name === "Ci.compile")?.hidden).toBe(true);
  });
});
