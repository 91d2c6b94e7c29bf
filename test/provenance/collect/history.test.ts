import { describe, expect, it } from "vitest";
import { collectHistory } from "../../../src/provenance/collect/history.js";
import { collectSkeleton } from "../../../src/provenance/collect/skeleton.js";
import { isUnavailable, type Collected, type Evidence } from "../../../src/provenance/evidence.js";
import { noRecordings, recording } from "../recordings.js";

function found(collected: Collected): Evidence {
  if (isUnavailable(collected)) throw new Error(collected.because);
  return collected;
}

describe("collectHistory", () => {
  it("reads what Dagger's engine writes, and hides credentials in it", () => {
    const texts = [
      `import image layer sha256:${"a".repeat(64)}`,
      "pulled from docker.io/library/alpine:3.22",
      `git checkout for https://u:hunter22@github.com/o/r (refs/tags/v1 ${"b".repeat(40)})`,
      "http state resolve notes.txt",
      "mount / from exec sh -c curl -H 'Authorization: Bearer abcdefgh' https://x.test",
      "withNewFile /app.json (12)",
      "rehydrated persisted snapshot",
      "COPY /out.txt /out.txt # buildkit",
    ];
    const evidence = found(
      collectHistory({
        os: "linux",
        architecture: "arm64",
        variant: "v8",
        history: texts.map((text) => ({ created_by: text })),
      }),
    );
    expect(evidence.materials.map(({ kind, uri, digests }) => ({ kind, uri, digests }))).toEqual([
      { kind: "other", uri: `oci-layer:sha256:${"a".repeat(64)}`, digests: { sha256: "a".repeat(64) } },
      { kind: "image", uri: "pkg:docker/alpine@3.22", digests: {} },
      { kind: "git", uri: "git+https://github.com/o/r@refs/tags/v1", digests: { gitCommit: "b".repeat(40) } },
      { kind: "http", uri: "download:notes.txt", digests: {} },
    ]);
    expect(evidence.steps.map(({ digest, operation, kind }) => `${digest} ${operation} ${kind}`)).toEqual([
      "history:4 Container.withExec exec",
      "history:5 Container.withNewFile file",
      "history:7 layer other",
    ]);
    expect(evidence.steps[0]?.arguments).toEqual({
      command: "sh -c curl -H 'Authorization: Bearer ***' https://x.test",
    });
    expect(evidence.gaps.map(({ code }) => code)).toEqual(["built-before-observation"]);
    // The image's platform is not the engine's.
    expect(evidence.run).toEqual({});
    expect(
      [...evidence.steps, ...evidence.materials].every(({ exactness }) => exactness === "inferred"),
    ).toBe(true);
  });

  it.each([undefined, null, 3, {}, { history: [] }])("is unavailable without a history: %j", (config) => {
    expect(collectHistory(config)).toEqual({
      unavailable: "history",
      because: "the image config holds no history",
    });
  });

  it.skipIf(noRecordings)(`reads the recorded config (${noRecordings ?? "present"})`, () => {
    const config: unknown = JSON.parse(recording("dagger-v0.21.8/received/oci-config.json"));
    const evidence = found(collectHistory(config));
    expect(evidence.steps.map(({ operation, arguments: args }) => [operation, args])).toEqual([
      ["Container.withFile", { text: "withfile /app/out.txt out.txt" }],
      ["Container.withFile", { text: "withfile /app/app.json app.json" }],
      ["Container.withExec", { command: "sh -c sha256sum out.txt > out.sum" }],
    ]);
    expect(evidence.gaps).toHaveLength(1);
  });
});

describe("collectSkeleton", () => {
  it("keeps the names without the probe", () => {
    const response = { errors: [{ message: "probe", path: ["container", "from", "withExec", "withError"] }] };
    expect(found(collectSkeleton(response)).skeleton).toEqual(["container", "from", "withExec"]);
  });

  it.each([
    [{ data: null }, "no path"],
    [{ errors: [{ message: "x", path: ["container", "withExec"] }] }, "not the one asked for"],
    [{ errors: [{ message: "x", path: ["container", 0, "withError"] }] }, "no path"],
    [null, "no path"],
  ])("is unavailable for %j", (response, because) => {
    const collected = collectSkeleton(response);
    expect(isUnavailable(collected) && collected.because).toContain(because);
  });

  it.skipIf(noRecordings)(`reads the recorded error (${noRecordings ?? "present"})`, () => {
    const response: unknown = JSON.parse(recording("dagger-v0.21.8/received/skeleton.json"));
    expect(found(collectSkeleton(response)).skeleton).toHaveLength(9);
  });
});
