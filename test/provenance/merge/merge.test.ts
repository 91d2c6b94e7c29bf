import { beforeAll, describe, expect, it } from "vitest";
import { collectDeclared } from "../../../src/provenance/collect/declared.js";
import { collectHistory } from "../../../src/provenance/collect/history.js";
import { collectLockfile } from "../../../src/provenance/collect/lockfile.js";
import { collectMetadata } from "../../../src/provenance/collect/metadata.js";
import { collectSkeleton } from "../../../src/provenance/collect/skeleton.js";
import { type Evidence, evidenceFrom } from "../../../src/provenance/evidence.js";
import type { EvidenceSource } from "../../../src/provenance/evidence/found.js";
import type { Material } from "../../../src/provenance/evidence/material.js";
import type { Step } from "../../../src/provenance/evidence/step.js";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { collectTelemetry } from "../../../src/provenance/telemetry/collect.js";
import { readEventStream } from "../../../src/provenance/telemetry/event-stream.js";
import { noRecordings, recording } from "../recordings.js";

const [a, b] = ["a".repeat(64), "b".repeat(64)];
const image = (source: EvidenceSource, over: Partial<Material> = {}): Material => ({
  source,
  exactness: source === "recipe" ? "exact" : "claimed",
  kind: "image",
  uri: "pkg:docker/alpine@3.22",
  digests: { sha256: a },
  steps: [],
  ...over,
});
const of = (source: EvidenceSource, ...materials: Material[]) => evidenceFrom(source, { materials });
const exec = (source: EvidenceSource, digest: string, over: Partial<Step> = {}): Step => ({
  source,
  exactness: "exact",
  digest,
  operation: "Container.withExec",
  kind: "exec",
  inputs: [],
  ...over,
});

describe("mergeEvidence: the run", () => {
  it("is the one that the trace tells of, not the look at its value", () => {
    const [here, there] = [{ invocationId: a }, { invocationId: b, startedOn: "2026-11-24T00:00:00.000Z" }];
    const own = evidenceFrom("telemetry", { run: { ...here, startedOn: "2026-11-25T00:00:00.000Z" } });
    const trace = evidenceFrom("host-trace", { root: "x", steps: [exec("host-trace", "x")], run: there });
    const merged = mergeEvidence([own, evidenceFrom("metadata", { run: here }), trace]);
    expect(merged.run).toEqual(there);
    expect(merged.contradictions).toEqual([]);
  });
});

describe("mergeEvidence: materials", () => {
  it("keeps the most exact, whatever the order, and says who else has it", () => {
    const declared = of("declared", image("declared", { name: "base" }));
    const recipe = of("recipe", image("recipe", { uri: "pkg:docker/alpine@3.22?platform=linux%2Famd64" }));
    for (const order of [
      [declared, recipe],
      [recipe, declared],
    ]) {
      expect(mergeEvidence(order).materials).toEqual([
        {
          ...image("recipe", { uri: "pkg:docker/alpine@3.22?platform=linux%2Famd64" }),
          name: "base",
          alsoIn: ["declared"],
        },
      ]);
    }
  });

  it("joins by digest where the names differ", () => {
    const merged = mergeEvidence([
      of("recipe", image("recipe")),
      of("declared", image("declared", { uri: "pkg:docker/mirror/alpine", name: "base" })),
    ]);
    expect(merged.materials).toMatchObject([
      { uri: "pkg:docker/alpine@3.22", name: "base", alsoAs: ["pkg:docker/mirror/alpine"] },
    ]);
  });

  it("keeps the name that spans show beside the recipe's, since an engine hands out equal images by another's name", () => {
    const seenAs = (uri: string) =>
      mergeEvidence([of("telemetry", image("telemetry", { uri })), of("recipe", image("recipe"))]).materials;
    const asked = "pkg:docker/private.test/base@1?platform=linux%2Farm64";
    const kept = { ...image("recipe"), alsoIn: ["telemetry"] };
    expect(seenAs(asked)).toEqual([{ ...kept, alsoAs: [asked] }]);
    // The platform is no other name, and a hidden part names nothing.
    expect(seenAs("pkg:docker/alpine@3.22?platform=linux%2Farm64")).toEqual([kept]);
    expect(seenAs("https://x.test/?image=***")).toEqual([kept]);
  });

  it("takes the numbers of the history's layers for no steps where a call graph has the steps", () => {
    const layer = image("history", {
      kind: "other",
      uri: `oci-layer:sha256:${b}`,
      digests: { sha256: b },
      steps: ["history:0"],
    });
    const steps = (root: Partial<Evidence>) =>
      mergeEvidence([of("history", layer), evidenceFrom("recipe", root)]).materials.map((one) => one.steps);
    expect(steps({})).toEqual([["history:0"]]);
    expect(steps({ root: "x", steps: [exec("recipe", "x")] })).toEqual([[]]);
  });

  it("records a digest that contradicts, and keeps the most exact one", () => {
    const merged = mergeEvidence([
      of("lockfile", image("lockfile", { digests: { sha256: b } })),
      of("recipe", image("recipe")),
    ]);
    expect(merged.materials[0]?.digests).toEqual({ sha256: a });
    expect(merged.contradictions).toEqual([
      {
        item: "pkg:docker/alpine@3.22",
        field: "digest.sha256",
        kept: { value: a, source: "recipe" },
        dropped: { value: b, source: "lockfile" },
      },
    ]);
  });

  it("fills in a digest from a weaker source, and says from which; what stays without is a gap", () => {
    const merged = mergeEvidence([
      of(
        "recipe",
        image("recipe", { digests: {}, missing: "x" }),
        image("recipe", { uri: "pkg:docker/b", digests: {} }),
      ),
      of("lockfile", image("lockfile")),
    ]);
    expect(merged.materials).toMatchObject([
      { digests: { sha256: a }, digestSource: "lockfile" },
      { digests: {} },
    ]);
    expect(merged.materials[0]).not.toHaveProperty("missing");
    expect(merged.gaps).toEqual([{ code: "digest-unknown", detail: "image pkg:docker/b: no digest" }]);
  });

  it("keeps two names of one image that one source tells", () => {
    const merged = mergeEvidence([
      of(
        "telemetry",
        image("telemetry", { steps: ["s"] }),
        image("telemetry", { uri: "pkg:docker/b", steps: ["s"] }),
      ),
      of("recipe", image("recipe", { steps: ["s"] })),
    ]);
    expect(merged.materials.map(({ uri }) => uri)).toEqual(["pkg:docker/alpine@3.22", "pkg:docker/b"]);
  });

  it("does not take two downloads for one because their queries are hidden", () => {
    const download = { kind: "http", uri: "https://x.test/get?id=***" } as const;
    const merged = mergeEvidence([
      of("recipe", image("recipe", { ...download, steps: ["s1"] })),
      of("telemetry", image("telemetry", { ...download, digests: { sha256: b }, steps: ["s2"] })),
    ]);
    expect(merged.materials).toHaveLength(2);
    expect(merged.contradictions).toEqual([]);
  });
});

