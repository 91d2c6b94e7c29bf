import { describe, expect, it } from "vitest";

import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { collectRecipe, type RecipeOptions } from "../../../src/provenance/recipe/collect.js";
import type { LeafFacts } from "../../../src/provenance/recipe/resolve.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";
import { type Draft, recipeOf, ref } from "./recipes.js";

const address = `docker.io/library/alpine:3.22@sha256:${"a".repeat(64)}`;
const container = { is: "c", field: "container", type: "Container" };

/** A chain of calls on an image, then a command; `from` stands for the image itself. */
function chain(...calls: readonly (readonly [field: string, args?: Draft["args"]])[]): Draft[] {
  const drafts: Draft[] = [container];
  for (const [field, args = {}] of [...calls, ["withExec", { args: ["true"] }] as const])
    drafts.push({ is: `${drafts.length}`, on: drafts.at(-1)?.is ?? "", field, type: "Container", args });
  return drafts;
}

const workdirOf = async (drafts: Draft[], options?: RecipeOptions): Promise<string | undefined> =>
  (await collectRecipe(recipeOf(drafts), options)).steps.findLast(({ kind }) => kind === "exec")?.workdir;

/** An engine that knows the image's directory, and counts how often it is asked. */
function engineWith(workdir: string | undefined, more: Partial<LeafFacts> = {}) {
  const asked: string[] = [];
  const resolve: NonNullable<RecipeOptions["resolve"]> = ({ call }) => {
    asked.push(call);
    const digests = { sha256: "a".repeat(64) };
    return Promise.resolve({ digests, ...(workdir === undefined ? {} : { workdir }), ...more });
  };
  return { asked, resolve };
}

const from = ["from", { address }] as const;
const to = (path: string, args: Draft["args"] = {}) => ["withWorkdir", { path, ...args }] as const;

describe("the working directory of a command", () => {
  it.each([
    ["none is set", [], "/"],
    ["an absolute one", [to("/src")], "/src"],
    ["a relative one", [to("/src"), to("a/b")], "/src/a/b"],
    ["one above", [to("/src/a"), to("../b/")], "/src/b"],
    ["a relative one on nothing", [to("work")], "/work"],
    ["one that was taken away", [to("/src"), ["withoutWorkdir"]], "/"],
    ["one that other calls come after", [to("/src"), ["withEnvVariable", { name: "A", value: "1" }]], "/src"],
    ["one of a container with files of another", [to("/src"), ["withRootfs"]], "/src"],
    ["one before another command", [to("/src"), ["withExec", { args: ["make"] }]], "/src"],
    ["one that says no variable", [to("/src", { expand: true })], "/src"],
  ] as const)("is told: %s", async (_what, calls, expected) => {
    expect(await workdirOf(chain(...calls))).toBe(expected);
  });

  it.each([
    ["an image that nobody can be asked about", [from]],
    ["a variable", [to("/src"), to("$HOME", { expand: true })]],
    ["a path below what is not known", [from, to("a")]],
    ["an image from an archive", [to("/src"), ["import"]]],
    ["a Dockerfile", [to("/src"), ["build"]]],
  ] as const)("is not guessed: %s", async (_what, calls) => {
    expect(await workdirOf(chain(...calls))).toBeUndefined();
  });

  it("of an image is asked of the engine, once", async () => {
    const { asked, resolve } = engineWith("/home/app");
    const first = chain(from, to("a"));
    const second = { is: "x", on: "2", field: "withExec", type: "Container", args: { args: ["true"] } };
    const both = { is: "d", on: "x", field: "withFile", type: "Container", args: { source: ref("3") } };
    const { steps } = await collectRecipe(recipeOf([...first, second, both]), { resolve });
    expect(steps.flatMap(({ workdir = [] }) => workdir)).toEqual(["/home/app/a", "/home/app/a"]);
    expect(asked).toHaveLength(1);
  });

  it("of an image is not asked for where no command depends on it", async () => {
    const { asked, resolve } = engineWith("/home/app");
    expect(await workdirOf(chain(from, to("/src")), { resolve })).toBe("/src");
    expect(asked).toEqual([]);
  });

  it("of an image that is asked for after the run counts where the call names its digest", async () => {
    const { resolve } = engineWith("/home/app", { source: "metadata" });
    expect(await workdirOf(chain(from), { resolve })).toBe("/home/app");
    expect(await workdirOf(chain(["from", { address: "alpine" }]), { resolve })).toBeUndefined();
  });

  it("is left out when the engine refuses", async () => {
    expect(await workdirOf(chain(from), { resolve: () => Promise.reject(new Error("no")) })).toBeUndefined();
  });

  it("starts with nothing in what a function gave", async () => {
    const made = { ...container, module: { name: "m", ref: "", pin: "" } };
    const exec = { is: "x", on: "c", field: "withExec", type: "Container", args: { args: ["true"] } };
    expect(await workdirOf([made, exec])).toBeUndefined();
  });

  it("is redacted as commands are, and stands in MAX alone", async () => {
    const evidence = mergeEvidence([await collectRecipe(recipeOf(chain(to("/srv/s3cr3t-canary"))))]);
    const text = (mode: "MIN" | "MAX") => JSON.stringify(provenancePredicate(evidence, { mode }));
    expect(text("MAX")).toMatch(/"workdir":"\/srv\/\*\*\*"/);
    expect(text("MIN")).not.toContain("workdir");
  });
});
