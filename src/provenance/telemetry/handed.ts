/** Values that were handed to the entry point: who handed them in knows them, and no span does. */
import type { Call, Literal } from "../../recipe/index.js";
import { argumentKey } from "../observe/plan.js";
import { walk } from "../recipe/call.js";
import type { HandedValue } from "../recipe/handed.js";
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

/**
 * The calls without those of handed values that lead to others that nobody saw: such a value is known by its content.
 * The engine takes a default path out of the module's directory by calls that it reports, and that one it does not.
 */
export function withoutHalfKnown(
  known: ReadonlyMap<string, Call>,
  handed: ReadonlySet<string>,
): ReadonlyMap<string, Call> {
  const isHalf = (digest: string): boolean =>
    walk({ root: digest, calls: known }, [digest]).missing.some((one) => !handed.has(one));
  const half = [...handed].filter((digest) => known.has(digest) && isHalf(digest));
  if (half.length === 0) return known;
  const calls = new Map(known);
  for (const digest of half) calls.delete(digest);
  return calls;
}

function receiverOf(call: Call, known: ReadonlyMap<string, Call>): Call | undefined {
  return call.receiver === undefined ? undefined : known.get(call.receiver);
}

function references(literal: Literal): string[] {
  if (literal.kind === "call") return [literal.digest];
  return literal.kind === "list" ? literal.values.flatMap(references) : [];
}
