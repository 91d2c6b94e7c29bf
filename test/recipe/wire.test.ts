/** The hand-written reader against the reflecting one of @bufbuild/protobuf. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import {
  type ArgumentMessage,
  type CallMessage,
  CallMessageSchema,
  IdSchema,
  type LiteralMessage,
  type TypeMessage,
} from "../../src/recipe/call_pb.js";
import type { Argument, Call, Literal, TypeRef } from "../../src/recipe/index.js";
import { recipeReader } from "../../src/recipe/wire.js";
import { noRecordings } from "../provenance/recordings.js";

const same = (text: string): string => text;
const bytesOf = (base64: string): Buffer => Buffer.from(base64, "base64");

function fromCallMessage(digest: string, call: CallMessage): Call {
  const { module } = call;
  return {
    digest,
    ...(call.receiverDigest === "" ? {} : { receiver: call.receiverDigest }),
    type: fromTypeMessage(call.type),
    field: call.field,
    args: call.args.map(fromArgumentMessage),
    ...(call.nth === 0n ? {} : { nth: Number(call.nth) }),
    ...(module === undefined
      ? {}
      : {
          module: { callDigest: module.callDigest, name: module.name, ref: module.ref, pin: module.pin },
        }),
    view: call.view,
    effectIds: call.effectIds,
    extraDigests: call.extraDigests.map(({ digest: extra, label }) => ({ digest: extra, label })),
    implicitInputs: call.implicitInputs.map(fromArgumentMessage),
  };
}

function fromTypeMessage(type: TypeMessage | undefined): TypeRef {
  if (type === undefined) return { named: "", nonNull: false };
  if (type.elem !== undefined) return { elem: fromTypeMessage(type.elem), nonNull: type.nonNull };
  return { named: type.namedType, nonNull: type.nonNull };
}

function fromArgumentMessage(argument: ArgumentMessage): Argument {
  return { name: argument.name, value: fromLiteralMessage(argument.value) };
}

function fromLiteralMessage(message: LiteralMessage | undefined): Literal {
  const literal = message?.value;
  switch (literal?.case) {
    case "callDigest":
      return { kind: "call", digest: literal.value };
    case "bool":
      return { kind: "bool", value: literal.value };
    case "enum":
      return { kind: "enum", value: literal.value };
    case "int":
      return { kind: "int", value: Number(literal.value) };
    case "float":
      return { kind: "float", value: literal.value };
    case "string":
      return { kind: "string", value: literal.value };
    case "list":
      return { kind: "list", values: literal.value.values.map(fromLiteralMessage) };
    case "object":
      return { kind: "object", values: literal.value.values.map(fromArgumentMessage) };
    case "digestedString":
      return { kind: "digestedString", value: literal.value.value, digest: literal.value.digest };
    case "null":
    case undefined:
      return { kind: "null" };
  }
}

/** Whether in base64 or in protobuf, a call in a recording is told by the text of its attribute's value. */
function recordedCalls(): string[] {
  const root = join(import.meta.dirname, "../../../shared/recordings/dagger-v0.21.8");
  return ["inputs", "observed", "received"].flatMap((directory) => {
    const stream = readFileSync(join(root, directory, "traces.sse"), "utf8");
    const found = stream.matchAll(
      /"key":\s*"dagger\.io\/dag\.call",\s*"value":\s*\{\s*"stringValue":\s*"([^"]+)"/g,
    );
    return [...found].map(([, payload = ""]) => payload);
  });
}

describe.skipIf(noRecordings !== undefined)(
  `recorded messages${noRecordings ? ` (${noRecordings})` : ""}`,
  () => {
    it("are the same calls to both readers, span by span", async () => {
      const { call } = await recipeReader(same);
      const payloads = recordedCalls();
      expect(payloads.length).toBeGreaterThan(50);
      for (const payload of payloads) {
        const message = fromBinary(CallMessageSchema, bytesOf(payload));
        expect(call(bytesOf(payload))).toEqual(fromCallMessage(message.digest, message));
      }
    });

    it("are the same recipe to both readers", async () => {
      const path = join(
        import.meta.dirname,
        "../../../shared/recordings/dagger-v1.0.0-beta.10/portable-id.txt",
      );
      const bytes = bytesOf(readFileSync(path, "utf8").trim());
      const expected = fromBinary(IdSchema, bytes).recipe;
      const { recipe } = (await recipeReader(same)).id(bytes);
      expect(recipe?.root).toBe(expected?.rootDigest);
      expect([...(recipe?.calls ?? [])]).toEqual(
        Object.entries(expected?.calls ?? {}).map(([digest, one]) => [digest, fromCallMessage(digest, one)]),
      );
    });
  },
);

