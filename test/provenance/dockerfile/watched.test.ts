/** A build that was watched, held against its Dockerfile. */
import { describe, expect, it } from "vitest";

import type { Evidence } from "../../../src/provenance/evidence.js";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../../src/provenance/recipe/collect.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";
import { digestOf, type Draft, recipeOf, ref } from "../recipe/recipes.js";
import { build, buildDigest, portWith, source } from "./builds.js";

const hex = "a".repeat(64);
const alpine = `docker.io/library/alpine:3.22@sha256:${hex}`;

const container = { is: "c", field: "container", type: "Container" };
const from = (is: string, address: string): Draft => ({
  ...{ is, on: "c", field: "from", type: "Container" },
  args: { address },
});
const exec = (is: string, on: string, script: string): Draft => ({
  ...{ is, on, field: "withExec", type: "Container" },
  args: { args: ["/bin/sh", "-c", script] },
});

/** A watched build whose calls spans told. */
async function watched(lines: readonly string[], calls: readonly Draft[]): Promise<Evidence> {
  const last = digestOf(calls.at(-1)?.is ?? "");
  return collectRecipe(recipeOf([...source, ...calls, build()]), {
    dockerfiles: portWith(lines.join("\n")),
    opened: new Map([[buildDigest, [last]]]),
    told: new Set(calls.map(({ is }) => digestOf(is))),
  });
}

const linesOf = ({ steps }: Evidence): unknown[] =>
  steps.flatMap(({ digest, location }) => (location === undefined ? [] : [[digest, ...location.lines]]));

describe("a Dockerfile whose build was watched", () => {
  it("gives the lines of commands and images, adds no steps, and takes nothing from `complete`", async () => {
    const evidence = await watched(
      ["FROM alpine:3.22", "RUN make \\", "  all", "COPY . /src", "RUN make install"],
      [
        container,
        from("from", alpine),
        exec("one", "from", "make   all"),
        exec("two", "one", "make install"),
      ],
    );
    expect(linesOf(evidence)).toEqual([
      [digestOf("from"), 1, 1],
      [digestOf("one"), 2, 3],
      [digestOf("two"), 5, 5],
    ]);
    expect(evidence.steps.map(({ source: told }) => told)).not.toContain("dockerfile");
    expect(evidence.contradictions).toEqual([]);
    const { runDetails } = provenancePredicate(mergeEvidence([evidence]), { mode: "MAX" });
    expect(runDetails.metadata.dagger_completeness).toMatchObject({
      materials: "complete",
      steps: "complete",
    });
  });

  it("gives no line where two instructions, or two steps, have the same words", async () => {
    const twice = await watched(
      ["FROM alpine:3.22 AS a", "RUN make", "FROM alpine:3.22", "RUN make", "COPY --from=a / /"],
      [container, from("from", alpine), exec("one", "from", "make")],
    );
    expect(linesOf(twice)).toEqual([]);
    const repeated = await watched(
      ["FROM alpine:3.22", "RUN make"],
      [container, from("from", alpine), exec("one", "from", "make"), exec("two", "one", "make")],
    );
    expect(linesOf(repeated)).toEqual([[digestOf("from"), 1, 1]]);
  });

  it("gives no line to what the build was given, which has the same words", async () => {
    const outside: Draft[] = [
      container,
      from("outer", alpine),
      exec("made", "outer", "make"),
      { is: "src", on: "made", field: "directory", type: "Directory", args: { path: "/" } },
    ];
    const calls = [from("from", "node:24"), exec("one", "from", "make")];
    const evidence = await collectRecipe(recipeOf([...outside, ...calls, build()]), {
      dockerfiles: portWith("FROM node:24\nRUN make"),
      opened: new Map([[buildDigest, [digestOf("one")]]]),
    });
    expect(linesOf(evidence)).toEqual([
      [digestOf("from"), 1, 1],
      [digestOf("one"), 2, 2],
    ]);
  });

  it("records an image that only one of the two tells of, and keeps what was watched", async () => {
    const evidence = await watched(
      ["FROM alpine:3.22", "COPY --from=busybox:1 / /", "RUN make"],
      [container, from("from", "docker.io/library/debian:12"), exec("one", "from", "make")],
    );
    const said = (kept: string, dropped: string) => ({
      ...{ item: buildDigest, field: "image" },
      kept: { value: kept, source: "telemetry" },
      dropped: { value: dropped, source: "dockerfile" },
    });
    expect(evidence.contradictions).toEqual([
      said("pkg:docker/debian@12", "no such image"),
      said("no such image", "pkg:docker/alpine@3.22"),
      said("no such image", "pkg:docker/busybox@1"),
    ]);
    expect(evidence.materials.map(({ uri }) => uri)).toEqual(["local:.", "pkg:docker/debian@12"]);
  });

  it("records another digest than the file names, which is then not complete", async () => {
    const evidence = await watched(
      [`FROM alpine:3.22@sha256:${"b".repeat(64)}`, "RUN make"],
      [container, from("from", alpine), exec("one", "from", "make")],
    );
    expect(evidence.contradictions).toEqual([
      {
        ...{ item: "pkg:docker/alpine@3.22", field: "digest.sha256" },
        kept: { value: hex, source: "telemetry" },
        dropped: { value: "b".repeat(64), source: "dockerfile" },
      },
    ]);
    const { runDetails } = provenancePredicate(mergeEvidence([evidence]), { mode: "MAX" });
    expect(runDetails.metadata.dagger_completeness.materials).toBe("partial");
  });

  it("adds what the engine did not report, where its cache answered", async () => {
    const evidence = await watched(
      ["FROM alpine:3.22", "RUN make", "FROM node:24", "COPY --from=0 / /"],
      [
        container,
        from("from", alpine),
        { is: "copy", on: "from", field: "withDirectory", type: "Container", args: { path: "/", source: ref("hidden") } }, // prettier-ignore
      ],
    );
    expect(evidence.gaps.map(({ code }) => code)).toContain("missing-call");
    expect(evidence.materials.map(({ uri, source: told }) => [uri, told])).toEqual([
      ["local:.", "recipe"],
      ["pkg:docker/alpine@3.22", "telemetry"],
      ["pkg:docker/node@24", "dockerfile"],
    ]);
    expect(evidence.contradictions).toEqual([]);
  });
});