describe("mergeEvidence: the rest", () => {
  it("lets the call graph be the frame: others add facts, declared steps and pushes", () => {
    const graph: Evidence = evidenceFrom("recipe", {
      root: "x1",
      steps: [exec("recipe", "x1", { argv: ["make", "all"] })],
    });
    const merged = mergeEvidence([
      evidenceFrom("telemetry", {
        steps: [
          exec("telemetry", "x1"),
          exec("telemetry", "x9"),
          exec("telemetry", "p", { kind: "publish" }),
        ],
        timing: [
          {
            source: "telemetry",
            exactness: "observed",
            step: "x1",
            startedOn: "2026-01-01T00:00:00.000Z",
            outcome: "run",
          },
          {
            source: "telemetry",
            exactness: "observed",
            step: "x9",
            startedOn: "2026-01-01T00:00:00.000Z",
            outcome: "run",
          },
        ],
        gaps: [{ code: "built-before-observation", detail: "x" }],
      }),
      evidenceFrom("history", {
        steps: [
          exec("history", "history:0", { arguments: { command: "make all" } }),
          exec("history", "history:1", { arguments: { command: "other" } }),
        ],
      }),
      collectDeclared({ name: "p", steps: [{ name: "release" }] }),
      graph,
    ]);
    expect(merged.steps.map(({ digest, alsoIn }) => [digest, alsoIn])).toEqual([
      ["x1", ["telemetry", "history"]],
      ["p", undefined],
      ["declared:release", undefined],
    ]);
    expect(merged.timing.map(({ step }) => step)).toEqual(["x1"]);
    expect(merged.gaps).toEqual([]);
  });

  it("records different commands for one step, other roots, other engines and other parameters", () => {
    const merged = mergeEvidence([
      evidenceFrom("recipe", {
        root: "x",
        steps: [exec("recipe", "x", { argv: ["a"] })],
        run: { engineVersion: "v1" },
      }),
      evidenceFrom("telemetry", {
        root: "y",
        steps: [exec("telemetry", "x", { argv: ["b"] })],
        run: { engineVersion: "v2", platform: "linux/amd64" },
        parameters: [{ source: "telemetry", exactness: "observed", name: "version", value: "1" }],
      }),
      collectDeclared({ name: "p", parameters: [{ name: "version", value: "2" }] }),
    ]);
    expect(
      merged.contradictions.map(
        ({ item, field, kept, dropped }) => `${item} ${field} ${kept.value} ${dropped.value}`,
      ),
    ).toEqual(["value root x y", 'x argv ["a"] ["b"]', "version value 1 2", "run engineVersion v1 v2"]);
    expect(merged.run).toEqual({ engineVersion: "v1", platform: "linux/amd64" });
  });

  it("reports what each source said, also the ones that had nothing", () => {
    const merged = mergeEvidence([
      { unavailable: "recipe", because: "the id is a handle" },
      collectMetadata({ version: "v1" }),
    ]);
    expect(merged.sources).toEqual([
      { source: "recipe", available: false, because: "the id is a handle" },
      { source: "metadata", available: true },
    ]);
    expect(merged.run).toEqual({ engineVersion: "v1" });
  });

  it("is empty when nothing was found", () => {
    const merged = mergeEvidence([collectLockfile("")]);
    expect(merged.sources).toEqual([
      { source: "lockfile", available: false, because: "the lockfile is empty" },
    ]);
    expect(merged.steps).toEqual([]);
  });
});

describe.skipIf(noRecordings)(`a received value on v0.21.8 (${noRecordings ?? "present"})`, () => {
  let merged: Evidence;
  beforeAll(async () => {
    const path = "dagger-v0.21.8/received";
    merged = mergeEvidence([
      await collectTelemetry(
        await readEventStream([recording(`${path}/traces.sse`), recording(`${path}/metrics.sse`)]),
      ),
      collectHistory(JSON.parse(recording(`${path}/oci-config.json`))),
      collectSkeleton(JSON.parse(recording(`${path}/skeleton.json`))),
    ]);
  });

  it("keeps what each route saw, and both gaps", () => {
    expect(merged.skeleton).toHaveLength(9);
    expect(merged.steps.filter(({ source }) => source === "history")).toHaveLength(3);
    expect(merged.usage).toHaveLength(2);
    expect(merged.gaps.map(({ code }) => code)).toEqual([
      "built-before-observation",
      "built-before-observation",
    ]);
  });
});
