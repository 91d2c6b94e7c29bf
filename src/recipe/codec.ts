/**
 * Reads and writes Dagger's ids: base64 of the protobuf messages in call.proto, in the form of v0.21
 * and later (recipe in field 1, handle in field 2) and, for reading, the one up to v0.20 (the recipe
 * itself).
 */
import type { MessageInitShape } from "@bufbuild/protobuf";

import { AttestError } from "../error.js";
import type { CallMessageSchema } from "./call_pb.js";
import { toCallMessage } from "./convert.js";
import { textsOnce } from "./texts.js";
import type { DecodedId, Recipe } from "./types.js";
import { recipeReader } from "./wire.js";

/** Reads the id of a value. Throws EVIDENCE_INVALID for what is no id. */
export async function decodeRecipe(id: string): Promise<DecodedId> {
  const { id: readId, recipe: readRecipe } = await recipeReader(textsOnce());
  const bytes = base64Bytes(id);
  const current = attempt(() => readId(bytes));
  if (current?.recipe !== undefined && hasRoot(current.recipe)) return { kind: "recipe", ...current.recipe };
  // Up to v0.20 field 1 is the root's digest and field 2 the calls.
  const old = attempt(() => readRecipe(bytes));
  if (old !== undefined && hasRoot(old)) return { kind: "recipe", ...old };
  if (current?.handle !== undefined) return { kind: "handle", ...current.handle };
  throw invalidId("neither a recipe nor a handle");
}

/** Writes a recipe as an id. Calls are ordered by digest: the same recipe gives the same id. */
export async function encodeRecipe(recipe: Recipe): Promise<string> {
  const { create, toBinary } = await import("@bufbuild/protobuf");
  const { IdSchema } = await import("./call_pb.js");
  const calls: Record<string, MessageInitShape<typeof CallMessageSchema>> = {};
  for (const digest of [...recipe.calls.keys()].sort()) {
    const call = recipe.calls.get(digest);
    if (call !== undefined) calls[digest] = toCallMessage(call);
  }
  const message = create(IdSchema, { recipe: { rootDigest: recipe.root, calls } });
  return Buffer.from(toBinary(IdSchema, message)).toString("base64");
}

function hasRoot({ root, calls }: Recipe): boolean {
  return root !== "" && calls.has(root);
}

function attempt<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

function base64Bytes(id: string): Uint8Array {
  const text = id.trim();
  if (text === "" || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) throw invalidId("not base64");
  return Buffer.from(text, "base64");
}

function invalidId(what: string): AttestError {
  return new AttestError("EVIDENCE_INVALID", `the id is ${what}`, {
    next: "Hand in the id as the engine gave it.",
  });
}
