import { existsSync, readFileSync } from "node:fs";

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { IdSchema, RecipeMessageSchema } from "../../src/recipe/call_pb.js";
import { decodeRecipe, encodeRecipe, inputDigests, subRecipe } from "../../src/recipe/index.js";
import type { Argument, Call, Literal, Recipe, TypeRef } from "../../src/recipe/index.js";
import fc from "../support/property.js";

const recording = new URL(
  "../../../shared/recordings/dagger-v1.0.0-beta.10/portable-id.txt",
  import.meta.url,
);

async function decoded(id: string): Promise<Recipe> {
  const result = await decodeRecipe(id);
  if (result.kind !== "recipe") throw new Error(`recipe expected, got ${result.kind}`);
  return result;
}

function callAt(recipe: Recipe, digest: string): Call {
  const call = recipe.calls.get(digest);
  if (call === undefined) throw new Error(`no call ${digest}`);
  return call;
}

function stringArgument(call: Call, name: string): string | undefined {
  const value = call.args.find((argument) => argument.name === name)?.value;
  return value?.kind === "string" ? value.value : undefined;
}

describe.skipIf(!existsSync(recording))("an id of Dagger 1.0 (skipped where ../shared is absent)", () => {
  const id = existsSync(recording) ? readFileSync(recording, "utf8").trim() : "";

  it("holds the call graph of the value", async () => {
    const recipe = await decoded(id);
    const outermost = callAt(recipe, recipe.root);
    expect(outermost.field).toBe("withTools");
    const object = outermost.args.find((argument) => argument.name === "object")?.value;
    if (object?.kind !== "call") throw new Error("a call expected");
    const value = subRecipe(recipe, object.digest);
    expect(callAt(value, value.root).field).toBe("withEntrypoint");
    const fields = new Set([...value.calls.values()].map((call) => call.field));
    for (const field of ["from", "withExec", "withMountedCache", "setSecret", "git", "tag", "tree"]) {
      expect(fields).toContain(field);
    }
    expect(fields).not.toContain("withTools");
  });

  it("names base images by digest and secrets without their text", async () => {
    const calls = [...(await decoded(id)).calls.values()];
    const bases = calls
      .filter((call) => call.field === "from")
      .map((call) => stringArgument(call, "address"));
    expect(bases).not.toHaveLength(0);
    for (const base of bases) expect(base).toMatch(/@sha256:[0-9a-f]{64}$/);
    const secret = calls.find((call) => call.field === "setSecret");
    expect(secret && stringArgument(secret, "plaintext")).toBe("***");
  });

  it("is written back byte for byte", async () => {
    expect(await encodeRecipe(await decoded(id))).toBe(id);
  });

  it("keeps content digests of host directories", async () => {
    const host = [...(await decoded(id)).calls.values()].find(
      (call) => call.field === "directory" && call.extraDigests.length > 0,
    );
    expect(host?.extraDigests.map((extra) => extra.label)).toContain("content");
  });
});

const type: TypeRef = { named: "Container", nonNull: true };

function call(digest: string, rest: Partial<Call> = {}): Call {
  const empty = { args: [], view: "", effectIds: [], extraDigests: [], implicitInputs: [] };
  return { digest, type, field: "container", ...empty, ...rest };
}

function recipeOf(root: string, ...calls: readonly Call[]): Recipe {
  return { root, calls: new Map(calls.map((each) => [each.digest, each])) };
}

