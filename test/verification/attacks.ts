import { createHash } from "node:crypto";
import { predicateType, sha256, signBytes, signValue, statement, type KeyPair } from "./support.js";

/**
 * Attacks with a valid signature: what a producer with the trusted key could be made to sign, or what two
 * readers could take for different things. Each with the code that it has to fail with.
 */
export type Attack = readonly [name: string, code: string, forge: (key: KeyPair) => Promise<Buffer | string>];

const subject = (digest: unknown, more: Readonly<Record<string, unknown>> = {}) =>
  statement({ subject: [{ name: "hello.txt", digest, ...more }] });
const without = (name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(statement()).filter(([key]) => key !== name));
const other = createHash("sha256").update("other").digest("hex");
const sha1 = createHash("sha1").update("hello\n").digest("hex");
const md5 = createHash("md5").update("hello\n").digest("hex");

/** Statements that are JSON, and wrong. */
export const statementAttacks: readonly Attack[] = [
  [
    "unknown _type",
    "STATEMENT_INVALID",
    (key) => signValue(statement({ _type: "https://in-toto.io/Statement/v2" }), key),
  ],
  [
    "_type with a trailing slash",
    "STATEMENT_INVALID",
    (key) => signValue(statement({ _type: "https://in-toto.io/Statement/v1/" }), key),
  ],
  [
    "_type in another case",
    "STATEMENT_INVALID",
    (key) => signValue(statement({ _type: "https://in-toto.io/statement/v1" }), key),
  ],
  ["_type missing", "STATEMENT_INVALID", (key) => signValue(without("_type"), key)],
  ["_type null", "STATEMENT_INVALID", (key) => signValue(statement({ _type: null }), key)],
  [
    "_type a list",
    "STATEMENT_INVALID",
    (key) => signValue(statement({ _type: ["https://in-toto.io/Statement/v1"] }), key),
  ],
  ["subject missing", "STATEMENT_INVALID", (key) => signValue(without("subject"), key)],
  ["subject null", "STATEMENT_INVALID", (key) => signValue(statement({ subject: null }), key)],
  ["subject empty", "STATEMENT_INVALID", (key) => signValue(statement({ subject: [] }), key)],
  [
    "subject an object",
    "STATEMENT_INVALID",
    (key) => signValue(statement({ subject: { digest: { sha256 } } }), key),
  ],
  ["subject a text", "STATEMENT_INVALID", (key) => signValue(statement({ subject: sha256 }), key)],
  ["a null subject", "STATEMENT_INVALID", (key) => signValue(statement({ subject: [null] }), key)],
  [
    "a null next to the subject",
    "STATEMENT_INVALID",
    (key) => signValue(statement({ subject: [{ name: "a", digest: { sha256 } }, null] }), key),
  ],
  [
    "a subject without digest",
    "STATEMENT_INVALID",
    (key) => signValue(statement({ subject: [{ name: "hello.txt" }] }), key),
  ],
  ["an empty digest set", "STATEMENT_INVALID", (key) => signValue(subject({}), key)],
  ["a null digest set", "STATEMENT_INVALID", (key) => signValue(subject(null), key)],
  ["digests as a list", "STATEMENT_INVALID", (key) => signValue(subject([sha256]), key)],
  ["an empty digest", "STATEMENT_INVALID", (key) => signValue(subject({ sha256: "" }), key)],
  ["a null digest", "STATEMENT_INVALID", (key) => signValue(subject({ sha256: null }), key)],
  ["a digest in a list", "STATEMENT_INVALID", (key) => signValue(subject({ sha256: [sha256] }), key)],
  [
    "an upper-case digest",
    "STATEMENT_INVALID",
    (key) => signValue(subject({ sha256: sha256.toUpperCase() }), key),
  ],
  [
    "a digest with its algorithm",
    "STATEMENT_INVALID",
    (key) => signValue(subject({ sha256: `sha256:${sha256}` }), key),
  ],
  [
    "a digest cut short",
    "STATEMENT_INVALID",
    (key) => signValue(subject({ sha256: sha256.slice(0, 62) }), key),
  ],
  ["a digest with a blank", "STATEMENT_INVALID", (key) => signValue(subject({ sha256: `${sha256} ` }), key)],
  [
    "a digest with a line break",
    "STATEMENT_INVALID",
    (key) => signValue(subject({ sha256: `${sha256}\n` }), key),
  ],
  [
    "a digest that is no hex",
    "STATEMENT_INVALID",
    (key) => signValue(subject({ sha256: "g".repeat(64) }), key),
  ],
  ["the algorithm as SHA256", "STATEMENT_INVALID", (key) => signValue(subject({ SHA256: sha256 }), key)],
  ["the algorithm as sha-256", "STATEMENT_INVALID", (key) => signValue(subject({ "sha-256": sha256 }), key)],
  [
    "1025 subjects",
    "STATEMENT_INVALID",
    (key) =>
      signValue(
        statement({
          subject: Array.from({ length: 1025 }, (_, i) => ({ name: `n${i}`, digest: { sha256 } })),
        }),
        key,
      ),
  ],
  [
    "33 digests",
    "STATEMENT_INVALID",
    (key) =>
      signValue(
        subject(
          Object.fromEntries(Array.from({ length: 33 }, (_, i) => [i === 0 ? "sha256" : `x${i}`, sha256])),
        ),
        key,
      ),
  ],
  ["a name that is no text", "STATEMENT_INVALID", (key) => signValue(subject({ sha256 }, { name: 7 }), key)],
  [
    "v0.1 with a name twice",
    "STATEMENT_INVALID",
    (key) =>
      signValue(
        statement({
          _type: "https://in-toto.io/Statement/v0.1",
          subject: [
            { name: "a", digest: { sha256 } },
            { name: "a", digest: { sha256: other } },
          ],
        }),
        key,
      ),
  ],
  [
    "v0.1 without a name",
    "STATEMENT_INVALID",
    (key) =>
      signValue(
        statement({ _type: "https://in-toto.io/Statement/v0.1", subject: [{ digest: { sha256 } }] }),
        key,
      ),
  ],
  ["predicateType missing", "STATEMENT_INVALID", (key) => signValue(without("predicateType"), key)],
  ["predicateType empty", "STATEMENT_INVALID", (key) => signValue(statement({ predicateType: "" }), key)],
  ["predicateType null", "STATEMENT_INVALID", (key) => signValue(statement({ predicateType: null }), key)],
  [
    "predicateType no URI",
    "STATEMENT_INVALID",
    (key) => signValue(statement({ predicateType: "review" }), key),
  ],
  [
    "predicateType in upper case",
    "STATEMENT_INVALID",
    (key) => signValue(statement({ predicateType: "HTTPS://EXAMPLE.COM/review/v1" }), key),
  ],
  ["predicate missing", "PREDICATE_MISSING", (key) => signValue(without("predicate"), key)],
  ["predicate null", "PREDICATE_MISSING", (key) => signValue(statement({ predicate: null }), key)],
  ["predicate a text", "STATEMENT_INVALID", (key) => signValue(statement({ predicate: "good" }), key)],
  [
    "predicate a list",
    "STATEMENT_INVALID",
    (key) => signValue(statement({ predicate: [{ verdict: "good" }] }), key),
  ],
  ["predicate a number", "STATEMENT_INVALID", (key) => signValue(statement({ predicate: 1 }), key)],
  ["predicate true", "STATEMENT_INVALID", (key) => signValue(statement({ predicate: true }), key)],
  ["statement a list", "STATEMENT_INVALID", (key) => signValue([statement()], key)],
  ["statement null", "STATEMENT_INVALID", (key) => signValue(null, key)],
  ["statement a text", "STATEMENT_INVALID", (key) => signValue(JSON.stringify(statement()), key)],
  ["statement a number", "STATEMENT_INVALID", (key) => signValue(7, key)],
  [
    "provenance without builder",
    "STATEMENT_INVALID",
    (key) =>
      signValue(
        statement({
          predicateType: "https://slsa.dev/provenance/v1",
          predicate: {
            buildDefinition: { buildType: "https://example.com/b", externalParameters: {} },
            runDetails: {},
          },
        }),
        key,
      ),
  ],
  [
    "provenance with an empty build type",
    "STATEMENT_INVALID",
    (key) =>
      signValue(
        statement({
          predicateType: "https://slsa.dev/provenance/v1",
          predicate: {
            buildDefinition: { buildType: "", externalParameters: {} },
            runDetails: { builder: { id: "x" } },
          },
        }),
        key,
      ),
  ],
  [
    "a VSA with another verdict",
    "STATEMENT_INVALID",
    (key) =>
      signValue(
        statement({
          predicateType: "https://slsa.dev/verification_summary/v1",
          predicate: {
            verifier: { id: "v" },
            resourceUri: "r",
            policy: { uri: "p" },
            verificationResult: "passed",
            verifiedLevels: [],
          },
        }),
        key,
      ),
  ],
];

