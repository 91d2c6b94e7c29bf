import { describe, expect, it } from "vitest";

import { readFrom, writtenTo } from "../../../src/provenance/gather/written.js";
import type { Span } from "../../../src/provenance/telemetry/span.js";
import { digestOf, type Draft, recipeOf } from "../recipe/recipes.js";

const host: Draft = { is: "host", field: "host", type: "Host" };
const directory = (path: string): Draft => ({
  is: "d",
  field: "directory",
  type: "Directory",
  on: "host",
  args: { path },
});
const container: Draft = { is: "c", field: "container", type: "Container" };
const from: Draft = {
  is: "from",
  field: "from",
  type: "Container",
  on: "c",
  args: { address: "app.test/app:1" },
};

describe("readFrom", () => {
  it.each<[string, Draft[], string | undefined]>([
    ["a directory of the host", [host, directory("./out/")], "out"],
    [
      "a file of the host",
      [host, { is: "f", field: "file", type: "File", on: "host", args: { path: "/srv/../a" } }],
      "/a",
    ],
    [
      "a file of a directory of the host",
      [host, directory("out"), { is: "f", field: "file", type: "File", on: "d", args: { path: "bin/app" } }],
      "out/bin/app",
    ],
    ["an image", [container, from], "app.test/app:1"],
    [
      "a directory that something was done to",
      [
        host,
        directory("out"),
        { is: "w", field: "withoutFile", type: "Directory", on: "d", args: { path: "a" } },
      ],
      undefined,
    ],
    [
      "an image that something was done to",
      [container, from, { is: "u", field: "withUser", type: "Container", on: "from" }],
      undefined,
    ],
    [
      "a directory of an image",
      [container, from, { is: "r", field: "rootfs", type: "Directory", on: "from" }],
      undefined,
    ],
    ["nothing from outside", [{ is: "e", field: "directory", type: "Directory" }], undefined],
    ["a call on what is not there", [directory("out")], undefined],
  ])("%s", (_case, drafts, name) => {
    expect(readFrom(recipeOf(drafts))?.name).toBe(name);
  });
});

describe("writtenTo", () => {
  const written = (field: string, args: Draft["args"], failed = false): Span => {
    const { calls, root } = recipeOf([
      { is: "w", field, type: "String", on: "made", ...(args === undefined ? {} : { args }) },
    ]);
    const call = calls.get(root);
    if (call === undefined) throw new Error("no call");
    return {
      traceId: "t",
      spanId: "s",
      parentSpanId: "",
      name: field,
      scope: "dagger.io/core",
      start: "1",
      end: "2",
      attributes: {},
      links: [],
      failed,
      call,
    };
  };
  const path = (name: string) => ({ kind: "path", name }) as const;
  const image = (name: string) => ({ kind: "image", name }) as const;

  it.each([
    ["out", "./out"],
    ["out/bin/app", "out"],
    ["bin/app", "."],
    ["/work/ci/out", "out"],
    ["out", "/work/ci/out/"],
  ])("%s lies where %s was exported", (name, to) => {
    const spans = [written("export", { path: to })];
    expect(writtenTo(spans, path(name))).toEqual({ value: digestOf("made"), place: `local:${name}` });
  });

  it.each([
    ["out", "output"],
    ["out", "out/bin"],
    ["/elsewhere", "out"],
    ["../out", "."],
    ["/work/out", "../out"],
  ])("%s does not lie where %s was exported", (name, to) => {
    expect(writtenTo([written("export", { path: to })], path(name))).toBeUndefined();
  });

  it.each([
    ["alpine", "docker.io/library/alpine:latest", true],
    ["app.test/app:1", "app.test/app:2", false],
    ["app.test/app", "app.test/app:2", false],
    [`app.test/app@sha256:${"a".repeat(64)}`, "app.test/app:2", true],
    [`app.test/app:1@sha256:${"a".repeat(64)}`, "app.test/app:2", false],
    ["app.test/app:1", "not a reference", false],
    ["out", "out", true],
  ])("the image %s was pushed to %s: %s", (name, address, is) => {
    expect(writtenTo([written("publish", { address })], image(name)) !== undefined).toBe(is);
  });

  it("is no path that has an image's name, nothing that failed, and no function of a module", () => {
    expect(writtenTo([written("publish", { address: "out" })], path("out"))).toBeUndefined();
    expect(writtenTo([written("export", { path: "out" }, true)], path("out"))).toBeUndefined();
    expect(writtenTo([written("export", {})], path("out"))).toBeUndefined();
    const { call, ...span } = written("export", { path: "out" });
    if (typeof call !== "object") throw new Error("no call");
    const ofModule = { ...call, module: { callDigest: "", name: "m", ref: "m", pin: "" } };
    expect(writtenTo([{ ...span, call: ofModule }], path("out"))).toBeUndefined();
  });

  it("tells of no credentials", () => {
    const name = "https://user:canary@host.test/out";
    expect(JSON.stringify(writtenTo([written("export", { path: name })], path(name)) ?? "")).not.toContain(
      "canary",
    );
  });
});
