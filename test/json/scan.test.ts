import { describe, expect, test } from "vitest";

import { AttestError } from "../../src/error.js";
import { jsonLimits } from "../../src/json/limits.js";
import { parseJson } from "../../src/json/parse.js";
import { createJsonScanner, type JsonScanOptions } from "../../src/json/scan.js";
import fc from "../support/property.js";

type Event = readonly [what: string, depth: number, detail: string, offset: number];

/** Scans bytes in the given pieces; returns what the visitor was told. */
function scan(pieces: readonly Uint8Array[], depth = 1, options: JsonScanOptions = {}): Event[] {
  const events: Event[] = [];
  const scanner = createJsonScanner(
    {
      depth,
      key: (at, name) => events.push(["key", at, name, 0]),
      valueStart: (at, kind, offset) => events.push(["start", at, kind, offset]),
      valueEnd: (at, kind, offset) => events.push(["end", at, kind, offset]),
    },
    options,
  );
  for (const piece of pieces) scanner.write(piece);
  scanner.end();
  return events;
}

function refusal(input: string | Uint8Array, options: JsonScanOptions = {}): AttestError | undefined {
  const bytes = typeof input === "string" ? Buffer.from(input) : input;
  const error = refusalBy(() => scan([bytes], 1, options));
  // The parser does not look at each byte of every text; what it says is the same.
  expect(refusalBy(() => parseJson(bytes, options))?.message).toBe(error?.message);
  return error;
}

function refusalBy(work: () => unknown): AttestError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof AttestError) return error;
    throw error;
  }
}

describe("the scanner accepts", () => {
  test.each([
    "{}",
    "[]",
    '""',
    " \t\r\n0 \t\r\n",
    "-0",
    "-0.0e-0",
    "1E+308",
    "[1,2.5,-3e10,true,false,null]",
    '{"a":{"b":[{"c":[]}]},"d":""}',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"',
    '"é€😀\u007f"',
    '{"":1," ":2}',
    '{"__proto__":1,"constructor":2}',
    "9007199254740993",
  ])("%s", (text) => {
    expect(refusal(text)).toBeUndefined();
  });
});

describe("the scanner refuses", () => {
  test.each([
    ["", "the rest of the document expected, got the end of the text"],
    ["   ", "the end of the text"],
    ["{", "the end of the text"],
    ['{"a":1', "the end of the text"],
    ['"abc', "the end of the text"],
    ["tru", "the end of the text"],
    ["-", "at byte 1, a digit expected, got the end of the text"],
    ["1.", "a digit"],
    ["1e", "a digit"],
    ["01", 'nothing after the document expected, got "1"'],
    [".5", 'a value expected, got "."'],
    ["+1", 'a value expected, got "+"'],
    ["NaN", "a value"],
    ["nul1", 'the word null expected, got "1"'],
    ["[1,]", 'at byte 3, a value expected, got "]"'],
    ['{"a":1,}', 'a key expected, got "}"'],
    ["{a:1}", 'a key or "}" expected, got "a"'],
    ['{"a" 1}', '":" expected, got "1"'],
    ["[1 2]", '"," or "]" expected, got "2"'],
    ['{"a":1]', 'a: at byte 6, "," or "}" expected, got "]"'],
    ["[1}", '"," or "]" expected, got "}"'],
    ["{} {}", 'nothing after the document expected, got "{"'],
    ["{}\u0000", "got byte 0x00"],
    ["'a'", "a value"],
    ['"\\x"', "after a backslash"],
    ['"\\u12g4"', "four hex digits"],
    ['"a\nb"', "no control character in a string expected, got byte 0x0a"],
    ["// comment\n{}", "a value"],
    ["[1e400]", "[0]: at byte 1, a number that fits a double"],
    ["-1e999", "a number that fits a double"],
    ['"\\ud800"', "surrogate"],
    ['"\\ude00"', "surrogate"],
    ['"\\ud800\\n"', "surrogate"],
    ['"\\ud800x"', "surrogate"],
    ['"\\ud800\\ud800"', "surrogate"],
    ['{"\\ud800":1}', "surrogate"],
  ])("%j", (text, message) => {
    const error = refusal(text);
    expect(error?.code).toBe("JSON_INVALID");
    expect(error?.message).toContain(message);
  });

  test.each([
    ["a byte order mark", [0xef, 0xbb, 0xbf, 0x7b, 0x7d], "UTF-8 without byte order mark"],
    ["UTF-16", [0xff, 0xfe, 0x7b, 0x00], "UTF-8 without byte order mark"],
    ["a lone continuation byte", [0x22, 0x80, 0x22], "UTF-8 expected, got byte 0x80"],
    ["an overlong form of two bytes", [0x22, 0xc0, 0xaf, 0x22], "UTF-8 expected, got byte 0xc0"],
    ["an overlong form of three bytes", [0x22, 0xe0, 0x80, 0xaf, 0x22], "UTF-8"],
    ["an overlong form of four bytes", [0x22, 0xf0, 0x80, 0x80, 0xaf, 0x22], "UTF-8"],
    ["a surrogate in UTF-8", [0x22, 0xed, 0xa0, 0x80, 0x22], "UTF-8"],
    ["a code point above U+10FFFF", [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], "UTF-8"],
    ["a sequence that the quote ends", [0x22, 0xc3, 0x22], "UTF-8"],
    ["a byte that UTF-8 never has", [0x22, 0xff, 0x22], "UTF-8"],
  ])("%s", (_name, bytes, message) => {
    const error = refusal(Uint8Array.from(bytes));
    expect(error?.code).toBe("JSON_INVALID");
    expect(error?.message).toContain(message);
  });

  test("all repeated keys at once, by path, escapes resolved", () => {
    const error = refusal('{"a":1,"b":[{"x":1,"\\u0078":2}],"a":3,"c":{"a":1}}');
    expect(error?.code).toBe("JSON_INVALID");
    expect(error?.problems.map(({ path }) => path)).toEqual(["b[0].x", "a"]);
  });

  test("what exceeds a limit, naming the limit", () => {
    const limits = { ...jsonLimits, depth: 3, keyBytes: 4, openKeys: 3, numberCharacters: 5 };
    const messages = ["[[[[", '{"abcde":1}', '{"a":1,"b":{"c":1,"d":1}}', "123456"].map((text) => {
      const error = refusal(text, { limits });
      expect(error?.code).toBe("LIMIT_EXCEEDED");
      return error?.problems[0]?.expected;
    });
    expect(messages).toEqual([
      "at byte 3, at most 3 arrays and objects inside each other",
      "at byte 6, a key of at most 4 bytes",
      "at byte 20, at most 3 keys in an object and those around it",
      "at byte 5, a number of at most 5 characters",
    ]);
    expect(refusal('[[{"abcd":1}],{"a":1,"b":2},{"c":1,"d":2},12345]', { limits })).toBeUndefined();
    const characters = { ...jsonLimits, openKeyCharacters: 5 };
    expect(refusal('{"abc":{"def":1}}', { limits: characters })?.code).toBe("LIMIT_EXCEEDED");
  });

  test("a nesting bomb, without being told a depth", () => {
    expect(refusal("[".repeat(1_000_000))?.message).toContain("at most 512 arrays and objects");
    expect(refusal("[".repeat(512) + "]".repeat(512))).toBeUndefined();
  });
});

