/** The recipe that a Dagger 1.0.0-beta.10 engine gave for pipeline.ts beside it, fact by fact. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Evidence } from "../../../src/provenance/evidence.js";
import type { Material } from "../../../src/provenance/evidence/material.js";
import { collectRecipe } from "../../../src/provenance/recipe/collect.js";
import type { LeafQuestion } from "../../../src/provenance/recipe/resolve.js";
import { decodeRecipe, encodeRecipe, subRecipe } from "../../../src/recipe/index.js";
import { noRecordings, recording } from "../recordings.js";

const commit = "56299badc30851345f219b986bd032827220b060";
const notes = "0".repeat(63) + "1";

describe.skipIf(noRecordings)(`the recorded recipe (${noRecordings ?? "present"})`, () => {
  const asked: LeafQuestion[] = [];
  let evidence: Evidence;
  beforeAll(async () => {
    const id = await decodeRecipe(recording("dagger-v1.0.0-beta.10/portable-id.txt"));
    if (id.kind !== "recipe") throw new Error("the recording is no recipe");
    evidence = await collectRecipe(id, {
      resolve: (question) => {
        asked.push(question);
        return Promise.resolve(
          question.kind === "git"
            ? { digests: { gitCommit: commit }, ref: "refs/tags/v1.0.0" }
            : { digests: { sha256: notes }, size: 6 },
        );
      },
    });
  });
  const material = (kind: Material["kind"]) => evidence.materials.filter((one) => one.kind === kind);
  const execs = () => evidence.steps.filter((step) => step.kind === "exec");

  it("is about the container, not about what carried its recipe", () => {
    expect(evidence.steps.at(-1)?.operation).toBe("Container.withEntrypoint");
    expect(evidence.root).toBe(evidence.steps.at(-1)?.digest);
    expect(evidence.steps.some((step) => step.operation.startsWith("LLM."))).toBe(false);
    expect(evidence.chain).toEqual([
      "container",
      "from",
      "withWorkdir",
      "withFile",
      "withDirectory",
      "withFile",
      "withEnvVariable",
      "withLabel",
      "withNewFile",
      "withExec",
      "withEntrypoint",
    ]);
  });

  it("has the base image with the tag asked for and the digest resolved", () => {
    expect(material("image")).toMatchObject([
      {
        uri: "pkg:docker/debian@bookworm-slim?platform=linux%2Famd64",
        requested: "bookworm-slim",
        platform: "linux/amd64",
        digests: { sha256: "af18f1f98934cad9045a968a8b5e38e0af3f751f0e91f725d3f14ba146a80609" },
        source: "recipe",
        exactness: "exact",
      },
    ]);
  });

  it("has the git tag without the user information, and the commit that the engine told", () => {
    expect(material("git")).toMatchObject([
      {
        uri: "git+http://127.0.0.1:8418/repo.git@refs/tags/v1.0.0",
        requested: "refs/tags/v1.0.0",
        digests: { gitCommit: commit },
      },
    ]);
  });

  it("has the download without the token, and the digest that the engine told", () => {
    expect(material("http")).toMatchObject([
      { uri: "http://127.0.0.1:8418/notes.txt?token=***", digests: { sha256: notes }, size: 6 },
    ]);
  });

  it("has the host directory with the digest of its content, which it does not call sha256", () => {
    expect(material("host-directory")).toMatchObject([
      {
        requested: "../source",
        digests: { daggerContentSha256: "2480c853545cd43bbe0fd9a499f5e7483d2e49c6c9670d819d84fe2aa9486c56" },
      },
    ]);
  });

  it("tells no digest of a secret's plaintext: it could be tried with passwords", () => {
    const secrets = evidence.steps.filter(({ operation }) => /^Query\.(setS|s)ecret$/.test(operation));
    expect(secrets.map(({ content }) => content)).toEqual([undefined]);
  });

  it("has both commands with argv, mounts, variables and where the mounts come from", () => {
    const source = evidence.steps.find((step) => step.operation === "Host.directory")?.digest;
    const cache = evidence.steps.find((step) => step.operation === "Query.cacheVolume")?.digest;
    const secret = evidence.steps.find((step) => step.operation === "Query.setSecret")?.digest;
    expect(execs()).toMatchObject([
      {
        argv: [
          "node",
          "-e",
          "require('fs').writeFileSync('/out.txt', require('fs').readFileSync('/src/main.txt'))",
        ],
        environment: [],
        mounts: [
          { kind: "directory", target: "/src", step: source },
          { kind: "cache", target: "/cache", step: cache },
          { kind: "secret", target: "$TOKEN", step: secret },
        ],
      },
      { argv: ["sh", "-c", "sha256sum out.txt > out.sum"], environment: ["VERSION"], mounts: [] },
    ]);
  });

  it("has the secret by name, the cache volume by key, and the file written in place by size", () => {
    expect(evidence.secrets).toMatchObject([{ name: "build-token", provider: "set" }]);
    expect(evidence.caches).toMatchObject([{ key: "build-cache", namespace: "mod(pipepipe)" }]);
    expect(evidence.steps.find((step) => step.operation === "Container.withNewFile")).toMatchObject({
      arguments: { path: "/app/app.json", contents: "***" },
      inline: { size: 2 },
    });
  });

  it("joins the value to its inputs: each step's inputs come before it", () => {
    const seen = new Set<string>();
    for (const step of evidence.steps) {
      for (const input of step.inputs) expect(seen).toContain(input);
      seen.add(step.digest);
    }
  });

  it("asks only for what the recipe does not say, with recipes that can be loaded", async () => {
    expect(asked.map(({ kind }) => kind).sort()).toEqual(["git", "host-directory", "http", "image"]);
    // Of an image that has its digest, the working directory: of the one whose commands are told none by the calls.
    // What the host gave has its digest; asked for are digests that others can compute, of that very content.
    for (const { kind, content } of asked) expect(content !== undefined).toBe(kind === "host-directory");
    for (const { recipe, call } of asked) {
      const again = await decodeRecipe(await encodeRecipe(subRecipe(recipe, call)));
      expect(again).toMatchObject({ kind: "recipe", root: call });
    }
  });

  it("leaves no gap, and repeats no canary", () => {
    expect(evidence.gaps).toEqual([]);
    expect(JSON.stringify(evidence)).not.toContain("canary");
  });

  it("says which digests it lacks when there is nobody to ask", async () => {
    const id = await decodeRecipe(recording("dagger-v1.0.0-beta.10/portable-id.txt"));
    if (id.kind !== "recipe") throw new Error("the recording is no recipe");
    const { gaps } = await collectRecipe(id);
    expect(gaps).toEqual([
      {
        code: "digest-unknown",
        detail: "git git+http://127.0.0.1:8418/repo.git@refs/tags/v1.0.0: nobody to ask",
      },
      { code: "digest-unknown", detail: "http http://127.0.0.1:8418/notes.txt?token=***: nobody to ask" },
    ]);
  });
});
