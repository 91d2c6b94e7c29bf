/** Walks over recipes. */
import { AttestError } from "../error.js";
import type { Call, Literal, Recipe } from "./types.js";

/**
 * The recipe of one value inside another's: the same calls below another root. Engines load it as an id
 * of its own. Calls that the map lacks are left out; a root that it lacks is EVIDENCE_INVALID.
 */
export function subRecipe(recipe: Recipe, root: string): Recipe {
  if (!recipe.calls.has(root)) {
    throw new AttestError("EVIDENCE_INVALID", `the recipe has no call ${root}`);
  }
  const calls = new Map<string, Call>();
  const waiting = [root];
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    const call = recipe.calls.get(digest);
    if (call === undefined || calls.has(digest)) continue;
    calls.set(digest, call);
    waiting.push(...inputDigests(call));
  }
  return { root, calls };
}

/** Digests of the calls that a call builds on: receiver, arguments, module, in this order. */
export function inputDigests(call: Call): string[] {
  return [
    ...(call.receiver === undefined ? [] : [call.receiver]),
    ...call.args.flatMap((argument) => literalDigests(argument.value)),
    ...(call.module === undefined || call.module.callDigest === "" ? [] : [call.module.callDigest]),
  ];
}

function literalDigests(literal: Literal): string[] {
  if (literal.kind === "call") return [literal.digest];
  if (literal.kind === "list") return literal.values.flatMap(literalDigests);
  if (literal.kind === "object") return literal.values.flatMap((argument) => literalDigests(argument.value));
  return [];
}
