import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { AttestError } from "../../src/error.js";
import { statementLimits } from "../../src/statement/limits.js";
import { readStatement, type ReadStatement } from "../../src/statement/read.js";
import fc from "../support/property.js";
import { scratch } from "../support/scratch.js";

const files = scratch();
const sha256 = "a".repeat(64);

const fields = {
  _type: '"https://in-toto.io/Statement/v1"',
  subject: `[{"name":"x","digest":{"sha256":"${sha256}"}}]`,
  predicateType: '"https://example.com/p/v1"',
  predicate: '{"a":1}',
};

/** A statement's text with some members replaced, added, or (undefined) left out. */
function statement(changes: Record<string, string | undefined> = {}): string {
  const members = Object.entries({ ...fields, ...changes }).filter(([, value]) => value !== undefined);
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`;
}

async function read(content: string | Uint8Array, limits = statementLimits): Promise<ReadStatement> {
  return readStatement(await files.write(content), limits);
}

async function refusal(content: string | Uint8Array): Promise<AttestError> {
  const error: unknown = await read(content).then(
    () => new Error("it was accepted"),
    (reason: unknown) => reason,
  );
  if (error instanceof AttestError) return error;
  throw error;
}

describe("readStatement", () => {
  test("returns header, place of the predicate, size and digest", async () => {
    const text = statement();
    const found = await read(text);
    expect(found).toEqual({
      header: {
        type: "https://in-toto.io/Statement/v1",
        subjects: [{ name: "x", digest: { sha256 } }],
        predicateType: "https://example.com/p/v1",
      },
      predicate: { start: text.indexOf('{"a":1}'), end: text.length - 1 },
      size: text.length,
      sha256: createHash("sha256").update(text).digest("hex"),
    });
  });

  test("takes fields in any order, white space, and fields that it does not know", async () => {
    const text = `\n{ "predicate" : {"a":1} ,"extension":{"x":[null]},"subject":[{"digest":{"sha256":"${sha256}"},
      "extension":1}],"predicateType":"https://example.com/p/v1", "_type":"https://in-toto.io/Statement/v1" }\n`;
    const { header, predicate } = await read(text);
    expect(text.slice(predicate.start, predicate.end)).toBe('{"a":1}');
    expect(header.subjects).toEqual([{ digest: { sha256 } }]);
  });

  test("takes Statement v0.1 as cosign writes it", async () => {
    const { header } = await read(
      `{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://cyclonedx.org/bom",` +
        `"subject":[{"name":"localhost:5000/app","digest":{"sha256":"${sha256}"}}],"predicate":{}}`,
    );
    expect(header.type).toBe("https://in-toto.io/Statement/v0.1");
  });

  test("takes a string as predicate for https://spdx.dev/Document only", async () => {
    const predicate = '"SPDXVersion: SPDX-2.3"';
    await read(statement({ predicate, predicateType: '"https://spdx.dev/Document"' }));
    expect((await refusal(statement({ predicate }))).problems[0]?.path).toBe("predicate");
  });

  test("reports all problems at once, by path", async () => {
    const error = await refusal(
      `{"_type":"x","Subject":[],"subject":[null,{"name":1,"digest":{"sha256":"A"}}],"predicateType":7}`,
    );
    expect(error.code).toBe("STATEMENT_INVALID");
    expect(error.problems.map(({ path }) => path)).toEqual([
      "_type",
      "subject[0]",
      "subject[1].name",
      "subject[1].digest.sha256",
      "predicateType",
      "predicate",
      "",
    ]);
  });

  test("names its limits", async () => {
    const limits = { ...statementLimits, bytes: 100 };
    await expect(read(statement(), limits)).rejects.toThrow(
      /LIMIT_EXCEEDED.*\n.*at most 0 MiB \(100 bytes\)/,
    );
    const header = { ...statementLimits, headerBytes: 250 };
    await expect(read(statement({ x: `"${"y".repeat(100)}"` }), header)).rejects.toThrow(
      /outside its predicate/,
    );
    await read(statement({ predicate: `{"x":"${"y".repeat(300)}"}` }), header);
  });
});

