/** The names that were probably meant. */

/** Up to three of `names` within a third of the word's length in edits, or that begin with it, nearest first. */
export function nearest(word: string, names: readonly string[]): string[] {
  const limit = Math.max(2, Math.floor(word.length / 3));
  const lower = word.toLowerCase();
  return names
    .map((name) => ({ name, distance: editDistance(lower, name.toLowerCase()) }))
    .filter(
      ({ name, distance }) => distance <= limit || (word.length > 2 && name.toLowerCase().startsWith(lower)),
    )
    .sort((left, right) => left.distance - right.distance || left.name.localeCompare(right.name))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** ` Did you mean sbom?`, or nothing. */
export function didYouMean(word: string, names: readonly string[]): string {
  const found = nearest(word, names);
  return found.length === 0 ? "" : ` Did you mean ${found.join(", ")}?`;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let previous: number[] = [];
  let current = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      next.push(
        Math.min(
          at(current, column) + 1,
          at(next, column - 1) + 1,
          at(current, column - 1) + (same ? 0 : 1),
          swapped ? at(previous, column - 2) + 1 : Infinity,
        ),
      );
    }
    previous = current;
    current = next;
  }
  return at(current, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
