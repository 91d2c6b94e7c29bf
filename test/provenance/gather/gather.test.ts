/**
 * Gathering, with recorded answers of real engines behind the port: what is handed in on 0.21, on 1.0 asked
 * directly and by a nested client, and what is observed.
 */
import { Readable } from "node:stream";

import { describe, expect, it } from "vitest";

import type { Answer, EnginePort } from "../../../src/provenance/gather/engine.js";
import { gatherEvidence } from "../../../src/provenance/gather/gather.js";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";
import type { Provenance } from "../../../src/provenance/slsa/types.js";
import { decodeRecipe, encodeRecipe } from "../../../src/recipe/index.js";
import { traceLine } from "../../../src/provenance/telemetry/trace-file.js";
import { recipeOf } from "../recipe/recipes.js";
import { hostBodies, noRecordings, recording } from "../recordings.js";

const handle = "EhMIr9MEEg0KCUNvbnRhaW5lchgB";
const refused: Answer = { errors: [{ message: 'Cannot query field "withTools" on type "LLM".' }] };
const commit = "c".repeat(40);

type Recorded = {
  readonly version: string;
  readonly traces?: string;
  readonly metrics?: string;
  readonly skeleton?: Answer;
};

/** An engine that answers as one did when it was recorded; every leaf that is asked for has a digest. */
function engineOf(
  recorded: Recorded,
  more: Partial<EnginePort> = {},
): EnginePort & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    query: (text) => {
      asked.push(text);
      if (text.includes("defaultPlatform"))
        return Promise.resolve({ data: { version: recorded.version, defaultPlatform: "linux/amd64" } });
      if (text.includes("withError"))
        return Promise.resolve(recorded.skeleton ?? { errors: [{ message: "no" }] });
      if (text.includes("commit ref"))
        return Promise.resolve({ data: { node: { commit, ref: "refs/heads/main" } } });
      return Promise.resolve(refused);
    },
    stream: (signal) => {
      const stream = recorded[signal];
      if (stream === undefined) return Promise.reject(new Error("no such stream"));
      return Promise.resolve(Readable.from([stream]) as AsyncIterable<string>);
    },
    fileFacts: () => Promise.resolve({ digests: { sha256: "d".repeat(64) }, size: 1 }),
    directoryFacts: () => Promise.resolve({ digests: { gitTree: "e".repeat(40) } }),
    ...more,
  };
}

async function provenanceOf(engine: EnginePort, id = handle): Promise<Provenance> {
  const collected = await gatherEvidence(engine, { type: "Container", id }, { traceId: "a".repeat(32) });
  return provenancePredicate(mergeEvidence(collected), { mode: "MAX", valueType: "Container" });
}

const pulled = (address: string): Promise<string> =>
  encodeRecipe(
    recipeOf([
      { is: "c", field: "container", type: "Container" },
      { is: "f", field: "from", type: "Container", on: "c", args: { address } },
    ]),
  );

const portableAnswer = (): Answer => ({
  data: { llm: { withTools: { portableID: recording("dagger-v1.0.0-beta.10/portable-id.txt") } } },
});