describe("what is no statement is named, with what to do", () => {
  const bundle =
    '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{},"dsseEnvelope":{}}';
  test.each([
    ["an empty file", "", "an empty file", "holds JSON"],
    ["white space", " \n", "not JSON", "one JSON document"],
    ["gzip", gzipSync(statement()), "gzip data", "gunzip"],
    ["zstd", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0), "zstd data", "zstd -d"],
    ["HTML", "<!DOCTYPE html>\n<html>", "HTML or XML", "download"],
    [
      "an SPDX tag-value document",
      "SPDXVersion: SPDX-2.3",
      "an SPDX document in tag-value form",
      "SPDX JSON",
    ],
    [
      "a DSSE envelope",
      '{"payload":"e30=","payloadType":"x","signatures":[]}',
      "a signed DSSE envelope",
      "`open`",
    ],
    ["a bundle", bundle, "a signed Sigstore bundle", "`open`"],
    [
      "bundles in JSON lines",
      `${bundle}\n${bundle}\n`,
      "a signed Sigstore bundle with something behind",
      "single line",
    ],
    [
      "statements in JSON lines",
      `${statement()}\n${statement()}\n`,
      "a JSON document with something behind",
      "jsonl",
    ],
    ["an SPDX document", '{"spdxVersion":"SPDX-2.3"}', "an SPDX document", "https://spdx.dev/Document"],
    [
      "an SPDX 3 document",
      '{"@context":"x","@graph":[]}',
      "an SPDX 3 document",
      "https://spdx.dev/Document/v3",
    ],
    [
      "a CycloneDX document",
      '{"bomFormat":"CycloneDX"}',
      "a CycloneDX document",
      "https://cyclonedx.org/bom",
    ],
    [
      "an OpenVEX document",
      '{"@context":"x","statements":[]}',
      "an OpenVEX document",
      "https://openvex.dev/ns",
    ],
    ["an old link", '{"signed":{},"signatures":[]}', "an old in-toto link", "attestation/link"],
    ["a bare provenance", '{"buildDefinition":{},"runDetails":{}}', "a bare SLSA", "slsa.dev/provenance/v1"],
    ["an OCI manifest", '{"schemaVersion":2,"config":{},"layers":[]}', "an OCI image manifest", "layer"],
    ["an array", "[]", "a JSON array", "one in-toto statement"],
    ["a string", '"x"', "a JSON string", "one in-toto statement"],
  ])("%s", async (_name, content, what, next) => {
    const error = await refusal(content);
    expect(error.message).toContain(what);
    expect(error.next).toContain(next);
  });
});

