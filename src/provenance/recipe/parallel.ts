/** Questions to the engine, several at a time. */

/** How many questions are open at the same time. */
const parallel = 8;

/** Does the work for every item, and no more than a few at once. */
export async function forEach<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}