describe.skipIf(noRecordings)(`of a real engine (${noRecordings ?? "present"})`, () => {
  it("0.21, a value that is handed in: partial, with times and usage of what still ran", async () => {
    const engine = engineOf({
      version: "v0.21.8",
      traces: recording("dagger-v0.21.8/received/traces.sse"),
      metrics: recording("dagger-v0.21.8/received/metrics.sse"),
      skeleton: JSON.parse(recording("dagger-v0.21.8/received/skeleton.json")) as Answer,
    });
    const { runDetails } = await provenanceOf(engine);
    const { dagger_completeness: completeness } = runDetails.metadata;
    expect(completeness.materials).not.toBe("complete");
    expect(completeness.steps).toBe("partial");
    expect(completeness.unavailable?.["recipe"]).toMatch(/ids of engine v0.21.8 are handles/);
    expect(completeness.skeletonOps).toBe(9);
    expect(completeness.gaps.join("\n")).toMatch(/built-before-observation/);
    expect(JSON.stringify(runDetails.byproducts)).toMatch(/"usage":\{"networkReceivedBytes":0/);
  });

  it("0.21, an observed run: every leaf is asked for", async () => {
    const engine = engineOf({
      version: "v0.21.8",
      traces: recording("dagger-v0.21.8/inputs/traces.sse"),
      metrics: recording("dagger-v0.21.8/inputs/metrics.sse"),
    });
    const { buildDefinition, runDetails } = await provenanceOf(engine);
    expect(runDetails.metadata.dagger_completeness).toMatchObject({
      materials: "complete",
      steps: "complete",
    });
    expect(buildDefinition.externalParameters["entryPoint"]).toBe("Inputs.build");
    const kinds = buildDefinition.resolvedDependencies.map(({ annotations }) => annotations?.["kind"]);
    expect(new Set(kinds)).toEqual(new Set(["image", "git", "http"]));
    expect(JSON.stringify([buildDefinition, runDetails])).not.toContain("canary");
  });

  it.each([
    ["asked directly", { query: () => Promise.resolve(portableAnswer()) }, true],
    ["asked by a nested client", { nestedQuery: () => Promise.resolve(portableAnswer()) }, false],
  ])("1.0, %s: complete", async (_way, more, direct) => {
    const recorded = { version: "v1.0.0-beta.10" };
    const plain = engineOf(recorded);
    const engine = engineOf(recorded, {
      ...more,
      query: (text, variables) =>
        direct && text.includes("portableID")
          ? Promise.resolve(portableAnswer())
          : plain.query(text, variables),
    });
    const { buildDefinition, runDetails } = await provenanceOf(engine);
    const { dagger_completeness: completeness } = runDetails.metadata;
    expect(completeness.sources).toContain("recipe");
    expect(completeness.gaps).toEqual([]);
    expect(completeness).toMatchObject({ materials: "complete", steps: "complete" });
    expect(JSON.stringify([buildDefinition, runDetails])).not.toMatch(/canary|not-in-any-output/);
  });

  it("1.0, where the nested client fails: that is said, and the rest goes on", async () => {
    const nestedQuery = () =>
      Promise.reject(new Error("pull of https://user:s3cr3t-canary@registry.test failed"));
    const { runDetails } = await provenanceOf(engineOf({ version: "v1.0.0-beta.10" }, { nestedQuery }));
    const { unavailable = {} } = runDetails.metadata.dagger_completeness;
    expect(unavailable["recipe"]).toMatch(/no nested client could ask for it: pull/);
    expect(unavailable["telemetry"]).toBe("no such stream");
    expect(JSON.stringify(unavailable)).not.toContain("canary");
  });

  it("0.21, with a trace from outside: its graph, and that only names tie it to the value", async () => {
    const hostTrace = hostBodies().map(traceLine);
    const collected = await gatherEvidence(
      engineOf({ version: "v0.21.8" }),
      { type: "Container", id: handle },
      { hostTrace },
    );
    const { runDetails } = provenancePredicate(mergeEvidence(collected), { mode: "MAX" });
    const { sources, steps, gaps } = runDetails.metadata.dagger_completeness;
    expect(sources).toContain("host-trace");
    expect(steps).toBe("partial");
    expect(gaps).toEqual([
      "untied-trace: nothing but the names of the value's operations ties the trace to it",
    ]);
  });

  it("0.21, with a trace from outside: what is asked for afterwards is marked and completes nothing", async () => {
    const collected = await gatherEvidence(
      engineOf({ version: "v0.21.8" }),
      { type: "Container", id: handle },
      { hostTrace: [recording("dagger-v0.21.8/inputs/traces.sse")] },
    );
    const { buildDefinition, runDetails } = provenancePredicate(mergeEvidence(collected), { mode: "MAX" });
    const sourceOf = (kind: string) =>
      buildDefinition.resolvedDependencies.find(({ annotations }) => annotations?.["kind"] === kind)
        ?.annotations?.["digestSource"];
    expect([sourceOf("git"), sourceOf("http")]).toEqual([undefined, "metadata"]);
    expect(runDetails.metadata.dagger_completeness.materials).toBe("partial");
  });

  it("a trace of another build lends nothing to a recipe", async () => {
    const id = recording("dagger-v1.0.0-beta.10/portable-id.txt");
    const hostTrace = hostBodies().map(traceLine);
    const engine = engineOf({ version: "v0.21.8" });
    const collected = await gatherEvidence(engine, { type: "Container", id }, { hostTrace });
    expect(collected).toContainEqual({
      unavailable: "host-trace",
      because: "the trace holds no call of this value",
    });
  });

  it.each([
    ["by the tag it was pushed to", "127.0.0.1:5000/demo/app:1.5"],
    ["by digest", `127.0.0.1:5000/demo/app@sha256:${"a".repeat(64)}`],
  ])(
    "a recipe that begins where a trace pushed an image, named %s: the trace tells the build",
    async (_case, address) => {
      const id = await pulled(address);
      const hostTrace = hostBodies().map(traceLine);
      const collected = await gatherEvidence(
        engineOf({ version: "v1.0.0-beta.10" }),
        { type: "Container", id },
        { hostTrace },
      );
      const { buildDefinition, runDetails } = provenancePredicate(mergeEvidence(collected), { mode: "MAX" });
      const { sources, gaps, materials, unavailable } = runDetails.metadata.dagger_completeness;
      expect(buildDefinition.externalParameters["entryPoint"]).toBe("Pipeline.build");
      expect(sources).toEqual(["host-trace", "metadata"]);
      expect(materials).toBe("partial");
      expect(unavailable?.["recipe"]).toMatch(/^it begins at pkg:docker\/127.0.0.1%3A5000\/demo\/app/);
      expect(gaps.filter((gap) => gap.startsWith("untied-trace"))).toEqual([
        expect.stringMatching(
          /nothing but pkg:docker.*which the trace wrote and the value was read from, ties/,
        ),
      ]);
    },
  );

  it("a recipe that begins elsewhere takes nothing from it", async () => {
    const id = await pulled("127.0.0.1:5000/demo/app:1.4");
    const hostTrace = hostBodies().map(traceLine);
    const collected = await gatherEvidence(
      engineOf({ version: "v1.0.0-beta.10" }),
      { type: "Container", id },
      { hostTrace },
    );
    expect(collected).toContainEqual({
      unavailable: "host-trace",
      because: "the trace holds no call of this value",
    });
  });

  it("a recipe is an id of its own: nothing else is asked for it", async () => {
    const id = await decodeRecipe(recording("dagger-v1.0.0-beta.10/portable-id.txt"));
    expect(id.kind).toBe("recipe");
    const engine = engineOf({ version: "v0.21.8" });
    await provenanceOf(engine, recording("dagger-v1.0.0-beta.10/portable-id.txt"));
    expect(engine.asked.filter((text) => text.includes("portableID"))).toEqual([]);
  });
});

it("an older engine is not asked through a nested client", async () => {
  const nestedQuery = () => Promise.reject(new Error("must not be asked"));
  const { runDetails } = await provenanceOf(engineOf({ version: "v0.21.8" }, { nestedQuery }));
  const { unavailable = {}, materials } = runDetails.metadata.dagger_completeness;
  expect(unavailable["recipe"]).toMatch(/are handles/);
  expect(materials).toBe("none");
});

describe("a lockfile", () => {
  const gathered = (given: { lockfile?: string; foundLockfile?: string }) =>
    gatherEvidence(engineOf({ version: "v0.21.8" }), { type: "File", id: handle }, given);

  it("that lay beside the pipeline and is none is named; one that was given has to be one", async () => {
    expect(await gathered({ foundLockfile: "no lock" })).toContainEqual({
      unavailable: "lockfile",
      because: expect.stringMatching(/can't be read/) as string,
    });
    await expect(gathered({ lockfile: "no lock" })).rejects.toThrow(/can't be read/);
  });
});
