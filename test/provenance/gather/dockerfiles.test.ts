/** Dockerfiles read out of directories that the local engine has, by parts of recipes, and images of a real registry. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { dockerfileReader } from "../../../src/provenance/gather/dockerfiles.js";
import type { Answer, EnginePort } from "../../../src/provenance/gather/engine.js";
import { gatherEvidence } from "../../../src/provenance/gather/gather.js";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";
import type { Provenance } from "../../../src/provenance/slsa/types.js";
import { type Call, decodeRecipe, encodeRecipe, type Recipe } from "../../../src/recipe/index.js";
import { startTestEngine, type TestEngine } from "../../engine/engine.js";
import { imageArchive } from "../../support/images.js";
import { installedTools, type RunningRegistry, startDistribution } from "../../support/registry.js";
import { buildArgs } from "../dockerfile/builds.js";
import { recipeOf } from "../recipe/recipes.js";

const distribution = installedTools(true).get("docker-registry");

describe.skipIf(distribution === undefined)("a dockerBuild that is handed in (needs docker-registry)", () => {
  let engine: TestEngine;
  let registry: RunningRegistry;
  let port: EnginePort;
  let digest: string;
  beforeAll(async () => {
    engine = await startTestEngine();
    registry = await startDistribution(distribution ?? "");
    await imageArchive(join(engine.workdir, "base.tar"), { "etc/motd": "hello\n" });
    const base = `address(value: "base.tar") { container { publish(address: "${registry.address}/base:1")`;
    digest = String(await engine.value(base)).split("@sha256:")[1] ?? "";
    await mkdir(join(engine.workdir, "app/ci"), { recursive: true });
    await writeFile(
      join(engine.workdir, "app/Dockerfile"),
      `ARG TAG=2\r\nFROM ${registry.address}/base:$TAG\r\nRUN make \\\r\n  all\r\n`,
    );
    await writeFile(join(engine.workdir, "app/.dockerignore"), "Dockerfile\n.dockerignore\n");
    await writeFile(join(engine.workdir, "app/ci/Other"), "FROM scratch\nCOPY . /\n");
    port = portOf(engine);
  });
  afterAll(async () => {
    await engine.close();
    await registry.stop();
  });

  /** Id of what a Dockerfile in the directory gives, as an engine that builds them hands it out. */
  async function buildOf(chain: string, args: Parameters<typeof dockerBuild>[1] = []): Promise<string> {
    const id = await decodeRecipe(String(await engine.value(`${chain} { id`)));
    if (id.kind !== "recipe") throw new Error("an id of the local engine is a recipe");
    return encodeRecipe(dockerBuild(id, args));
  }

  async function provenanceOf(id: string): Promise<Provenance> {
    const collected = await gatherEvidence(port, { type: "Container", id });
    return provenancePredicate(mergeEvidence(collected), { mode: "MAX", valueType: "Container" });
  }

  const gapsOf = ({ runDetails }: Provenance): string =>
    runDetails.metadata.dagger_completeness.gaps.join("\n");

  it("is read from the directory, and its image is asked for", async () => {
    const id = await buildOf(`host { directory(path: "app")`, [
      { name: "buildArgs", value: buildArgs({ TAG: "1" }) },
    ]);
    const provenance = await provenanceOf(id);
    const image = provenance.buildDefinition.resolvedDependencies.find(
      ({ annotations }) => annotations?.["kind"] === "image",
    );
    expect(image).toMatchObject({
      uri: expect.stringMatching(/\/base@1$/) as string,
      digest: { sha256: digest },
      annotations: { source: "dockerfile", exactness: "inferred", digestSource: "metadata", requested: "1" },
    });
    expect(JSON.stringify(provenance.runDetails.byproducts)).toContain(
      '"argv":["/bin/sh","-c","make   all"],"location":{"file":"Dockerfile","lines":[3,4]}',
    );
    expect(provenance.runDetails.metadata.dagger_completeness.materials).toBe("partial");
    expect(gapsOf(provenance)).toMatch(/its Dockerfile was read and the build was not seen/);
  });

  it("is read from a directory that other calls made, by another name", async () => {
    const file = `host { directory(path: "app") { withNewFile(path: "sub/New", contents: "FROM scratch\\nCOPY a /")`;
    const made = await buildOf(`${file} { directory(path: "sub")`, [
      { name: "dockerfile", value: { kind: "string", value: "New" } },
    ]);
    expect(JSON.stringify(await provenanceOf(made))).toContain('"sources":["a"],"path":"/"');
  });

  it("says why it can't be read: no such file, other content, a directory that nobody saw made", async () => {
    const named = [{ name: "dockerfile", value: { kind: "string", value: "gone/Dockerfile" } }] as const;
    const gone = gapsOf(await provenanceOf(await buildOf(`host { directory(path: "app")`, [...named])));
    expect(gone).toMatch(/can't be seen, and it can't be read: .*gone\/Dockerfile/);

    const id = await decodeRecipe(await buildOf(`host { directory(path: "app")`));
    if (id.kind !== "recipe") throw new Error("it is a recipe");
    const changed = (digests: (call: Call) => Call["extraDigests"]): Promise<string> =>
      encodeRecipe({
        root: id.root,
        calls: new Map([...id.calls].map(([key, call]) => [key, { ...call, extraDigests: digests(call) }])),
      });
    const other = await changed(({ extraDigests }) =>
      extraDigests.map(({ label }) => ({ label, digest: `sha256:${"0".repeat(64)}` })),
    );
    expect(gapsOf(await provenanceOf(other))).toMatch(/can't be read: the engine loads other content by now/);
    const unlabelled = await changed(() => []);
    expect(gapsOf(await provenanceOf(unlabelled))).toMatch(
      /can't be read: nothing tells which content of the host/,
    );

    const { textIn } = dockerfileReader(port);
    const hidden = recipeOf([
      { is: "d", on: "hidden", field: "directory", type: "Directory", args: { path: "a" } },
    ]);
    await expect(
      textIn({ recipe: hidden, directory: hidden.root, path: "Dockerfile", longest: 1 }),
    ).rejects.toThrow("made where nobody could look");
  });

  it("is not sent when it is too long, and is read of a value that was handed over", async () => {
    const id = String(await engine.value(`host { directory(path: "app") { id`));
    const recipe = recipeOf([]);
    const question = { recipe, directory: "xxh3:handed", handedId: id, path: "ci/Other" };
    const { textIn } = dockerfileReader(port);
    expect(await textIn({ ...question, longest: 100 })).toBe("FROM scratch\nCOPY . /\n");
    await expect(textIn({ ...question, longest: 9 })).rejects.toThrow(
      "it has 22 bytes; not more than 9 are read",
    );
  });

  it("is not read after a recorded run from what may have moved", async () => {
    const moving = recipeOf([
      { is: "g", field: "git", type: "GitRepository", args: { url: "https://e.test/r.git" } },
      { is: "b", on: "g", field: "branch", type: "GitRef", args: { name: "main" } },
      { is: "t", on: "b", field: "tree", type: "Directory" },
    ]);
    const { textIn } = dockerfileReader(port, { source: "host-trace" });
    await expect(
      textIn({ recipe: moving, directory: moving.root, path: "Dockerfile", longest: 1 }),
    ).rejects.toThrow("the directory may be another one after the run");
  });

  it("names what the registry refuses", async () => {
    const { image } = dockerfileReader(port);
    await expect(image(`${registry.address}/none:1`, undefined)).rejects.toThrow(/none/);
    expect(await image(`${registry.address}/base:1`, "linux/amd64")).toEqual({ digests: { sha256: digest } });
  });
});

/** The graph of a directory with a build of it. */
function dockerBuild(directory: Recipe, args: Call["args"]): Recipe {
  const [built] = recipeOf([{ is: "build", field: "dockerBuild", type: "Container" }]).calls.values();
  if (built === undefined) throw new Error("it is one call");
  const call = { ...built, receiver: directory.root, args };
  return { root: call.digest, calls: new Map([...directory.calls, [call.digest, call]]) };
}

/** The engine as a function of the module speaks to it, without telemetry. */
function portOf({ port, token }: TestEngine): EnginePort {
  return {
    query: async (query, variables) => {
      const authorization = `Basic ${Buffer.from(`${token}:`).toString("base64")}`;
      const response = await fetch(`http://127.0.0.1:${port}/query`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer;
    },
    stream: () => Promise.reject(new Error("not asked for here")),
    fileFacts: () => Promise.resolve({ digests: {} }),
    directoryFacts: () => Promise.resolve({ digests: {} }),
  };
}