describe("the visitor", () => {
  test("hears of values down to its depth, with offsets in bytes", () => {
    expect(scan([Buffer.from(' {"é":[1,{"b":2}], "c":"d"} ')])).toEqual([
      ["start", 0, "object", 1],
      ["key", 1, "é", 0],
      ["start", 1, "array", 7],
      ["end", 1, "array", 18],
      ["key", 1, "c", 0],
      ["start", 1, "string", 24],
      ["end", 1, "string", 27],
      ["end", 0, "object", 28],
    ]);
  });

  test("is given the same, wherever the text is split", () => {
    const text = Buffer.from(
      '{"aé\\n\\ud83d\\ude00":[-12.5e+3,"😀\\u00e9\\ud83d\\ude00",true,false,null,{}],"b":"\\\\\\"","c":0 }',
    );
    const whole = scan([text], 9);
    for (let at = 0; at <= text.length; at += 1) {
      expect(scan([text.subarray(0, at), text.subarray(at)], 9)).toEqual(whole);
    }
    expect(
      scan(
        Array.from(text, (byte) => Uint8Array.of(byte)),
        9,
      ),
    ).toEqual(whole);
  });
});

/** Texts that are close to JSON: valid ones with a few bytes changed. */
const mutations = fc.array(
  fc.tuple(
    fc.nat(),
    fc.constantFrom("replace", "insert", "delete", "double"),
    fc.integer({ min: 0, max: 255 }),
  ),
  { maxLength: 3 },
);

function mutate(bytes: Uint8Array, changes: readonly (readonly [number, string, number])[]): Uint8Array {
  return changes.reduce((current, [position, change, byte]) => {
    const at = position % (current.length + 1);
    const before = [...current.subarray(0, at)];
    const after = [...current.subarray(at)];
    if (change === "insert") return Uint8Array.from([...before, byte, ...after]);
    if (change === "replace") return Uint8Array.from([...before, byte, ...after.slice(1)]);
    if (change === "double") return Uint8Array.from([...before, ...after.slice(0, 5), ...after]);
    return Uint8Array.from([...before, ...after.slice(1)]);
  }, bytes);
}

function parses(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}

describe("beside JSON.parse", () => {
  test("accepts nothing else, and refuses more only for a stated reason", () => {
    const stricter = /a key once|surrogate|fits a double/;
    fc.assert(
      fc.property(fc.json(), mutations, (text, changes) => {
        const bytes = mutate(Buffer.from(text), changes);
        const error = refusal(bytes);
        if (error === undefined) expect(parses(bytes)).toBe(true);
        else if (parses(bytes)) expect(error.message).toMatch(stricter);
      }),
      { numRuns: 3000 },
    );
  });

  test("accepts everything that JSON.stringify writes, and finds the members where they stand", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()),
        fc.nat(3),
        (value, indent) => {
          const bytes = Buffer.from(JSON.stringify(value, null, indent));
          const events = scan([bytes]).filter(([, depth]) => depth === 1);
          const found: Record<string, unknown> = {};
          for (let i = 0; i + 2 < events.length; i += 3) {
            const [key, start, end] = events.slice(i, i + 3);
            Object.defineProperty(found, key?.[2] ?? "", {
              value: JSON.parse(bytes.toString("utf8", start?.[3], end?.[3])) as unknown,
              enumerable: true,
            });
          }
          expect(Object.entries(found)).toEqual(Object.entries(JSON.parse(bytes.toString()) as object));
        },
      ),
    );
  });

  test("gives the same verdict, wherever the text is split", () => {
    fc.assert(
      fc.property(fc.json(), mutations, fc.nat(), (text, changes, position) => {
        const bytes = mutate(Buffer.from(text), changes);
        const at = position % (bytes.length + 1);
        const whole = refusal(bytes)?.message;
        const split = (() => {
          try {
            scan([bytes.subarray(0, at), bytes.subarray(at)]);
            return undefined;
          } catch (error) {
            return error instanceof AttestError ? error.message : error;
          }
        })();
        expect(split).toBe(whole);
      }),
      { numRuns: 2000 },
    );
  });
});
