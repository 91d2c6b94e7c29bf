/** Values that were handed to the entry point: who handed them in knows them, and no span does. */
import type { Call, Literal } from "../../recipe/index.js";
import { argumentKey } from "../observe/plan.js";
import type { HandedValue } from "../recipe/collect.js";
import type { CallSpan } from "./calls.js";

/**
 * The handed values by the digests that arguments of the entry point, or of its constructor, refer to.
 * @param handed by `argumentKey`: the constructor's argument of one name is another one
 */
export function handedByDigest(
  entry: CallSpan | undefined,
  known: ReadonlyMap<string, Call>,
  handed: Readonly<Record<string, HandedValue>>,
): Map<string, HandedValue> {
  const found = new Map<string, HandedValue>();
  for (let call = entry?.call; call?.module !== undefined; call = receiverOf(call, known))
    for (const { name, value } of call.args) {
      const one = handed[argumentKey(call.receiver === undefined ? undefined : call.field, name)];
      if (one !== undefined) for (const digest of references(value)) found.set(digest, one);
    }
  return found;
}

function receiverOf(call: Call, known: ReadonlyMap<string, Call>): Call | undefined {
  return call.receiver === undefined ? undefined : known.get(call.receiver);
}

function references(literal: Literal): string[] {
  if (literal.kind === "call") return [literal.digest];
  return literal.kind === "list" ? literal.values.flatMap(references) : [];
}
