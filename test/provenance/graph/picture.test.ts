import { describe, expect, it } from "vitest";
import { graph } from "../../../src/provenance/graph/html.js";
import { mermaid } from "../../../src/provenance/graph/mermaid.js";
import { layoutOf } from "../../../src/provenance/graph/layout.js";
import { pictureOf } from "../../../src/provenance/graph/picture.js";
import { evidenceFrom } from "../../../src/provenance/evidence.js";
import { buildOf, hostile } from "./builds.js";

describe("pictureOf", () => {
  it("joins inputs, steps and the value past the steps that are only details", async () => {
    const picture = pictureOf(await buildOf(3));
    expect(picture.steps.map(({ title }) => title.split(" ").slice(0, 2).join(" "))).toEqual([
      "make target-0",
      "make target-1",
      `echo ${hostile.split(" ")[0] ?? ""}`,
    ]);
    expect(picture.stepEdges).toEqual([
      { from: 0, to: 1 },
      { from: 1, to: 2 },
    ]);
    expect(picture.inputEdges).toEqual([
      { from: 0, to: 0 },
      { from: 1, to: 0 },
      { from: 2, to: 1 },
      { from: 3, to: 2 },
    ]);
    expect(picture.outputEdges).toEqual([{ from: 2, to: 0 }]);
    expect(picture.inputs.map(({ problem }) => problem)).toEqual([
      undefined,
      undefined,
      "no digest",
      undefined,
    ]);
    expect(picture.steps[0]).toMatchObject({ milliseconds: 1000, memoryBytes: 734_003_200, outcome: "run" });
    expect(picture.steps[1]?.facts.find(([name]) => name === "settings before it")?.[1]).toContain(
      "withEnvVariable VARIABLE_1",
    );
    expect(picture.outputs[0]?.facts).toContainEqual(["settings", 'Container.withEntrypoint ["run"]']);
  });

  it("draws nothing of nothing", () => {
    const picture = pictureOf(evidenceFrom("recipe", {}));
    expect(layoutOf(picture)).toMatchObject({ inputs: [], steps: [], outputs: [], curves: [] });
    expect(graph(evidenceFrom("recipe", {}), "empty")).toContain("0 inputs, 0 steps");
  });
});

describe("layoutOf", () => {
  it.each([5, 500])("puts no two boxes of %d steps on each other", async (count) => {
    const { inputs, steps, outputs, width, height } = layoutOf(pictureOf(await buildOf(count)));
    for (const boxes of [inputs, steps, outputs]) {
      const sorted = [...boxes].sort((a, b) => a.y - b.y);
      for (const [index, box] of sorted.entries()) {
        expect(box.y).toBeGreaterThanOrEqual(index === 0 ? 0 : (sorted[index - 1]?.y ?? 0) + box.height);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(height);
      }
    }
  });
});

describe("graph", () => {
  it("loads nothing and repeats no markup from the build", async () => {
    const html = graph(await buildOf(5), hostile);
    expect(html).not.toContain("<img");
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toMatch(/(?:src|href)=["']/);
  });

  it("says how many boxes of a very large build it does not draw", async () => {
    const html = graph(await buildOf(2_500), "large");
    expect(html).toContain("<b>1001 more boxes are not drawn.</b>");
    expect(html.match(/<button type="button" id="s/g)).toHaveLength(2_000);
  });

  it("is the same the second time", async () => {
    expect(graph(await buildOf(5), "x")).toBe(graph(await buildOf(5), "x"));
  });
});

describe("mermaid", () => {
  it("is a flowchart whose labels can't end early", async () => {
    const lines = mermaid(await buildOf(3)).split("\n");
    expect(lines[0]).toBe("flowchart LR");
    expect(lines).toContain('  i0(["pkg:docker/alpine@3.22#63;platform=linux#37;2Famd64"]):::recipe');
    expect(lines).toContain('  i2(["https://files.test/1.tgz (no digest)"]):::recipe');
    expect(lines).toContain("  s0 --> s1");
    expect(lines).toContain("  s2 --> o0");
    const labels = lines.filter((line) => line.includes('"')).map((line) => line.split('"'));
    expect(labels.every((parts) => parts.length === 3)).toBe(true);
  });

  it("stays within what Mermaid draws", async () => {
    const lines = mermaid(await buildOf(500)).split("\n");
    expect(lines.filter((line) => line.includes("-->")).length).toBeLessThanOrEqual(400);
    expect(lines).toContain('  more["881 more are not drawn"]');
  });
});