const text = fc.string({ unit: "grapheme" });
const literal = fc.letrec<{ literal: Literal; argument: Argument }>((tie) => ({
  argument: fc.record({ name: text, value: tie("literal") }),
  literal: fc.oneof(
    { maxDepth: 3 },
    fc.record({ kind: fc.constant("call" as const), digest: text }),
    fc.constant({ kind: "null" as const }),
    fc.record({ kind: fc.constant("bool" as const), value: fc.boolean() }),
    fc.record({ kind: fc.constant("enum" as const), value: text }),
    fc.record({ kind: fc.constant("int" as const), value: fc.maxSafeInteger() }),
    fc.record({ kind: fc.constant("float" as const), value: fc.double({ noNaN: true }) }),
    fc.record({ kind: fc.constant("string" as const), value: text }),
    fc.record({ kind: fc.constant("digestedString" as const), value: text, digest: text }),
    fc.record({ kind: fc.constant("list" as const), values: fc.array(tie("literal"), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant("object" as const), values: fc.array(tie("argument"), { maxLength: 3 }) }),
  ),
})).literal;

describe("the codec", () => {
  it("gives back every literal", async () => {
    await fc.assert(
      fc.asyncProperty(literal, async (value) => {
        const recipe = recipeOf("a", call("a", { args: [{ name: "x", value }] }));
        expect((await decoded(await encodeRecipe(recipe))).calls).toEqual(recipe.calls);
      }),
    );
  });

  it("gives back every field of a call", async () => {
    const full = call("b", {
      receiver: "a",
      type: { elem: { named: "String", nonNull: true }, nonNull: false },
      nth: 2,
      module: { callDigest: "m", name: "ci", ref: "github.com/acme/ci", pin: "abc" },
      view: "v0.21.8",
      effectIds: ["e"],
      extraDigests: [{ digest: "sha256:00", label: "content" }],
      implicitInputs: [{ name: "cachePerClient", value: { kind: "string", value: "x" } }],
    });
    const recipe = recipeOf("b", call("a"), full);
    expect(await decoded(await encodeRecipe(recipe))).toMatchObject({ kind: "recipe", ...recipe });
  });

  it("writes the same id whatever the order of the calls", async () => {
    const [first, second] = [call("a"), call("b", { receiver: "a" })];
    expect(await encodeRecipe(recipeOf("b", first, second))).toBe(
      await encodeRecipe(recipeOf("b", second, first)),
    );
  });

  it("reads the form up to v0.20", async () => {
    const recipe = recipeOf("b", call("a"), call("b", { receiver: "a" }));
    const inner = fromBinary(IdSchema, Buffer.from(await encodeRecipe(recipe), "base64")).recipe;
    if (inner === undefined) throw new Error("a recipe expected");
    const old = Buffer.from(toBinary(RecipeMessageSchema, inner)).toString("base64");
    expect(await decoded(old)).toMatchObject({ kind: "recipe", ...recipe });
  });

  it("tells a handle from a recipe", async () => {
    // DAG{engineResult{resultID: 300, type{namedType: "File", nonNull: true}}}
    const handle = Buffer.from("120d08ac0212080a0446696c651801", "hex").toString("base64");
    expect(await decodeRecipe(handle)).toEqual({ kind: "handle", resultId: 300n, type: "File" });
  });

  it.each(["", "not an id!", "AAAA", Buffer.from("hello world").toString("base64")])(
    "refuses %j",
    async (id) => {
      await expect(decodeRecipe(id)).rejects.toMatchObject({ code: "EVIDENCE_INVALID" });
    },
  );
});

describe("subRecipe", () => {
  const file = call("file", { field: "file" });
  const mounted: Argument = {
    name: "source",
    value: { kind: "list", values: [{ kind: "call", digest: "file" }] },
  };
  const top = call("top", { receiver: "base", args: [mounted] });
  const recipe = recipeOf("top", call("base"), file, top);

  it("takes what the new root needs and nothing else", () => {
    expect([...subRecipe(recipe, "file").calls.keys()]).toEqual(["file"]);
    expect([...subRecipe(recipe, "top").calls.keys()].sort()).toEqual(["base", "file", "top"]);
  });

  it("ends on a cycle and on calls that are missing", () => {
    const loop = recipeOf("a", call("a", { receiver: "b" }), call("b", { receiver: "a" }));
    expect(subRecipe(loop, "a").calls.size).toBe(2);
    expect(inputDigests(top)).toEqual(["base", "file"]);
    expect(subRecipe(recipeOf("top", top), "top").calls.size).toBe(1);
  });

  it("refuses a root that is not there", () => {
    expect(() => subRecipe(recipe, "none")).toThrow(/no call none/);
  });
});
