import { describe, expect, it } from "vitest";
import { collectDeclared } from "../../../src/provenance/collect/declared.js";
import { collectLockfile } from "../../../src/provenance/collect/lockfile.js";
import { collectMetadata } from "../../../src/provenance/collect/metadata.js";
import { isUnavailable } from "../../../src/provenance/evidence.js";

const a = "a".repeat(64);
const commit = "b".repeat(40);
const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");

function locked(text: string) {
  const collected = collectLockfile(text);
  if (isUnavailable(collected)) throw new Error(collected.because);
  return collected.materials.map(({ kind, uri, digests }) => ({ kind, uri, digests }));
}

describe("collectLockfile", () => {
  it("reads version 1", () => {
    const text = lines(
      [["version", "1"]],
      ["", "container.from", ["docker.io/library/alpine:3.22", "linux/amd64"], `sha256:${a}`, "pin"],
      ["", "git.tag", ["https://u:hunter22@github.com/o/r", "v1"], commit, "float"],
      ["", "git.head", ["https://github.com/o/r"], commit, "float"],
      ["", "modules.resolve", ["github.com/o/ci@v2"], commit, "pin"],
      ["mine", "container.from", ["x"], `sha256:${a}`, "pin"],
      ["", "unknown.operation", ["x"], "y", "pin"],
    );
    expect(locked(text)).toEqual([
      { kind: "image", uri: "pkg:docker/alpine@3.22?platform=linux%2Famd64", digests: { sha256: a } },
      { kind: "git", uri: "git+https://github.com/o/r@refs/tags/v1", digests: { gitCommit: commit } },
      { kind: "git", uri: "git+https://github.com/o/r@HEAD", digests: { gitCommit: commit } },
      { kind: "module", uri: "git+https://github.com/o/ci@v2", digests: { gitCommit: commit } },
    ]);
  });

  it("reads version 2", () => {
    const text = lines(
      [["version", "2"]],
      ["", "git.ref", ["https://github.com/o/r", "main"], { sha: commit, ref: "refs/heads/main" }],
    );
    expect(locked(text)).toEqual([
      { kind: "git", uri: "git+https://github.com/o/r@refs/heads/main", digests: { gitCommit: commit } },
    ]);
  });

  it.each([
    ["{", "line[0]: a JSON array expected, got text that is no JSON"],
    ["{}", "line[0]: a JSON array expected, got object"],
    [lines([["version", "3"]]), "line[0]: version 1 or 2 expected"],
    [lines([["version", "1"]], 3), "line[1]: a JSON array expected, got number"],
  ])("refuses %s", (text, message) => {
    expect(() => collectLockfile(text)).toThrow(message);
  });

  it("is unavailable when empty", () => {
    expect(isUnavailable(collectLockfile("\n"))).toBe(true);
  });
});

describe("collectDeclared", () => {
  it("keeps names and digests, hides what is named a secret, and marks all as claimed", () => {
    const evidence = collectDeclared({
      name: "release",
      materials: [
        { name: "source", kind: "git", uri: "https://u:hunter22@x.test/r", digests: { gitCommit: commit } },
      ],
      parameters: [
        { name: "version", value: "1.2" },
        { name: "api_token", value: "abcd1234" },
      ],
      steps: [{ name: "build", argv: ["make", "KEY=abcd1234"], inputs: ["source"] }],
      secrets: ["npm-token"],
    });
    expect(evidence.materials).toMatchObject([
      { name: "source", uri: "https://x.test/r", exactness: "claimed" },
    ]);
    expect(evidence.parameters.map(({ name, value }) => [name, value])).toEqual([
      ["version", "1.2"],
      ["api_token", "***"],
    ]);
    expect(evidence.steps).toMatchObject([
      { digest: "declared:build", argv: ["make", "KEY=***"], inputs: ["declared:source"] },
    ]);
    expect(evidence.secrets).toMatchObject([{ name: "npm-token", provider: "declared" }]);
  });

  it("lists everything that is wrong at once", () => {
    expect(() =>
      collectDeclared({
        name: " ",
        materials: [
          { name: "s", kind: "git", uri: "x", digests: { gitCommit: "zz" } },
          { name: "s", kind: "git", uri: "x", digests: {} },
        ],
        steps: [{ name: "", inputs: ["nowhere"] }],
        parameters: [
          { name: "p", value: "" },
          { name: "p", value: "" },
        ],
      }),
    ).toThrow(
      /name: a name expected.*\n.*materials\[0\]\.digests\.gitCommit.*\n.*materials\[1\]\.name: a name of its own.*\n.*steps\[0\]\.inputs.*\n.*steps\[0\]\.name.*\n.*parameters\[1\]\.name/,
    );
  });
});

describe("collectMetadata", () => {
  it("tells engine, platform, SDK and modules with their pins", () => {
    const evidence = collectMetadata({
      version: "v0.21.8",
      platform: "linux/amd64",
      traceId: "c".repeat(32),
      modules: [
        { name: "ci", ref: "github.com/o/ci/sub@v1", commit, sdk: "typescript" },
        { name: "local", ref: "/src/ci" },
      ],
    });
    expect(evidence.run).toEqual({
      engineVersion: "v0.21.8",
      platform: "linux/amd64",
      invocationId: "c".repeat(32),
      sdk: "typescript",
    });
    expect(evidence.materials).toMatchObject([
      { name: "ci", uri: "git+https://github.com/o/ci/sub@v1", digests: { gitCommit: commit } },
      { name: "local", uri: "local:/src/ci", digests: {}, missing: "a module from a local path has no pin" },
    ]);
  });

  it("says nothing of what it was not told", () => {
    expect(collectMetadata({ version: "", platform: "" }).run).toEqual({});
  });
});
