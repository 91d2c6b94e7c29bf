/** Merging of items that share a key. */
import type { Contradiction } from "../evidence.js";
import type { Found } from "../evidence/found.js";

/**
 * One item per key. Earlier lists win field by field; later ones fill in what is not there.
 * @param compared fields that must agree; where they don't, both values are recorded.
 */
export function mergeItems<T extends Found>(
  lists: readonly (readonly T[])[],
  keyOf: (item: T) => string,
  compared: readonly (keyof T)[],
  contradictions: Contradiction[],
): readonly T[] {
  const [only, ...more] = lists.filter((list) => list.length > 0);
  if (only === undefined) return [];
  if (more.length === 0 && isDistinct(only, keyOf)) return only;
  const merged = new Map<string, T>();
  for (const list of lists)
    for (const item of list) {
      const key = keyOf(item);
      const winner = merged.get(key);
      if (winner === undefined) {
        merged.set(key, item);
        continue;
      }
      for (const field of compared) recordConflict(contradictions, key, field, winner, item);
      merged.set(key, joinItems(winner, item));
    }
  return [...merged.values()];
}

function isDistinct<T>(items: readonly T[], keyOf: (item: T) => string): boolean {
  const keys = new Set<string>();
  for (const item of items) keys.add(keyOf(item));
  return keys.size === items.length;
}

/** The winner with what only the other one knows; the other's source is noted. */
export function joinItems<T extends Found>(winner: T, other: T): T {
  const all = [...(winner.alsoIn ?? []), other.source, ...(other.alsoIn ?? [])];
  const alsoIn = all.filter((source, index) => source !== winner.source && all.indexOf(source) === index);
  return alsoIn.length === 0 ? { ...other, ...winner } : { ...other, ...winner, alsoIn };
}

/** Records two values of a field that are both there and differ. */
export function recordConflict<T extends Found>(
  contradictions: Contradiction[],
  item: string,
  field: keyof T,
  winner: T,
  other: T,
): void {
  const [kept, dropped] = [winner[field], other[field]];
  if (kept === undefined || dropped === undefined) return;
  const [keptText, droppedText] = [asText(kept), asText(dropped)];
  if (keptText === droppedText) return;
  contradictions.push({
    item,
    field: String(field),
    kept: { value: keptText, source: winner.source },
    dropped: { value: droppedText, source: other.source },
  });
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