/** Statements about something else, or about this artifact by the wrong means. */
export const subjectAttacks: readonly Attack[] = [
  ["another artifact", "SUBJECT_MISMATCH", (key) => signValue(subject({ sha256: other }), key)],
  [
    "another artifact under this name",
    "SUBJECT_MISMATCH",
    (key) => signValue(subject({ sha256: other }, { name: "hello.txt" }), key),
  ],
  ["sha1 alone", "SUBJECT_WEAK_DIGEST", (key) => signValue(subject({ sha1 }), key)],
  ["md5 alone", "SUBJECT_WEAK_DIGEST", (key) => signValue(subject({ md5 }), key)],
  ["sha1 and md5", "SUBJECT_WEAK_DIGEST", (key) => signValue(subject({ sha1, md5 }), key)],
  [
    "the right sha1 and a wrong sha256",
    "SUBJECT_MISMATCH",
    (key) => signValue(subject({ sha1, sha256: other }), key),
  ],
  [
    "the right sha256 and a wrong sha512",
    "SUBJECT_CONTRADICTION",
    (key) => signValue(subject({ sha256, sha512: "0".repeat(128) }), key),
  ],
  [
    "a wrong sha256 and the right sha512",
    "SUBJECT_CONTRADICTION",
    (key) =>
      signValue(
        subject({ sha256: other, sha512: createHash("sha512").update("hello\n").digest("hex") }),
        key,
      ),
  ],
  ["the digest as git blob", "SUBJECT_WEAK_DIGEST", (key) => signValue(subject({ gitBlob: sha256 }), key)],
  [
    "the digest as sha512_256",
    "SUBJECT_WEAK_DIGEST",
    (key) => signValue(subject({ sha512_256: sha256 }), key),
  ],
  [
    "the digest under a name of its own",
    "SUBJECT_WEAK_DIGEST",
    (key) => signValue(subject({ mine: sha256 }), key),
  ],
  [
    "the digest in the name",
    "SUBJECT_MISMATCH",
    (key) => signValue(subject({ sha256: other }, { name: sha256 }), key),
  ],
  [
    "the digest in an annotation",
    "SUBJECT_MISMATCH",
    (key) => signValue(subject({ sha256: other }, { annotations: { sha256 } }), key),
  ],
  [
    "the digest as content",
    "SUBJECT_MISMATCH",
    (key) =>
      signValue(subject({ sha256: other }, { content: Buffer.from("hello\n").toString("base64") }), key),
  ],
  [
    "the subject in the predicate",
    "SUBJECT_MISMATCH",
    (key) =>
      signValue(
        statement({
          subject: [{ name: "x", digest: { sha256: other } }],
          predicate: { subject: [{ digest: { sha256 } }] },
        }),
        key,
      ),
  ],
  [
    "one subject that fits and one that contradicts itself",
    "SUBJECT_CONTRADICTION",
    (key) =>
      signValue(
        statement({
          subject: [
            { name: "a", digest: { sha256 } },
            { name: "b", digest: { sha256, sha512: "0".repeat(128) } },
          ],
        }),
        key,
      ),
  ],
  [
    "another predicate type",
    "PREDICATE_TYPE",
    (key) => signValue(statement({ predicateType: "https://example.com/review/v2" }), key),
  ],
  [
    "the predicate type with a slash more",
    "PREDICATE_TYPE",
    (key) => signValue(statement({ predicateType: `${predicateType}/` }), key),
  ],
  [
    "the predicate type as a prefix",
    "PREDICATE_TYPE",
    (key) => signValue(statement({ predicateType: `${predicateType}-draft` }), key),
  ],
  [
    "the predicate type with a query",
    "PREDICATE_TYPE",
    (key) => signValue(statement({ predicateType: `${predicateType}?x=1` }), key),
  ],
  [
    "the predicate type in the predicate",
    "PREDICATE_TYPE",
    (key) =>
      signValue(statement({ predicateType: "https://example.com/other", predicate: { predicateType } }), key),
  ],
];

