import { describe, expect, it } from "vitest";

import { evidenceFrom } from "../../../src/provenance/evidence.js";
import type { Material } from "../../../src/provenance/evidence/material.js";
import { joinHanded } from "../../../src/provenance/merge/handed.js";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";

const [a, b] = ["a".repeat(64), "b".repeat(64)];

const host = (path: string, over: Partial<Material> = {}): Material => ({
  ...{ source: "recipe", exactness: "exact", kind: "host-directory", uri: `local:${path}` },
  ...{ requested: path, digests: { sha256: a, daggerContentSha256: b }, steps: ["xxh3:1"] },
  ...over,
});
const handed = (name: string, over: Partial<Material> = {}): Material => ({
  ...{ source: "telemetry", exactness: "observed", kind: "directory", uri: `dagger:argument/${name}`, name },
  ...{ digests: { sha256: a, dirHash: b }, steps: ["xxh3:2"] },
  ...over,
});

describe("a value that was handed over", () => {
  it("is the one material that has its content, with both names, sources and all digests", () => {
    expect(joinHanded([host("."), handed("source")])).toEqual([
      host(".", {
        ...{ name: "source", alsoAs: ["dagger:argument/source"], alsoIn: ["telemetry"] },
        ...{ digests: { sha256: a, dirHash: b, daggerContentSha256: b }, steps: ["xxh3:1", "xxh3:2"] },
      }),
    ]);
  });

  it("stands in the statement with both", () => {
    const merged = mergeEvidence([
      evidenceFrom("recipe", { materials: [host(".")] }),
      evidenceFrom("telemetry", { materials: [handed("source")] }),
    ]);
    const { buildDefinition } = provenancePredicate(merged, { mode: "MAX" });
    expect(buildDefinition.resolvedDependencies).toMatchObject([
      {
        name: "source",
        uri: "local:.",
        annotations: { alsoAs: ["dagger:argument/source"], alsoIn: ["telemetry"] },
      },
    ]);
  });

  it("is all of those that are one directory, taken by two calls", () => {
    const materials = joinHanded([host("."), host(".", { steps: ["xxh3:9"] }), handed("source")]);
    expect(materials.map(({ alsoAs }) => alsoAs)).toEqual([
      ["dagger:argument/source"],
      ["dagger:argument/source"],
    ]);
    const { buildDefinition } = provenancePredicate(evidenceFrom("recipe", { materials }), { mode: "MIN" });
    expect(buildDefinition.resolvedDependencies).toHaveLength(1);
  });

  it("may have been handed over as two arguments", () => {
    const [one, ...others] = joinHanded([host("."), handed("source"), handed("tests")]);
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      name: "source",
      alsoAs: ["dagger:argument/source", "dagger:argument/tests"],
    });
  });

  it.each([
    ["nothing has its content", [host(".", { digests: { sha256: b } })]],
    ["another digest differs", [host(".", { digests: { sha256: a, dirHash: a } })]],
    ["two have its content", [host("one"), host("two")]],
    ["it is of another kind", [host("Makefile", { kind: "host-file" })]],
    ["nothing else is known", []],
  ])("stays as it is where %s", (_what, others) => {
    expect(joinHanded([...others, handed("source")])).toEqual([...others, handed("source")]);
  });

  it("leaves others alone", () => {
    const materials = [host("one"), host("two")];
    expect(joinHanded(materials)).toEqual(materials);
  });
});
