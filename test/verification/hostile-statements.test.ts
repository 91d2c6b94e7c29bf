/**
 * Statements and bundles signed by the trusted key whose content means to be taken for something else, and policies
 * that are to be made to fail open. Each with the code that it has to fail with.
 */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { verifyWithPolicy } from "../../src/policy/decide.js";
import { readPolicy } from "../../src/policy/read.js";
import { compileIdentity } from "../../src/verification/identity.js";
import { verify } from "../../src/verification/verify.js";
import type { Attack } from "./attacks.js";
import {
  artifact,
  input,
  makeKey,
  predicateType,
  request,
  sha256,
  signBytes,
  signValue,
  statement,
} from "./support.js";
import { bent } from "./tampering.js";

const key = makeKey();
const gitCommit = createHash("sha1").update("a commit").digest("hex");
const sha512 = createHash("sha512").update("hello\n").digest("hex");
const question = request(key, {
  artifact: { ...artifact, digests: { sha256, sha512, gitCommit } },
  predicateType,
});
const zeros = "0".repeat(64);

const about = (digest: unknown, more: object = {}) =>
  statement({ subject: [{ name: "hello.txt", digest, ...more }] });
const text = JSON.stringify(statement());
/** The statement's text with one part of it replaced. */
const with_ = (from: string, to: string): string => {
  if (!text.includes(from)) throw new Error(`no ${from} in the statement`);
  return text.replace(from, to);
};