describe("hostile statements (those that cosign 3.1.2 was tried with)", () => {
  const twice = statement().replace('"subject":', '"subject":[],"subject":');
  const manySubjects = (count: number) =>
    `[${Array.from({ length: count }, () => fields.subject.slice(1, -1)).join(",")}]`;
  const digests = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`x${i}`, "1"]));
  test.each([
    ["duplicate key subject", twice, "subject: a key once in its object"],
    [
      "duplicate key predicateType",
      `${statement().slice(0, -1)},"predicateType":"https://x.example/"}`,
      "predicateType: a key once",
    ],
    [
      "duplicate key written with an escape",
      `${statement().slice(0, -1)},"\\u0073ubject":[]}`,
      "subject: a key once",
    ],
    [
      "duplicate digest",
      statement({ subject: `[{"digest":{"sha256":"${sha256}","sha256":"${"b".repeat(64)}"}}]` }),
      "subject[0].digest.sha256: a key once",
    ],
    [
      "duplicate key deep in the predicate",
      statement({ predicate: '{"a":[{"b":1,"b":2}]}' }),
      "predicate.a[0].b: a key once",
    ],
    ["case variant", statement({ PredicateType: '"https://x.example/"' }), "the field name predicateType"],
    ["case variant with a long s", statement({ "\u017fubject": "[]" }), "the field name subject"],
    ["trailing JSON", `${statement()}{}`, "nothing after the document"],
    ["trailing text", `${statement()} x`, "nothing after the document"],
    ["byte order mark", `\ufeff${statement()}`, "byte order mark"],
    [
      "invalid UTF-8",
      Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff), Buffer.from('"}')]),
      "UTF-8 expected, got byte 0xff",
    ],
    [
      "_type unknown",
      statement({ _type: '"https://in-toto.io/Statement/v2"' }),
      "_type: https://in-toto.io/Statement/v1",
    ],
    ["_type missing", statement({ _type: undefined }), "_type: https://in-toto.io/Statement/v1 or"],
    ["predicate missing", statement({ predicate: undefined }), "predicate: an object expected, got nothing"],
    ["predicate null", statement({ predicate: "null" }), "predicate: an object expected, got null"],
    ["predicate a string", statement({ predicate: '"x"' }), "predicate: an object"],
    ["predicateType empty", statement({ predicateType: '""' }), "predicateType: a URI"],
    [
      "upper-case hex digest",
      statement({ subject: `[{"digest":{"sha256":"${sha256.toUpperCase()}"}}]` }),
      "got upper-case",
    ],
    ["empty subject list", statement({ subject: "[]" }), "at least one subject"],
    ["null subject list", statement({ subject: "null" }), "an array of subjects expected, got null"],
    ["null subject", statement({ subject: "[null]" }), "subject[0]: an object expected, got null"],
    ["empty digest", statement({ subject: '[{"digest":{}}]' }), "at least one digest"],
    ["1025 subjects", statement({ subject: manySubjects(1025) }), "at most 1024 subjects expected, got 1025"],
    [
      "33 digests",
      statement({ subject: `[{"digest":${JSON.stringify(digests)}}]` }),
      "at most 32 digests expected, got 33",
    ],
    [
      "nesting of 9 000",
      statement({ predicate: `{"a":${"[".repeat(9000)}${"]".repeat(9000)}}` }),
      "at most 512",
    ],
    ["nesting of 20 000, unclosed", `{"predicate":${"[".repeat(20_000)}`, "at most 512"],
    ["number 1e400", statement({ predicate: '{"a":1e400}' }), "a number that fits a double"],
    [
      "a member named __proto__",
      statement({ subject: '[{"__proto__":{"digest":{"sha256":"x"}}}]' }),
      "subject[0].digest: a digest expected, got nothing",
    ],
  ])("%s", async (_name, content, message) => {
    expect((await refusal(content)).message).toContain(message);
  });

  test("__proto__ in a header pollutes nothing and is not taken over", async () => {
    const { header } = await read(
      statement({
        subject: `[{"digest":{"sha256":"${sha256}"},"__proto__":{"name":"evil"},"annotations":{"__proto__":1}}]`,
      }),
    );
    expect(header.subjects[0]?.name).toBeUndefined();
    expect(Object.keys(header.subjects[0] ?? {})).toEqual(["digest", "annotations"]);
  });
});

test("whatever the bytes are, they are read or refused with an AttestError", async () => {
  const texts = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .tuple(fc.constantFrom(...Object.keys(fields)), fc.json())
      .map(([field, value]) => Buffer.from(statement({ [field]: value }))),
    fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([position, byte]) => {
      const bytes = Buffer.from(statement());
      bytes[position % bytes.length] = byte;
      return bytes;
    }),
  );
  await fc.assert(
    fc.asyncProperty(texts, async (bytes) => {
      const error: unknown = await read(bytes).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error === undefined || error instanceof AttestError).toBe(true);
    }),
    { numRuns: 500 },
  );
});