describe("the reader", () => {
  it("passes over fields that it does not know, and shares equal texts", async () => {
    const known = toBinary(
      CallMessageSchema,
      create(CallMessageSchema, { digest: "a", receiverDigest: "a" }),
    );
    // Field 100 as a varint, as bytes and as four bytes.
    const unknown = Buffer.from("a00605" + "a2060161" + "a50601020304", "hex");
    const shared: string[] = [];
    const { call } = await recipeReader((text) => {
      shared.push(text);
      return text;
    });
    expect(call(Buffer.concat([unknown, known, unknown]))).toMatchObject({ digest: "a", receiver: "a" });
    expect(shared).toEqual(["a", "a"]);
  });

  it("knows texts again by their bytes, and takes no others for them", async () => {
    const shared: string[] = [];
    const { call } = await recipeReader((text) => {
      shared.push(text);
      return text;
    });
    const digestOf = (digest: string) =>
      call(toBinary(CallMessageSchema, create(CallMessageSchema, { digest }))).digest;
    const texts = ["xxh3:a1b2", "xxh3:a2b1", "xxh3:a1b2c", "é", "ab", "", "\u{1f600}", "xxh3:A1b2"];
    for (const text of [...texts, ...texts]) expect(digestOf(text)).toBe(text);
    shared.length = 0;
    expect([digestOf("xxh3:a1b2"), digestOf("xxh3:a1b2")]).toEqual(["xxh3:a1b2", "xxh3:a1b2"]);
    expect(shared).toEqual(["xxh3:a1b2"]);
    // As long as the text that is known, and made of its characters' numbers: no UTF-8 all the same.
    expect(() => call(Buffer.from("4a01e9", "hex"))).toThrow();
  });

  it("knows a call of a recipe by its message again, and by no other", async () => {
    const call = { field: "file", digest: "b", receiverDigest: "a" };
    const messageOf = (fields: object) =>
      Buffer.from(toBinary(CallMessageSchema, create(CallMessageSchema, fields)));
    const calls = { a: { field: "directory", digest: "" }, b: call };
    const bytes = toBinary(IdSchema, create(IdSchema, { recipe: { rootDigest: "b", calls } }));
    const { recipe } = (await recipeReader(same)).id(bytes);
    const message = messageOf(call);
    expect(recipe?.readFrom?.("b", message)).toBe(recipe?.calls.get("b"));
    expect(recipe?.readFrom?.("c", message)).toBeUndefined();
    expect(recipe?.readFrom?.("a", message)).toBeUndefined();
    expect(recipe?.readFrom?.("b", message.subarray(1))).toBeUndefined();
    expect(recipe?.readFrom?.("b", messageOf({ ...call, nth: 1n }))).toBeUndefined();
    // Its key is its digest here, and in a span it would have none.
    expect(recipe?.readFrom?.("a", messageOf(calls.a))).toBeUndefined();
  });

  it("reads a call that is shorter than its bytes, and nothing of what stands behind it", async () => {
    const { call } = await recipeReader(same);
    const fields = { digest: "b", receiverDigest: "a", field: "file", module: { name: "ci" } };
    const message = toBinary(CallMessageSchema, create(CallMessageSchema, fields));
    const bytes = Buffer.concat([message, message]);
    const read = (of: Uint8Array, length?: number): unknown => {
      try {
        return call(of, length);
      } catch {
        return "refused";
      }
    };
    for (let length = 0; length <= message.length; length++)
      expect(read(bytes, length)).toEqual(read(Buffer.from(bytes.subarray(0, length))));
    expect(read(bytes, message.length - 1)).toBe("refused");
  });

  it.each([
    ["a text that is cut off", "4a0561"],
    ["a message that is longer than the one around it", "220212ff"],
    ["text that is not UTF-8", "4a01ff"],
    ["a tag of field 0", "0061"],
  ])("refuses %s", async (_what, hex) => {
    const { call } = await recipeReader(same);
    expect(() => call(Buffer.from(hex, "hex"))).toThrow();
  });
});
