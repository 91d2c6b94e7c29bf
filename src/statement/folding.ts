/**
 * Field names that some readers take for another: Go's `encoding/json` ignores case and folds
 * U+017F and U+212A, so `{"subject": [...], "\u017fubject": [...]}` has two meanings.
 */
import type { Problem } from "../error.js";

function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}

/** A problem for every key that is no known field and equals one in all but case. */
export function foldedAliases(keys: readonly string[], fields: readonly string[], path: string): Problem[] {
  // Folding is slow, and most documents have no other keys.
  const others = keys.filter((key) => !fields.includes(key));
  if (others.length === 0) return [];
  const known = new Map(fields.map((field) => [fold(field), field]));
  return others.flatMap((key) => {
    const field = known.get(fold(key));
    if (field === undefined) return [];
    return [{ path, expected: `the field name ${field}`, got: JSON.stringify(key) }];
  });
}
