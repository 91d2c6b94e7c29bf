import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { describe, expect, test } from "vitest";

import { AttestError } from "../../src/error.js";
import { statementLimits } from "../../src/statement/limits.js";
import { extractPredicate, readStatement } from "../../src/statement/read.js";
import type { JsonValue, Subject } from "../../src/statement/types.js";
import { checkPredicate, writeStatement } from "../../src/statement/write.js";
import fc from "../support/property.js";
import { scratch } from "../support/scratch.js";

const files = scratch();
const sha256 = "a".repeat(64);
const sha512 = "b".repeat(128);
const subjects: readonly Subject[] = [{ name: "x", digest: { sha256 } }];
const predicateType = "https://example.com/p/v1";

async function write(
  predicate: string | Uint8Array,
  changes: Partial<Parameters<typeof writeStatement>[0]> = {},
) {
  const outPath = changes.outPath ?? (await files.path());
  const predicatePath = await files.write(predicate);
  const written = await writeStatement({ subjects, predicateType, predicatePath, ...changes, outPath });
  return { ...written, outPath, bytes: await readFile(outPath) };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof AttestError ? error.code : `not an AttestError: ${String(error)}`;
}

describe("writeStatement", () => {
  test("puts the predicate's bytes into a statement, verbatim but for white space around them", async () => {
    const { bytes, sha256: digest, size } = await write('\n {"b" : 1.50,\t"a":"\\u00e9é"}\r\n');
    expect(bytes.toString()).toBe(
      `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"${sha256}"}}],` +
        `"predicateType":"https://example.com/p/v1","predicate":{"b" : 1.50,\t"a":"\\u00e9é"}}`,
    );
    expect(size).toBe(bytes.length);
    expect(digest).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  test("gives the same bytes, in whatever order fields and digests come", async () => {
    const one = await write("{}", {
      subjects: [{ name: "x", uri: "pkg:npm/x", digest: { sha512, sha256 }, mediaType: "text/plain" }],
    });
    const other = await write("{}", {
      subjects: [{ mediaType: "text/plain", digest: { sha256, sha512 }, uri: "pkg:npm/x", name: "x" }],
    });
    expect(other.bytes).toEqual(one.bytes);
    expect(one.bytes.toString()).toContain(`"digest":{"sha256":"${sha256}","sha512":"${sha512}"}`);
  });

  test("accepts a string where cosign makes one, and only there", async () => {
    const text = JSON.stringify("SPDXVersion: SPDX-2.3\n");
    const spdx = "https://spdx.dev/Document";
    expect((await write(text, { predicateType: spdx })).bytes.toString()).toContain(`"predicate":${text}}`);
    await expect(write(text)).rejects.toThrow(
      "predicate: an object (a string only for https://spdx.dev/Document) expected, got a JSON string",
    );
    await expect(write("[]", { predicateType: spdx })).rejects.toThrow(
      "an object expected, got a JSON array",
    );
  });

  test.each([
    ["[1]", "STATEMENT_INVALID", "predicate: an object expected, got a JSON array"],
    ["null", "STATEMENT_INVALID", "predicate: an object expected, got null"],
    ["", "JSON_INVALID", "the predicate is an empty file, not JSON"],
    ["SPDXVersion: SPDX-2.3\n", "JSON_INVALID", "an SPDX document in tag-value form"],
    ["\ufeff{}", "JSON_INVALID", "byte order mark"],
    ['{"a":1', "JSON_INVALID", "the predicate is not JSON"],
    ['{"a":1,"a":1}', "JSON_INVALID", "the predicate repeats keys"],
    ["{}{}", "JSON_INVALID", "nothing after the document"],
    ['{"a":1e400}', "JSON_INVALID", "a number that fits a double"],
    [`${'{"a":'.repeat(600)}1`, "LIMIT_EXCEEDED", "at most 512 arrays and objects"],
  ])("refuses the predicate %.40j and leaves nothing behind", async (predicate, code, message) => {
    const directory = await files.path();
    await mkdir(directory);
    const outPath = join(directory, "out.json");
    const error = await write(predicate, { outPath }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(await readdir(directory)).toEqual([]);
  });

  test("keeps an existing file when it fails, and replaces it when it does not", async () => {
    const outPath = await files.write("before");
    await expect(write("{", { outPath })).rejects.toThrow(AttestError);
    expect(await readFile(outPath, "utf8")).toBe("before");
    await write("{}", { outPath });
    expect(await readFile(outPath, "utf8")).toContain('"predicate":{}}');
  });

  test("can replace the very file that the predicate stands in", async () => {
    const path = await files.write('{"a":1}');
    await writeStatement({ subjects, predicateType, predicatePath: path, outPath: path });
    expect(await readFile(path, "utf8")).toContain('"predicate":{"a":1}}');
  });

  test("reports everything that is wrong with the header at once", async () => {
    const wrong = write("{}", {
      predicateType: "nope",
      subjects: [{ digest: {} }, { digest: { sha256: "abc" } }],
    });
    await expect(wrong).rejects.toThrow(
      [
        "STATEMENT_INVALID: the statement breaks the in-toto specification",
        "  subject[0].digest: at least one digest expected, got none",
        "  subject[1].digest.sha256: 64 lower-case hex characters expected, got 3",
        '  predicateType: a URI with scheme expected, got "nope"',
      ].join("\n"),
    );
  });

  test("refuses no subject, and a name that other readers would read otherwise", async () => {
    await expect(write("{}", { subjects: [] })).rejects.toThrow(
      "subject: at least one subject expected, got none",
    );
    const name = "\ud800";
    expect(await codeOf(write("{}", { subjects: [{ name, digest: { sha256 } }] }))).toBe("JSON_INVALID");
  });

  test("names the size limit and cosign's", async () => {
    const limits = { ...statementLimits, bytes: 300 };
    const error = write(`{"a":"${"x".repeat(200)}"}`, { limits });
    await expect(error).rejects.toThrow(
      /LIMIT_EXCEEDED: the statement is too large\n {2}at most 0 MiB \(300 bytes\)/,
    );
    await expect(error).rejects.toThrow(/cosign stops at 128 MiB/);
    const header = { ...statementLimits, headerBytes: 100 };
    expect(await codeOf(write("{}", { limits: header }))).toBe("LIMIT_EXCEEDED");
  });

  test("refuses more than 512 MiB unless told otherwise, before it reads them", async () => {
    const predicatePath = await files.write("{}");
    await truncate(predicatePath, 512 * 1024 * 1024);
    const outPath = await files.path();
    const error = writeStatement({ subjects, predicateType, predicatePath, outPath });
    await expect(error).rejects.toThrow("at most 512 MiB (536870912 bytes) expected, got 512 MiB (536871");
  });

  test.each([
    ["a missing file", "missing"],
    ["a directory", "."],
  ])("refuses %s", async (_name, relative) => {
    const predicatePath = join(dirname(await files.path()), relative);
    const outPath = await files.path();
    const error = writeStatement({ subjects, predicateType, predicatePath, outPath });
    expect(await codeOf(error)).toBe("ARGUMENT_INVALID");
  });
});

describe("checkPredicate", () => {
  test("accepts and refuses what writeStatement does, without writing", async () => {
    const predicatePath = await files.write('{"a":1}');
    await expect(checkPredicate({ predicateType, predicatePath })).resolves.toBeUndefined();
    expect(await codeOf(checkPredicate({ predicateType: "nope", predicatePath }))).toBe("STATEMENT_INVALID");
    const broken = await files.write('{"a":1');
    expect(await codeOf(checkPredicate({ predicateType, predicatePath: broken }))).toBe("JSON_INVALID");
    const text = await files.write('"a"');
    expect(await codeOf(checkPredicate({ predicateType, predicatePath: text }))).toBe("STATEMENT_INVALID");
  });
});

describe("what is written", () => {
  const hex = (length: number) =>
    fc
      .array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length })
      .map((c) => c.join(""));
  const digest = fc
    .record(
      { sha256: hex(64), sha512: hex(128), gitCommit: hex(40), arn: fc.string({ minLength: 1 }) },
      { requiredKeys: ["sha256"] },
    )
    .map((set) => ({ ...set }));
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
  const name = fc.string({ unit: "grapheme" });
  const subject = fc
    .record(
      { digest, name, mediaType: name, uri: fc.webUrl(), annotations: fc.dictionary(name, json) },
      { requiredKeys: ["digest"] },
    )
    .map((value): Subject => ({ ...value }));

  test("is read back as it was, and the predicate comes out byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(subject, { minLength: 1, maxLength: 4 }),
        fc.dictionary(name, json),
        fc.nat(2),
        async (given, predicate, indent) => {
          const text = JSON.stringify(predicate, null, indent);
          const {
            outPath,
            size,
            sha256: digestOfFile,
            bytes,
          } = await write(`\n${text} `, { subjects: given });
          const read = await readStatement(outPath);
          expect(read.header).toEqual({
            type: "https://in-toto.io/Statement/v1",
            subjects: given,
            predicateType,
          });
          expect(read).toMatchObject({ size, sha256: digestOfFile });
          const extracted = await files.path();
          await extractPredicate(outPath, read.predicate, extracted);
          expect(await readFile(extracted, "utf8")).toBe(text);
          const again = await write(text, { subjects: read.header.subjects });
          expect(again.bytes.equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("passes in pieces when it is larger than one, ending at any byte of a piece", async () => {
    for (const length of [1024 * 1024 - 8, 1024 * 1024 - 7, 1024 * 1024 - 6, 3 * 1024 * 1024]) {
      const text = `{"a":"${"é".repeat(length / 2)}"}`;
      const { outPath } = await write(`${text}  \n`);
      const { predicate } = await readStatement(outPath);
      const extracted = await files.path();
      const { size, sha256: digestOfPredicate } = await extractPredicate(outPath, predicate, extracted);
      expect(size).toBe(Buffer.byteLength(text));
      expect(digestOfPredicate).toBe(createHash("sha256").update(text).digest("hex"));
      const file = await open(extracted);
      expect((await file.stat()).size).toBe(size);
      await file.close();
    }
  });

  test("a range that the file no longer has is refused", async () => {
    const path = await files.path();
    await writeFile(path, "{}");
    const error = extractPredicate(path, { start: 0, end: 3 }, await files.path());
    expect(await codeOf(error)).toBe("ARGUMENT_INVALID");
  });
});
