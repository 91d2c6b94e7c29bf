import { describe, expect, test } from "vitest";

import { AttestError, formatProblem } from "../../src/error.js";
import { parseDigests, subjectOf } from "../../src/subjects/digests.js";

const sha256 = "a".repeat(64);

function problems(...texts: string[]): string[] {
  try {
    parseDigests(texts);
    return [];
  } catch (error) {
    if (error instanceof AttestError && error.code === "REFERENCE_INVALID")
      return error.problems.map(formatProblem);
    throw error;
  }
}

test("digests of any algorithm become a digest set", () => {
  const commit = "b".repeat(40);
  expect(parseDigests([`sha256:${sha256}`, `gitCommit:${commit}`, "arn:aws:ec2:ami-1"])).toEqual({
    sha256,
    gitCommit: commit,
    arn: "aws:ec2:ami-1",
  });
  expect(subjectOf("x", [`sha256:${sha256}`])).toEqual({ name: "x", digest: { sha256 } });
  expect(Object.keys(parseDigests(["__proto__:1"]))).toEqual(["__proto__"]);
});

describe("refused", () => {
  test("all at once", () => {
    expect(problems("nope", `SHA256:${sha256}`, "sha256:abc", "sha256:def", "sha1:")).toEqual([
      'digests[0]: algorithm:value, as in sha256:9f86d0... expected, got "nope"',
      'digests[1]: the algorithm name sha256 expected, got "SHA256"',
      "digests[2]: 64 lower-case hex characters expected, got 3",
      "digests[3]: 64 lower-case hex characters expected, got 3",
      "digests[3]: one sha256 digest expected, got a second one",
      'digests[4]: algorithm:value, as in sha256:9f86d0... expected, got "sha1:"',
    ]);
  });

  test("none, and more than 32", () => {
    expect(problems()).toEqual(["digests: at least one digest expected, got none"]);
    expect(problems(...Array.from({ length: 33 }, (_, i) => `x${i}:1`))).toEqual([
      "digests: at most 32 digests expected, got 33",
    ]);
  });
});
