/**
 * Starts work on items ahead of the one that is handed out, and hands the results out in the items'
 * order. At most `window` results wait at a time.
 */
export async function* lookAhead<Item, Result>(
  items: readonly Item[],
  window: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void> {
  const started: Promise<Result>[] = [];
  for (const item of items) {
    const result = work(item);
    // A failure is thrown when its turn comes; until then it must not count as unhandled.
    result.catch(() => undefined);
    started.push(result);
    const next = started.length < window ? undefined : started.shift();
    if (next !== undefined) yield await next;
  }
  for (const result of started) yield await result;
}