const attacks: readonly Attack[] = [
  [
    "a prefix of the digest",
    "STATEMENT_INVALID",
    (k) => signValue(about({ sha256: sha256.slice(0, 63) }), k),
  ],
  [
    "the same first half of the digest",
    "SUBJECT_MISMATCH",
    (k) => signValue(about({ sha256: sha256.slice(0, 32) + zeros.slice(32) }), k),
  ],
  ["the digest with a NUL", "STATEMENT_INVALID", (k) => signValue(about({ sha256: `${sha256}\0` }), k)],
  [
    "the digest with a line break",
    "STATEMENT_INVALID",
    (k) => signValue(about({ sha256: `${sha256}\n` }), k),
  ],
  [
    "the digest in full-width digits",
    "STATEMENT_INVALID",
    (k) => signValue(about({ sha256: sha256.replace(/\d/, "\uff11") }), k),
  ],
  ["the commit as sha1", "SUBJECT_WEAK_DIGEST", (k) => signValue(about({ sha1: gitCommit }), k)],
  ["the commit as a tree", "SUBJECT_WEAK_DIGEST", (k) => signValue(about({ gitTree: gitCommit }), k)],
  ["another commit", "SUBJECT_MISMATCH", (k) => signValue(about({ gitCommit: "0".repeat(40) }), k)],
  [
    "the commit, but another content",
    "SUBJECT_CONTRADICTION",
    (k) => signValue(about({ gitCommit, sha256: zeros }), k),
  ],
  ["the digest under another name", "STATEMENT_INVALID", (k) => signValue(about({ "sha-256": sha256 }), k)],
  ["the digest as SHA256", "STATEMENT_INVALID", (k) => signValue(about({ SHA256: sha256 }), k)],
  [
    "the digest as sha256 with a Cyrillic a",
    "SUBJECT_WEAK_DIGEST",
    (k) => signValue(about({ "sh\u0430256": sha256 }), k),
  ],
  ["the digest as sha512", "STATEMENT_INVALID", (k) => signValue(about({ sha512: sha256 }), k)],
  [
    "the digest in the annotations",
    "SUBJECT_MISMATCH",
    (k) => signValue(about({ sha256: zeros }, { annotations: { sha256 } }), k),
  ],
  [
    "the artifact as content",
    "SUBJECT_MISMATCH",
    (k) => signValue(about({ sha256: zeros }, { content: Buffer.from("hello\n").toString("base64") }), k),
  ],
  [
    "the artifact as uri",
    "SUBJECT_MISMATCH",
    (k) => signValue(about({ sha256: zeros }, { uri: `https://a.example/?sha256=${sha256}` }), k),
  ],
  [
    "the digest inherited by __proto__",
    "STATEMENT_INVALID",
    (k) => signBytes(with_(`{"sha256":"${sha256}"}`, `{"__proto__":{"sha256":"${sha256}"},"x":"aa"}`), k),
  ],
  [
    "the digest by the name __proto__",
    "SUBJECT_WEAK_DIGEST",
    (k) => signBytes(with_('"sha256"', '"__proto__"'), k),
  ],
  [
    "the subject inherited by __proto__",
    "STATEMENT_INVALID",
    (k) => signBytes(with_('"subject":', '"__proto__":'), k),
  ],
  ["everything inherited by __proto__", "STATEMENT_INVALID", (k) => signBytes(`{"__proto__":${text}}`, k)],
  [
    "a constructor in the place of the type",
    "STATEMENT_INVALID",
    (k) => signBytes(with_('"_type":', '"constructor":'), k),
  ],
  ["a lone surrogate in a name", "STATEMENT_INVALID", (k) => signBytes(with_("hello.txt", "\\ud800"), k)],
  ["a lone surrogate in a key", "STATEMENT_INVALID", (k) => signBytes(with_('"verdict"', '"\\udc00"'), k)],
  [
    "a key twice, once escaped",
    "STATEMENT_INVALID",
    (k) => signBytes(with_('"predicateType":', '"predicate\\u0054ype":"x","predicateType":'), k),
  ],
  [
    "a key twice inside the predicate",
    "STATEMENT_INVALID",
    (k) => signBytes(with_('"verdict":"good"', '"verdict":"bad","verdict":"good"'), k),
  ],
  ["a raw NUL in a text", "STATEMENT_INVALID", (k) => signBytes(with_("hello.txt", "hello\0.txt"), k)],
  ["a NUL after the statement", "STATEMENT_INVALID", (k) => signBytes(`${text}\0`, k)],
  ["a second statement on the next line", "STATEMENT_INVALID", (k) => signBytes(`${text}\n${text}`, k)],
  ["a record separator before it", "STATEMENT_INVALID", (k) => signBytes(`\x1e${text}`, k)],
  ["a comment", "STATEMENT_INVALID", (k) => signBytes(`/**/${text}`, k)],
  ["NaN in the predicate", "STATEMENT_INVALID", (k) => signBytes(with_('"good"', "NaN"), k)],
  ["single quotes", "STATEMENT_INVALID", (k) => signBytes(text.replaceAll('"', "'"), k)],
  [
    "the predicate type with a NUL",
    "STATEMENT_INVALID",
    (k) => signValue(statement({ predicateType: `${predicateType}\0` }), k),
  ],
  [
    "the predicate type with a Cyrillic e",
    "STATEMENT_INVALID",
    (k) => signValue(statement({ predicateType: predicateType.replace("v1", "\u0435") }), k),
  ],
  [
    "the predicate type with a slash at its end",
    "PREDICATE_TYPE",
    (k) => signValue(statement({ predicateType: `${predicateType}/` }), k),
  ],
  [
    "the predicate type in another case",
    "PREDICATE_TYPE",
    (k) => signValue(statement({ predicateType: predicateType.replace("review", "Review") }), k),
  ],
  ["a statement signed as plain JSON", "PAYLOAD_TYPE", (k) => signBytes(text, k, "application/json")],
  [
    "a statement signed as an in-toto link",
    "PAYLOAD_TYPE",
    (k) => signBytes(text, k, "application/vnd.in-toto.link+json"),
  ],
  [
    "a statement signed with parameters of the type",
    "PAYLOAD_TYPE",
    (k) => signBytes(text, k, "application/vnd.in-toto+json; charset=utf-8"),
  ],
  [
    "a layer that looks like a statement",
    "PAYLOAD_TYPE",
    (k) => signBytes(text, k, "application/vnd.oci.image.layer.v1.tar"),
  ],
  [
    "a statement inside a statement's predicate",
    "SUBJECT_MISMATCH",
    (k) => signValue({ ...about({ sha256: zeros }), predicate: statement() }, k),
  ],
  [
    "an envelope inside the envelope",
    "STATEMENT_INVALID",
    async (k) => signBytes(await signValue(statement(), k), k),
  ],
  bent("a hint of another key", "KEY_UNTRUSTED", (bundle) => {
    bundle.verificationMaterial["publicKey"] = { hint: makeKey().trusted.hint };
  }),
  bent("a key id of another key", "KEY_UNTRUSTED", (bundle) => {
    const [signature] = bundle.dsseEnvelope.signatures;
    if (signature !== undefined) signature.keyid = makeKey().trusted.hint;
  }),
  bent("a hint of two keys", "KEY_UNTRUSTED", (bundle) => {
    bundle.verificationMaterial["publicKey"] = { hint: `${key.trusted.hint},${makeKey().trusted.hint}` };
  }),
  bent("a key in the place of its hint", "BUNDLE_INVALID", (bundle) => {
    bundle.verificationMaterial["publicKey"] = { rawBytes: "AAAA" };
  }),
  bent("the media type of another version and no proof", "BUNDLE_INVALID", (bundle) => {
    bundle.mediaType = "application/vnd.dev.sigstore.bundle+json;version=0.1";
    bundle.verificationMaterial = { x509CertificateChain: { certificates: [{ rawBytes: "AA==" }] } };
    bundle.verificationMaterial["tlogEntries"] = [];
    bundle.verificationMaterial["publicKey"] = { hint: "" };
  }),
  bent("the media type with a second one", "BUNDLE_INVALID", (bundle) => {
    bundle.mediaType = ["application/vnd.dev.sigstore.bundle.v0.3+json"];
  }),
  bent("__proto__ in the bundle", "BUNDLE_INVALID", (bundle) => {
    Object.defineProperty(bundle, "__proto__", { value: {}, enumerable: true });
  }),
  bent("a payload in two alphabets", "BUNDLE_INVALID", (bundle) => {
    bundle.dsseEnvelope.payload = `${bundle.dsseEnvelope.payload.slice(0, -4)}-_+/`;
  }),
  bent("a payload with a NUL", "BUNDLE_INVALID", (bundle) => {
    bundle.dsseEnvelope.payload = `${bundle.dsseEnvelope.payload}\0`;
  }),
];

