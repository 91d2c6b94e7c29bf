import { expect, test } from "vitest";

import { parseCanonical } from "../../src/json/canonical.js";
import { parseJson } from "../../src/json/parse.js";
import fc from "../support/property.js";

test("parses what the scanner accepts", () => {
  expect(parseJson(Buffer.from('{"a":[1,"é"]}'))).toEqual({ a: [1, "é"] });
});

test("refuses what JSON.parse would take silently, and names the text", () => {
  expect(() => parseJson(Buffer.from('{"a":1,"a":2}'), { what: "the policy" })).toThrow(
    /JSON_INVALID: the policy repeats keys/,
  );
  expect(() => parseJson(Buffer.from("\ufeff{}"))).toThrow(/byte order mark/);
});

test("parses compact texts as they are written without looking at each byte", () => {
  for (const text of ['{"a":[1,"é",null,true,-0.5,1e+21],"":{}}', "[]", '"x"', "0", "null"])
    expect(parseCanonical(Buffer.from(text))).toEqual(JSON.parse(text));
  const whole = Buffer.from('xx{"a":1}xx');
  expect(parseCanonical(whole.subarray(2, -2))).toEqual({ a: 1 });
});

test.each([
  '{"a":1,"a":1}',
  '{"a":1,"\\u0061":2}',
  '{"a": 1}',
  '{"a":1}\n',
  '{"2":1,"1":2}',
  "1.0",
  "-0",
  "1e400",
  "12345678901234567890",
  '"\\ud800"',
  "\ufeff{}",
  "[".repeat(600) + "]".repeat(600),
  `{"a":"${"x".repeat(70_000)}"}`,
  "{",
])("leaves any other to the scanner: %.40j", (text) => {
  expect(parseCanonical(Buffer.from(text))).toBeUndefined();
});

test("gives the value that JSON.parse gives, whichever way it is read", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      if (/\\ud[89a-f]/.test(text)) return;
      expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
    }),
  );
});
