import { expect, test } from "vitest";

import { lookAhead } from "../../src/subjects/look-ahead.js";

test("hands out results in order, whatever ends first, and never runs further ahead than told", async () => {
  const items = [5, 1, 4, 2, 3, 0, 9, 8];
  let running = 0;
  let most = 0;
  const results: number[] = [];
  const work = async (item: number) => {
    running += 1;
    most = Math.max(most, running);
    for (let i = 0; i < item; i += 1) await Promise.resolve();
    return item;
  };
  for await (const result of lookAhead(items, 3, work)) {
    running -= 1;
    results.push(result);
  }
  expect(results).toEqual(items);
  expect(most).toBe(3);
});

test("throws a failure in its turn, without leaving one unhandled", async () => {
  const work = (item: number) =>
    item > 1 ? Promise.reject(new Error(`item ${item}`)) : Promise.resolve(item);
  const results: number[] = [];
  const consume = async () => {
    for await (const result of lookAhead([0, 1, 2, 3], 4, work)) results.push(result);
  };
  await expect(consume()).rejects.toThrow("item 2");
  expect(results).toEqual([0, 1]);
});
