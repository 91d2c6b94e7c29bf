/** What a Dockerfile adds to the evidence of a value that was built of it, out of sight. */
import { describe, expect, it } from "vitest";

import type { Evidence } from "../../../src/provenance/evidence.js";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../../src/provenance/recipe/collect.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";
import { recipeOf } from "../recipe/recipes.js";
import {
  build,
  buildArgs,
  buildDigest,
  evidenceOf,
  imageDigest,
  portWith,
  source,
  sourceDigest,
} from "./builds.js";

const ofFile = <T extends { readonly source: string }>(items: readonly T[]): T[] =>
  items.filter((one) => one.source === "dockerfile");
const urisOf = ({ materials }: Evidence): string[] => ofFile(materials).map(({ uri }) => uri);
const stepsOf = ({ steps }: Evidence) => ofFile(steps);

describe("a Dockerfile that was built out of sight", () => {
  it("gives a step per instruction of the stages that the target needs, with lines, inputs and images", async () => {
    const evidence = await evidenceOf([
      "FROM golang:1.25 AS build",
      "WORKDIR /src",
      "COPY go.mod go.sum ./",
      "RUN go build \\",
      "  -o /app ./cmd",
      "FROM node AS unused",
      "RUN npm ci",
      "FROM scratch",
      "COPY --from=build /app /app",
      'ENTRYPOINT ["/app"]',
    ]);
    const [from, workdir, copy, run, take, entrypoint] = stepsOf(evidence);
    expect(stepsOf(evidence)).toHaveLength(6);
    expect(from).toMatchObject({
      digest: "dockerfile:1:1",
      operation: "Dockerfile.FROM",
      kind: "base",
      arguments: { image: "golang:1.25" },
      location: { file: "Dockerfile", lines: [1, 1] },
      exactness: "inferred",
    });
    expect(copy).toMatchObject({
      kind: "file",
      inputs: [workdir?.digest, sourceDigest],
      arguments: { sources: ["go.mod", "go.sum"], path: "./" },
    });
    expect(run).toMatchObject({
      kind: "exec",
      argv: ["/bin/sh", "-c", "go build   -o /app ./cmd"],
      workdir: "/src",
      location: { file: "Dockerfile", lines: [4, 5] },
    });
    expect(take).toMatchObject({ inputs: [run?.digest], arguments: { sources: ["/app"], from: "build" } });
    expect(evidence.steps.at(-1)).toMatchObject({
      digest: buildDigest,
      kind: "opaque",
      inputs: [sourceDigest, entrypoint?.digest],
    });
    expect(ofFile(evidence.materials)).toEqual([
      {
        ...{ source: "dockerfile", exactness: "inferred", kind: "image", uri: "pkg:docker/golang@1.25" },
        ...{ requested: "1.25", digests: { sha256: imageDigest }, digestSource: "metadata" },
        steps: [from?.digest],
      },
    ]);
  });

  it("stays partial, and names what nobody saw", async () => {
    const evidence = mergeEvidence([
      await evidenceOf(["FROM alpine", "ADD https://e.test/a /a", "FROM $TARGETVARIANTS"]),
    ]);
    const { dagger_completeness: completeness } = provenancePredicate(evidence, { mode: "MAX" }).runDetails
      .metadata;
    expect(completeness).toMatchObject({ materials: "partial", steps: "partial", hermetic: false });
    expect(completeness.sources).toEqual(["recipe", "dockerfile"]);
    expect(completeness.gaps).toEqual([
      "opaque-step: Directory.dockerBuild: its Dockerfile was read and the build was not seen; not known: what line 3 named",
    ]);
  });

  it("does not make a statement complete where every digest is known", async () => {
    const pinned = [`FROM alpine@sha256:${"a".repeat(64)}`, "COPY . /"];
    const evidence = mergeEvidence([await evidenceOf(pinned)]);
    expect(evidence.materials.every(({ digests }) => Object.keys(digests).length > 0)).toBe(true);
    const { runDetails } = provenancePredicate(evidence, { mode: "MAX" });
    expect(runDetails.metadata.dagger_completeness).toMatchObject({ materials: "partial", steps: "partial" });
    expect(runDetails.metadata.dagger_completeness.gaps).toHaveLength(1);
  });

  it("takes defaults of arguments, arguments of the build, and what the builder sets", async () => {
    const lines = [
      "ARG REGISTRY=docker.io/library",
      "ARG TAG",
      "ARG SUFFIX=${TAG:+-slim}",
      "FROM --platform=$BUILDPLATFORM $REGISTRY/debian:${TAG:-sid}${SUFFIX} AS one",
      "FROM --platform=linux/$TARGETARCH debian:${TAG#book}",
      "COPY --from=one / /",
    ];
    const named = await evidenceOf(lines, {
      buildArgs: buildArgs({ TAG: "bookworm" }),
      platform: "linux/arm64",
    });
    expect(urisOf(named)).toEqual([
      "pkg:docker/debian@bookworm-slim?platform=linux%2Famd64",
      "pkg:docker/debian@worm?platform=linux%2Farm64",
    ]);
    expect(urisOf(await evidenceOf(lines))[0]).toBe("pkg:docker/debian@sid?platform=linux%2Famd64");
  });

  it("tells stages from images in --from, by name and by number, and reads images of both forms", async () => {
    const evidence = await evidenceOf([
      "FROM alpine AS Base",
      "FROM base AS second",
      "FROM second",
      "COPY --from=0 /a /a",
      "COPY --from=busybox:1.37 /b /b",
      "RUN --mount=from=rust,target=/rust --mount=type=cache,from=base,target=/c make",
    ]);
    expect(urisOf(evidence)).toEqual([
      "pkg:docker/alpine@latest",
      "pkg:docker/busybox@1.37",
      "pkg:docker/rust@latest",
    ]);
    expect(stepsOf(evidence).at(-1)?.mounts).toEqual([
      { kind: "directory", target: "/rust" },
      { kind: "cache", target: "/c" },
    ]);
  });

  it("reads the stage that is asked for, by its name or its number, and an empty one", async () => {
    const lines = ["FROM alpine AS one", "FROM node AS two", "FROM scratch AS none"];
    expect(urisOf(await evidenceOf(lines, { target: "ONE" }))).toEqual(["pkg:docker/alpine@latest"]);
    expect(urisOf(await evidenceOf(lines, { target: "1" }))).toEqual(["pkg:docker/node@latest"]);
    const none = await evidenceOf(lines);
    expect([urisOf(none), stepsOf(none)]).toEqual([[], []]);
    const missing = await evidenceOf(lines, { target: "three" });
    expect(missing.gaps[0]?.detail).toMatch(/can't be read: it has no stage of the name/);
  });

  it("lists downloads and git repositories of ADD, with what pins them", async () => {
    const commit = "b".repeat(40);
    const evidence = await evidenceOf([
      "FROM alpine",
      "ENV VERSION=1.2",
      `ADD --checksum=sha256:${"d".repeat(64)} https://user:canary@e.test/v$VERSION.tar.gz?token=canary /a`,
      "ADD https://e.test/$UNKNOWN /b",
      "ADD https://github.com/o/r.git#v1:docs git@host.test:o/s.git local /c/",
      `ADD --checksum=${commit} https://github.com/o/t.git#main /d`,
    ]);
    const materials = ofFile(evidence.materials).slice(1);
    expect(materials.map(({ uri, digests }) => [uri, digests])).toEqual([
      ["https://e.test/v1.2.tar.gz?token=***", { sha256: "d".repeat(64) }],
      ["https://e.test/$UNKNOWN", {}],
      ["git+https://github.com/o/r.git@v1", {}],
      ["git+ssh://host.test/o/s.git@HEAD", {}],
      ["git+https://github.com/o/t.git@main", { gitCommit: commit }],
    ]);
    expect(materials[2]?.missing).toBe("the Dockerfile names none");
    expect(evidence.gaps[0]?.detail).toMatch(/what 5 downloads gave; what line 4 named/);
    expect(JSON.stringify(evidence)).not.toContain("canary");
  });

  it("names secrets and caches of commands, and says which secrets may be missing", async () => {
    const evidence = await evidenceOf([
      "FROM alpine",
      "RUN --mount=type=secret,id=tok --mount=type=secret,id=must,required=true,target=/t make",
      "RUN --mount=type=secret,id=e,env=TOKEN,required --mount=type=cache,target=/c --mount=type=cache,id=k,target=/d x",
      "RUN --mount=type=ssh git clone",
    ]);
    expect(
      ofFile(evidence.secrets).map(({ name, provider, optional }) => [name, provider, optional]),
    ).toEqual([
      ["tok", "build", true],
      ["must", "build", false],
      ["e", "build", false],
    ]);
    expect(ofFile(evidence.caches).map(({ key }) => key)).toEqual(["/c", "k"]);
    expect(stepsOf(evidence)[2]?.mounts).toEqual([
      { kind: "secret", target: "$TOKEN" },
      { kind: "cache", target: "/c" },
      { kind: "cache", target: "/d" },
    ]);
    expect(evidence.notes.join("\n")).toMatch(/SSH agent/);
    const text = JSON.stringify(provenancePredicate(mergeEvidence([evidence]), { mode: "MAX" }));
    expect(text).toContain('"name":"tok","provider":"build","optional":true');
  });

  it("takes the frontend that is asked for for no image of the build: Dagger has its own", async () => {
    const evidence = await evidenceOf(["# syntax=docker/dockerfile:1", "FROM scratch", "COPY . /"]);
    expect(urisOf(evidence)).toEqual([]);
    expect(evidence.notes.join("\n")).toMatch(/frontend/);
  });

  it("takes no trigger for a step of this build", async () => {
    const evidence = await evidenceOf([
      "FROM scratch",
      "ONBUILD COPY --from=canary / /",
      "ONBUILD RUN canary",
    ]);
    expect(urisOf(evidence)).toEqual([]);
    expect(JSON.stringify(evidence)).not.toContain("canary");
  });

  it("follows shells, variables and directories from stage to stage", async () => {
    const evidence = await evidenceOf([
      "FROM alpine AS one",
      'SHELL ["/bin/bash", "-c"]',
      "WORKDIR /a",
      "ARG OUTER=1",
      "ENV ONE=1 TWO=$OUTER",
      "FROM one",
      "WORKDIR b",
      "RUN make",
      "WORKDIR $HIDDEN/x",
      "RUN make again",
    ]);
    const [first, second] = stepsOf(evidence).filter(({ kind }) => kind === "exec");
    expect(first).toMatchObject({ argv: ["/bin/bash", "-c", "make"], workdir: "/a/b" });
    expect(first?.environment).toEqual(["ONE", "TWO", "OUTER"]);
    expect(second?.workdir).toBeUndefined();
  });

  it("reads another file, and a build that the old call made", async () => {
    const port = portWith("FROM scratch");
    const dockerfiles = port;
    await collectRecipe(recipeOf([...source, build({ dockerfile: "ci/Dockerfile.arm" })]), { dockerfiles });
    const old = { is: "old", on: "c", field: "build", type: "Container" };
    const context = { kind: "call", digest: sourceDigest } as const;
    const container = { is: "c", field: "container", type: "Container" };
    await collectRecipe(recipeOf([...source, container, { ...old, args: { context } }]), { dockerfiles });
    expect(port.asked).toEqual([`${sourceDigest} ci/Dockerfile.arm`, `${sourceDigest} Dockerfile`]);
  });

  it("leaves the gap that is there without it, with the reason", async () => {
    const failing = portWith("", {
      textIn: () => Promise.reject(new Error("no such file at https://u:canary@e.test")),
    });
    const gone = await evidenceOf([], {}, { dockerfiles: failing });
    expect(gone.gaps).toEqual([
      {
        code: "opaque-step",
        detail:
          "Directory.dockerBuild: what the Dockerfile brings in can't be seen, and it can't be read: no such file at https://e.test",
      },
    ]);
    expect(gone.sources).toEqual([
      { source: "recipe", available: true },
      { source: "dockerfile", available: false, because: "no such file at https://e.test" },
    ]);
    const broken = await evidenceOf(["canary"]);
    expect(broken.gaps[0]?.detail).toMatch(/can't be read: line 1 has an instruction that is not known$/);
    const { gaps } = await collectRecipe(recipeOf([...source, build()]));
    expect(gaps[0]?.detail).toBe("Directory.dockerBuild: what the Dockerfile brings in can't be seen");
  });

  it("says why an image has no digest, and asks for no more than many", async () => {
    const refusing = portWith("FROM alpine", { image: () => Promise.reject(new Error("denied")) });
    const { materials } = await evidenceOf([], {}, { dockerfiles: refusing });
    expect(ofFile(materials)[0]).toMatchObject({ digests: {}, missing: "the engine refused: denied" });
    const many = Array.from({ length: 100 }, (_, index) => `COPY --from=image${index} / /`);
    const port = portWith(["FROM scratch", ...many].join("\n"));
    await evidenceOf([], {}, { dockerfiles: port });
    expect(port.asked.filter((one) => one.includes("image"))).toHaveLength(64);
  });

  it("repeats no value of an argument, no password, no heredoc and nothing out of a file", async () => {
    const evidence = await evidenceOf(
      [
        "ARG DEFAULT_PASSWORD=canary-default",
        "ARG BASE=alpine",
        "ARG HANDED",
        "ARG FROM_ARG=$HANDED",
        "FROM $BASE",
        "ARG HANDED",
        "ARG FROM_ARG",
        "ARG INNER=$HANDED",
        'ENV API_TOKEN="canary env" PLAIN=canary-plain OTHER=$INNER',
        "LABEL secret=canary-label note=canary-note",
        "ADD https://e.test/$HANDED/$OTHER/$FROM_ARG/x /x",
        "RUN echo canary-default && curl -H 'Authorization: Bearer canary-bearer' https://u:canary@e.test",
        "RUN <<EOF",
        "canary-heredoc",
        "EOF",
        "COPY <<F /f",
        "canary-file",
        "F",
        "HEALTHCHECK CMD curl -u a:canary localhost",
        "WORKDIR /$OTHER",
        "RUN --mount=type=secret,id=$OTHER,target=/run/$OTHER make",
      ],
      { buildArgs: buildArgs({ HANDED: "handed-canary", BASE: "debian:12", API_TOKEN: "token-canary" }) },
    );
    const text = JSON.stringify(provenancePredicate(mergeEvidence([evidence]), { mode: "MAX" }));
    expect(text).not.toContain("canary");
    expect(urisOf(evidence)).toContain("pkg:docker/debian@12");
    expect(urisOf(evidence)).toContain("https://e.test/***/***/***/x");
  });

  it("leaves commands, files and lines out of MIN, as it does elsewhere", async () => {
    const evidence = mergeEvidence([await evidenceOf(["FROM alpine", "RUN make it", "COPY main.txt /"])]);
    const text = JSON.stringify(provenancePredicate(evidence, { mode: "MIN" }));
    expect(text).not.toMatch(/make it|main\.txt|"location"/);
    expect(text).toContain("pkg:docker/alpine@latest");
  });
});
