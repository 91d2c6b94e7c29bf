import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { graph } from "../../../src/provenance/graph/html.js";
import { mermaid } from "../../../src/provenance/graph/mermaid.js";
import { pictureOf } from "../../../src/provenance/graph/picture.js";
import { readBuild } from "../../../src/provenance/graph/read.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";
import { buildType, type ProvenanceMode } from "../../../src/provenance/slsa/types.js";
import { buildOf, hostile } from "./builds.js";

async function predicateOf(mode: ProvenanceMode): Promise<unknown> {
  return JSON.parse(JSON.stringify(provenancePredicate(await buildOf(5), { mode })));
}

describe("a predicate read back", () => {
  it("gives the picture of the evidence that it was made from", async () => {
    const evidence = await buildOf(5);
    const { evidence: read, completeness } = readBuild(await predicateOf("MAX"));
    expect(pictureOf(read, completeness)).toMatchObject({
      ...pictureOf(evidence),
      completeness: { gaps: pictureOf(evidence).completeness.gaps },
    });
    expect(graph(read, "x", completeness)).toBe(graph(evidence, "x"));
    expect(mermaid(read)).toBe(mermaid(evidence));
  });

  it("shows of MIN what it has", async () => {
    const { evidence, completeness } = readBuild(await predicateOf("MIN"));
    const picture = pictureOf(evidence, completeness);
    expect(picture.steps.map(({ title }) => title)).toEqual(Array.from({ length: 5 }, () => "withExec"));
    expect(picture.inputs).toHaveLength(pictureOf(await buildOf(5)).inputs.length);
  });

  it("is that of the documentation's example", () => {
    const example = readFileSync(
      new URL("../../../docs/build-types/dagger-pipeline-v1.example.json", import.meta.url),
      "utf8",
    );
    const { evidence, completeness } = readBuild(JSON.parse(example));
    expect(evidence.steps.length).toBeGreaterThan(0);
    expect(completeness.materials).toBe("complete");
  });

  it.each([[{}], [null], [{ buildDefinition: { buildType: "https://mobyproject.org/buildkit@v1" } }]])(
    "is refused of another builder: %j",
    (predicate) => {
      expect(() => readBuild(predicate)).toThrow(/PREDICATE_INVALID[^]*buildType/);
    },
  );

  it("takes no word of a hostile one into markup", () => {
    const word = hostile;
    const facts = { source: word, exactness: word, kind: word, alsoIn: [word] };
    const predicate = {
      buildDefinition: {
        buildType,
        resolvedDependencies: [
          {
            uri: word,
            name: word,
            digest: { [word]: word },
            annotations: { ...facts, missing: word, steps: [word] },
          },
        ],
      },
      runDetails: {
        metadata: {
          dagger_completeness: { materials: word, steps: word, usage: word, gaps: [word], notes: [word] },
        },
        byproducts: [
          {
            name: "steps",
            annotations: {
              document: {
                value: word,
                steps: [
                  {
                    ...facts,
                    ...{ id: word, operation: word, inputs: [word, 7], argv: [word], arguments: { a: word } },
                    ...{ mounts: [{ kind: word, target: word }], inline: { size: word, sha256: word } },
                    ...{ startedOn: word, finishedOn: word, outcome: word, usage: { memoryPeakBytes: word } },
                  },
                ],
                outputs: [{ ...facts, address: word, digests: { sha256: word }, step: word }],
              },
            },
          },
        ],
      },
    };
    const { evidence, completeness } = readBuild(predicate);
    expect(graph(evidence, word, completeness)).not.toMatch(/<img|NaN/);
    expect(mermaid(evidence)).not.toMatch(/<img|NaN|`\]/);
  });
});