describe("a statement or bundle with", () => {
  test.each(attacks)("%s is refused (%s)", async (_name, code, forge) => {
    const { passed, failures, bundles } = await verify([input(await forge(key))], question);
    expect(passed).toBe(false);
    expect(bundles[0]?.failures.map((failure) => failure.code)).toContain(code);
    for (const { message, expected, got } of failures)
      for (const part of [message, expected, got]) expect(part).not.toBe("");
  });
});

describe("what only looks like an attack", () => {
  test.each([
    [
      "names like those of an object's own",
      { constructor: { name: "x" }, toString: 1, hasOwnProperty: null },
    ],
    ["a number beyond 2^53", { size: 9007199254740993n }],
  ] as const)("holds: %s", async (_name, predicate) => {
    const payload = JSON.stringify(statement({ predicate }), (_key, value: unknown) =>
      typeof value === "bigint" ? "@@" : value,
    ).replace('"@@"', "9007199254740993");
    const { bundles } = await verify([input(await signBytes(payload, key))], question);
    expect(bundles[0]?.failures).toEqual([]);
  });
});

const rule = (body: string): string =>
  `policy: p\nrules:\n  - name: r\n    predicateType: ${predicateType}\n${body}`;

async function outcomeOf(policy: string, predicate: unknown = { verdict: "good" }) {
  const bundle = await signValue(statement({ predicate }), key);
  const { passed, policy: decision } = await verifyWithPolicy(
    [input(bundle)],
    question,
    await readPolicy(policy),
  );
  return { passed, reason: decision?.rules[0]?.reason ?? "" };
}

