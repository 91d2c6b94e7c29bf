import { expect, test } from "vitest";

import { AttestError, reasonOf } from "../src/error.js";
import { nextStep } from "../src/next-step.js";

test("an error says what to do next, also where its thrower knows nothing special", () => {
  expect(new AttestError("IMAGE_INVALID", "the image is none").message).toBe(
    `IMAGE_INVALID: the image is none\nNext: ${nextStep.IMAGE_INVALID}`,
  );
  const told = new AttestError("IMAGE_INVALID", "the image is none", { next: "Push it again." });
  expect(told.message).toBe("IMAGE_INVALID: the image is none\nNext: Push it again.");
});

test.each(Object.entries(nextStep))("what to do about %s is one sentence", (_, sentence) => {
  expect(sentence).toMatch(/^[A-Z].+\.$/);
});

test("the reason is the problems, or the summary where there are none", () => {
  const problems = [
    { path: "a", expected: "1", got: "2" },
    { path: "", expected: "a list", got: "text" },
  ];
  expect(reasonOf(new AttestError("JSON_INVALID", "it is none", { problems }))).toBe(
    "a: 1 expected, got 2; a list expected, got text",
  );
  expect(reasonOf(new AttestError("JSON_INVALID", "it is none"))).toBe("it is none");
});
