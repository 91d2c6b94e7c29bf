import { expect, test } from "vitest";
import { withinDeadline } from "../../src/verification/deadline.js";

test("what is done in time gives its value", () => {
  expect(withinDeadline(() => /^a+$/u.test("aaa"))).toBe(true);
});

test("what throws throws, and the next one is not disturbed", () => {
  expect(() =>
    withinDeadline(() => {
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(withinDeadline(() => 7)).toBe(7);
});

test("what would go on for ever is stopped", () => {
  expect(withinDeadline(() => /^(a+)+$/u.test(`${"a".repeat(50)}!`))).toBeUndefined();
  expect(
    withinDeadline(() => {
      for (;;);
    }),
  ).toBeUndefined();
  expect(withinDeadline(() => 7)).toBe(7);
});
