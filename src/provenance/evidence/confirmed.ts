/** Calls that several sources tell in the same way: described once, by the most exact one, and confirmed by the others. */
import { type EvidenceSource, type Found, sourceRanking } from "./found.js";

/**
 * Digests of calls that a source tells in the same way as the value's recipe: their steps, and materials whose digest
 * the call names, are the recipe's, and stand there only.
 */
export type ConfirmedCalls = { readonly source: EvidenceSource; readonly calls: ReadonlySet<string> };

/** True when another source confirms what the recipe says of a call. */
export function isConfirmed(
  { confirmed = [] }: { readonly confirmed?: readonly ConfirmedCalls[] },
  call: string,
): boolean {
  return confirmed.some(({ calls }) => calls.has(call));
}

/**
 * Further sources of an item of merged evidence: those that it names, and those that confirm its calls.
 * @param steps digests of the calls that the item is of
 */
export function furtherSources(
  { source, alsoIn }: Found,
  steps: readonly string[],
  confirmed: readonly ConfirmedCalls[] = [],
): readonly EvidenceSource[] | undefined {
  if (source !== "recipe") return alsoIn;
  const by: EvidenceSource[] = [];
  for (const one of confirmed) if (hasAny(one.calls, steps)) by.push(one.source);
  if (by.length === 0 || alsoIn === undefined) return by.length === 0 ? alsoIn : by;
  return sourceRanking.filter((one) => by.includes(one) || alsoIn.includes(one));
}

function hasAny(calls: ReadonlySet<string>, steps: readonly string[]): boolean {
  for (const step of steps) if (calls.has(step)) return true;
  return false;
}