const text = JSON.stringify(statement());
const body = text.slice(1, -1);

/** Payloads that are no JSON, or JSON with two meanings. */
export const jsonAttacks: readonly Attack[] = [
  ["payload empty object", "STATEMENT_INVALID", (key) => signBytes("{}", key)],
  ["payload no JSON", "STATEMENT_INVALID", (key) => signBytes("hello", key)],
  ["payload cut short", "STATEMENT_INVALID", (key) => signBytes(text.slice(0, -1), key)],
  [
    "subject twice",
    "STATEMENT_INVALID",
    (key) => signBytes(`{${body},"subject":[{"name":"b","digest":{"sha256":"${sha256}"}}]}`, key),
  ],
  [
    "predicateType twice",
    "STATEMENT_INVALID",
    (key) => signBytes(`{"predicateType":"https://example.com/other",${body}}`, key),
  ],
  [
    "_type twice",
    "STATEMENT_INVALID",
    (key) => signBytes(`{"_type":"https://in-toto.io/Statement/v1",${body}}`, key),
  ],
  [
    "predicate twice",
    "STATEMENT_INVALID",
    (key) => signBytes(`{${body},"predicate":{"verdict":"bad"}}`, key),
  ],
  ["a key twice, once escaped", "STATEMENT_INVALID", (key) => signBytes(`{${body},"\\u0073ubject":[]}`, key)],
  [
    "a digest twice",
    "STATEMENT_INVALID",
    (key) => signBytes(text.replace(`"sha256":`, `"sha256":"${other}","sha256":`), key),
  ],
  [
    "a key twice deep in the predicate",
    "STATEMENT_INVALID",
    (key) => signBytes(text.replace(`"verdict":"good"`, `"a":[{"b":{"c":1,"c":2}}]`), key),
  ],
  ["Subject beside subject", "STATEMENT_INVALID", (key) => signBytes(`{${body},"Subject":[]}`, key)],
  [
    "PredicateType beside predicateType",
    "STATEMENT_INVALID",
    (key) => signBytes(`{${body},"PredicateType":"https://example.com/x"}`, key),
  ],
  [
    "PREDICATE for predicate",
    "STATEMENT_INVALID",
    (key) => signBytes(text.replace(`"predicate":`, `"PREDICATE":`), key),
  ],
  [
    "a long s for the s of subject",
    "STATEMENT_INVALID",
    (key) => signBytes(`{${body},"\u017fubject":[]}`, key),
  ],
  ["a second document", "STATEMENT_INVALID", (key) => signBytes(`${text}{}`, key)],
  ["a second document on its line", "STATEMENT_INVALID", (key) => signBytes(`${text}\n${text}`, key)],
  ["a zero byte at the end", "STATEMENT_INVALID", (key) => signBytes(`${text}\0`, key)],
  ["a byte order mark", "STATEMENT_INVALID", (key) => signBytes(`\ufeff${text}`, key)],
  ["UTF-16", "STATEMENT_INVALID", (key) => signBytes(Buffer.from(text, "utf16le"), key)],
  [
    "invalid UTF-8",
    "STATEMENT_INVALID",
    (key) => signBytes(Buffer.from(text.replace("good", "\u00ff"), "latin1"), key),
  ],
  [
    "an overlong slash",
    "STATEMENT_INVALID",
    (key) =>
      signBytes(
        Buffer.concat([Buffer.from(text.slice(0, -3)), Buffer.from([0xc0, 0xaf]), Buffer.from('"}}')]),
        key,
      ),
  ],
  [
    "a surrogate in UTF-8",
    "STATEMENT_INVALID",
    (key) =>
      signBytes(
        Buffer.concat([Buffer.from(text.slice(0, -3)), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}}')]),
        key,
      ),
  ],
  ["a lone surrogate", "STATEMENT_INVALID", (key) => signBytes(text.replace("good", "\\ud800"), key)],
  ["a control character", "STATEMENT_INVALID", (key) => signBytes(text.replace("good", "go\u0001od"), key)],
  ["a trailing comma", "STATEMENT_INVALID", (key) => signBytes(`{${body},}`, key)],
  ["a comment", "STATEMENT_INVALID", (key) => signBytes(`{${body}/* */}`, key)],
  ["single quotes", "STATEMENT_INVALID", (key) => signBytes(text.replaceAll('"', "'"), key)],
  ["NaN", "STATEMENT_INVALID", (key) => signBytes(text.replace('"good"', "NaN"), key)],
  ["Infinity", "STATEMENT_INVALID", (key) => signBytes(text.replace('"good"', "Infinity"), key)],
  ["1e400", "STATEMENT_INVALID", (key) => signBytes(text.replace('"good"', "1e400"), key)],
  ["a leading zero", "STATEMENT_INVALID", (key) => signBytes(text.replace('"good"', "01"), key)],
  ["a hexadecimal number", "STATEMENT_INVALID", (key) => signBytes(text.replace('"good"', "0x10"), key)],
  ["a plus sign", "STATEMENT_INVALID", (key) => signBytes(text.replace('"good"', "+1"), key)],
  ["True", "STATEMENT_INVALID", (key) => signBytes(text.replace('"good"', "True"), key)],
  [
    "arrays 20 000 deep",
    "LIMIT_EXCEEDED",
    (key) => signBytes(text.replace('"good"', "[".repeat(20_000) + "]".repeat(20_000)), key),
  ],
  [
    "objects 5 000 deep",
    "LIMIT_EXCEEDED",
    (key) => signBytes(text.replace('"good"', '{"a":'.repeat(5_000) + "1" + "}".repeat(5_000)), key),
  ],
  [
    "a key of 100 kB",
    "LIMIT_EXCEEDED",
    (key) => signBytes(text.replace('"verdict"', `"${"k".repeat(100_000)}"`), key),
  ],
  [
    "a number of 5 000 digits",
    "LIMIT_EXCEEDED",
    (key) => signBytes(text.replace('"good"', "9".repeat(5_000)), key),
  ],
  ["__proto__ for subject", "STATEMENT_INVALID", (key) => signBytes(`{"__proto__":${text}}`, key)],
  ["YAML", "STATEMENT_INVALID", (key) => signBytes("_type: https://in-toto.io/Statement/v1\n", key)],
];

/** Signed as something else. */
export const payloadTypeAttacks: readonly Attack[] = [
  "application/json",
  "application/vnd.in-toto+jso",
  "application/vnd.in-toto+json ",
  "Application/vnd.in-toto+json",
  "application/vnd.in-toto.provenance+json",
  "application/vnd.in-toto+json; charset=utf-8",
  "text/plain",
  "",
].map((type) => [
  `payload type ${JSON.stringify(type)}`,
  "PAYLOAD_TYPE",
  (key) => signBytes(text, key, type),
]);