describe("an expression that", () => {
  test.each([
    ["is no truth value (text)", `predicate.verdict`],
    ["is no truth value (number)", `1`],
    ["is no truth value (list)", `[true]`],
    ["is null", `null`],
    ["asks for a field that is not there", `predicate.approved`],
    ["negates a field that is not there", `!predicate.rejected`],
    ["compares a field that is not there", `predicate.approved != false`],
    ["asks deeper than there is", `predicate.verdict.by == "x"`],
    ["divides by zero", `1 / 0 == 1`],
    ["compares what can't be compared", `predicate.verdict < 1`],
    ["asks for another variable", `process.exit(0) == null`],
    ["asks for what objects inherit", `predicate.constructor != null`],
    ["asks for a prototype", `predicate.__proto__ != null`],
    ["is a pattern that is none", `predicate.verdict.matches("(")`],
    ["throws in a macro", `[1, 2].all(x, x.missing)`],
  ])("%s does not pass", async (_name, expression) => {
    const { passed, reason } = await outcomeOf(rule(`    cel: ${JSON.stringify(expression)}\n`));
    expect(passed).toBe(false);
    expect(reason).not.toBe("");
  });

  test("would backtrack elsewhere is soon told and does not pass", async () => {
    const expression = JSON.stringify('predicate.verdict.matches("^(a+)+$")');
    const { passed, reason } = await outcomeOf(rule(`    cel: ${expression}\n`), {
      verdict: `${"a".repeat(60)}!`,
    });
    expect(passed).toBe(false);
    expect(reason).toContain("false");
  });

  test("loops for ever is stopped and does not pass", async () => {
    const list = Array.from({ length: 300 }, (_, at) => at);
    const nested = ["a", "b", "c", "d", "e"].reduceRight(
      (inner, name) => `predicate.list.all(${name}, ${inner})`,
      "true",
    );
    const { passed, reason } = await outcomeOf(rule(`    cel: ${JSON.stringify(nested)}\n`), { list });
    expect(passed).toBe(false);
    expect(reason).toContain("still running");
  });
});

describe("a policy file with", () => {
  test.each([
    ["an alias", `policy: &a p\nrules:\n  - name: *a\n    cel: "true"\n`],
    ["aliases that blow up", `policy: p\nx: &a [1,1]\ny: &b [*a,*a]\nz: &c [*b,*b]\nrules: [*c]\n`],
    ["a merge key", `policy: p\nrules:\n  - name: r\n    <<: { cel: "true" }\n`],
    ["a key twice", `policy: p\npolicy: q\nrules:\n  - { name: r, cel: "true" }\n`],
    ["a rule's key twice", rule(`    cel: "false"\n    cel: "true"\n`)],
    ["two documents", `policy: p\nrules:\n  - { name: r, cel: "false" }\n---\npolicy: p\n`],
    ["a tag for code", `policy: p\nrules: !!js/function "function () {}"\n`],
    ["a tag in a condition", rule(`    cel: !<tag:example.com,2026:x> "true"\n`)],
    ["an expression that is true and no text", rule(`    cel: true\n`)],
    ["an expression that is no CEL", rule(`    cel: "predicate.("\n`)],
    ["an empty expression", rule(`    cel: ""\n`)],
    ["a condition with another spelling", rule(`    CEL: "true"\n`)],
    ["a rule without condition or type", `policy: p\nrules:\n  - name: r\n`],
    ["no rules", `policy: p\nrules: []\n`],
    ["rules that are an object", `policy: p\nrules: { name: r }\n`],
    ["__proto__ as a rule's field", rule(`    __proto__: { cel: "true" }\n`)],
    ["a pattern that takes everything", rule(`    builderId: { pattern: ".*" }\n`)],
    ["a pattern that only counts", rule(`    builderId: { pattern: ".{30,}" }\n`)],
    ["a pattern that is none", rule(`    builderId: { pattern: "(" }\n`)],
    ["an age that is no number", rule(`    maxAgeDays: "7"\n`)],
    ["an age below zero", rule(`    maxAgeDays: -1\n`)],
    ["an age without end", rule(`    maxAgeDays: .inf\n`)],
    ["a severity that is none", rule(`    noFindingsFrom: severe\n`)],
    ["very deep nesting", `policy: p\nrules: ${"[".repeat(20_000)}`],
  ])("%s is POLICY_INVALID", async (_name, policy) => {
    await expect(readPolicy(policy)).rejects.toMatchObject({ code: "POLICY_INVALID" });
  });
});

describe("a pattern for an identity", () => {
  test.each([
    ".*",
    ".+",
    "",
    "[^]*",
    "(?:.|\\s)*",
    ".{20,}",
    "https?://.+",
    ".*@.*",
    "\\S+",
    "a|.*",
    "^.*$",
    "(?=.).*",
    "[\\x00-\\x7f]{5,}",
  ])("that takes anybody is ARGUMENT_INVALID: %s", (pattern) => {
    const issuer = { exact: "https://issuer.example" };
    expect(() => compileIdentity({ subject: { pattern }, issuer })).toThrow(/ARGUMENT_INVALID/);
    expect(() => compileIdentity({ subject: { exact: "a" }, issuer: { pattern } })).toThrow(
      /ARGUMENT_INVALID/,
    );
  });
});
