import { describe, expect, test } from "vitest";

import { rawItems, rawMembers } from "../../src/json/raw.js";

const members = (text: string) => rawMembers(Buffer.from(text)).map(({ name, text: value }) => [name, value]);
const items = (text: string) => rawItems(Buffer.from(text));

describe("pieces of a JSON text", () => {
  test("members stand as they were written, in their order", () => {
    expect(
      members(` {"b" : 1.0,\n"10":12345678901234567890 , "9":{ "x" : [1 , 2] },"\\u0061\\n":"\\u00e9é😀"}`),
    ).toEqual([
      ["b", "1.0"],
      ["10", "12345678901234567890"],
      ["9", '{ "x" : [1 , 2] }'],
      ["a\n", '"\\u00e9é😀"'],
    ]);
  });

  test("items stand as they were written", () => {
    expect(items('[ 1e2 , "],", {"a": "}" }, [[ ]],null, -0]')).toEqual([
      "1e2",
      '"],"',
      '{"a": "}" }',
      "[[ ]]",
      "null",
      "-0",
    ]);
  });

  test("there are none in what is empty, or something else", () => {
    for (const text of ["{}", "[]", '"a"', "1", "null"]) {
      expect([members(text), text === "[]" || !text.startsWith("[") ? items(text) : []]).toEqual([[], []]);
    }
    expect([members("[1]"), items('{"a":1}')]).toEqual([[], []]);
  });

  test("of what is no JSON, or ambiguous, there are none to trust", () => {
    for (const text of ["", "{", '{"a":1,"a":2}', "[1,]", "{} {}"]) {
      expect(() => members(text)).toThrow("JSON_INVALID");
      expect(() => items(text)).toThrow("JSON_INVALID");
    }
  });
});
