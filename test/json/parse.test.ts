import { expect, test } from "vitest";

import { parseJson } from "../../src/json/parse.js";

test("parses what the scanner accepts", () => {
  expect(parseJson(Buffer.from('{"a":[1,"é"]}'))).toEqual({ a: [1, "é"] });
});

test("refuses what JSON.parse would take silently, and names the text", () => {
  expect(() => parseJson(Buffer.from('{"a":1,"a":2}'), { what: "the policy" })).toThrow(
    /JSON_INVALID: the policy repeats keys/,
  );
  expect(() => parseJson(Buffer.from("\ufeff{}"))).toThrow(/byte order mark/);
});
