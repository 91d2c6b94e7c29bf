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
  const known = new Map(fields.map((field) => [fold(field), field]));
  return keys.flatMap((key) => {
    const field = known.get(fold(key));
    if (field === undefined || fields.includes(key)) return [];
    return [{ path, expected: `the field name ${field}`, got: JSON.stringify(key) }];
  });
}
