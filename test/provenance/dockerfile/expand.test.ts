import { describe, expect, it } from "vitest";

import { expandWord } from "../../../src/provenance/dockerfile/expand.js";

const values = new Map<string, string | null | undefined>([
  ["x", "alpine"],
  ["empty", ""],
  ["none", null],
  ["secret", undefined],
  ["file", "a/b.tar.gz"],
  ["v", "1.2.3"],
]);
const expand = (word: string, escape = "\\"): string | undefined =>
  expandWord(word, (name) => (values.has(name) ? values.get(name) : null), escape);

describe("variables of a Dockerfile", () => {
  it.each([
    ["$x", "alpine"],
    ["${x}:3", "alpine:3"],
    ["$x.y", "alpine.y"],
    ["${none}x", "x"],
    ["$other", ""],
    ["${x:-d}", "alpine"],
    ["${none:-d}", "d"],
    ["${empty:-d}", "d"],
    ["${empty-d}", ""],
    ["${none-d}", "d"],
    ["${x:+d}", "d"],
    ["${empty:+d}", ""],
    ["${empty+d}", "d"],
    ["${none+d}", ""],
    ["${x:?no}", "alpine"],
    ["${none:-${x}}", "alpine"],
    ["${none:-${empty:-${x}}}:${v}", "alpine:1.2.3"],
    ["${file#*/}", "b.tar.gz"],
    ["${file##*.}", "gz"],
    ["${file%.*}", "a/b.tar"],
    ["${file%%.*}", "a/b"],
    ["${v#1?}", "2.3"],
    ["${v#\\*}", "1.2.3"],
    ["${v/./-}", "1-2.3"],
    ["${v//./-}", "1-2-3"],
    ["${v//.}", "123"],
    ["${x#${none:-al}}", "pine"],
    ["'$x'", "$x"],
    ['"$x \\$x"', "alpine $x"],
    ["\\$x", "$x"],
    ["a$", "a$"],
    ["", ""],
  ])("%s is %s", (word, expected) => {
    expect(expand(word)).toBe(expected);
  });

  it("takes the escape of the directive", () => {
    expect(expand("`$x\\$x", "`")).toBe("$x\\alpine");
  });

  it.each(["$secret", "${secret:-d}", "${secret:+d}", "${secret#a}", "${none:-$secret}", "${none:?}"])(
    "%s is not guessed",
    (word) => expect(expand(word)).toBeUndefined(),
  );

  it.each([
    "${x",
    "${",
    "${}",
    "'x",
    '"x',
    "${x:=d}",
    "${x^}",
    "${x/a",
    `${"${x:-".repeat(40)}${"}".repeat(40)}`,
  ])("%s can't be read", (word) => expect(expand(word)).toBeUndefined());

  it("does not match what would take minutes", () => {
    values.set("long", "a".repeat(600));
    expect(expand("${long#*a*a*a*a*a}")).toBeUndefined();
    expect(expand(`\${x#${"*".repeat(200)}}`)).toBeUndefined();
    expect(expand("a".repeat(9000))).toBeUndefined();
  });
});
