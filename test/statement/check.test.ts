import { describe, expect, test } from "vitest";

import { AttestError, formatProblem } from "../../src/error.js";
import { assertHeader, checkHeader, headerWarnings } from "../../src/statement/check.js";
import { checkDescriptor } from "../../src/statement/descriptor.js";
import { statementLimits } from "../../src/statement/limits.js";
import { statementTypeV01, statementTypeV1 } from "../../src/statement/types.js";

const sha256 = "a1234567b1234567c1234567d1234567e1234567f1234567a1234567b1234567";
const sha1 = "a1234567b1234567c1234567d1234567e1234567";
const subject = { name: "theSub", digest: { alg1: "abc123" } };
const predicateType = "https://example.com/thePredicate/v1";

function problems(changes: object): string[] {
  const header = { type: statementTypeV1, subjects: [subject], predicateType, ...changes };
  return checkHeader(header).map(formatProblem);
}

function subjectProblems(value: unknown): string[] {
  return problems({ subjects: [value] });
}

function digestProblems(digest: unknown): string[] {
  return subjectProblems({ name: "artifact", digest });
}

describe("the cases of in-toto's own Go tests (go/v1/statement_test.go, resource_descriptor_test.go)", () => {
  test("createTestStatement is a statement", () => {
    expect(problems({})).toEqual([]);
  });

  test.each([
    ["https://in-toto.io/Statement/v1", true],
    ["https://in-toto.io/Statement/v0.1", true],
    ["https://in-toto.io/Statement/v2", false],
    ["https://in-toto.io/Statement/v0.2", false],
    ["https://not-in-toto.io/Statement/v1", false],
  ])("_type %s", (type, isValid) => {
    expect(problems({ type }).length === 0).toBe(isValid);
  });

  test("no subjects", () => {
    expect(problems({ subjects: [] })).toEqual(["subject: at least one subject expected, got none"]);
  });

  test.each([
    ["without a required field", { downloadLocation: "https://example.com/test.zip" }],
    ["without digest", { name: "theSub", downloadLocation: "https://example.com/test.zip" }],
  ])("a subject %s", (_name, value) => {
    expect(subjectProblems(value)).toEqual(["subject[0].digest: a digest expected, got nothing"]);
  });

  test("missing predicate type", () => {
    expect(problems({ predicateType: "" })).toEqual([
      "predicateType: a URI with scheme expected, got an empty string",
    ]);
  });

  test("wantFullRd", () => {
    expect(
      subjectProblems({
        name: "theName",
        uri: "https://example.com",
        digest: { alg1: "abc123" },
        content: "Ynl0ZXNjb250ZW50",
        downloadLocation: "https://example.com/test.zip",
        mediaType: "theMediaType",
        annotations: { a1: { keyNum: 13, keyStr: "value1" }, a2: { keyObj: { subKey: "subVal" } } },
      }),
    ).toEqual([]);
  });

  test("supportedRdDigest", () => {
    expect(digestProblems({ sha256, custom: "myCustomEnvoding", sha1 })).toEqual([]);
  });

  test("badRdDigestEncoding", () => {
    expect(digestProblems({ sha256: "badDigest" })).toEqual([
      'subject[0].digest.sha256: 64 lower-case hex characters expected, got "badDigest"',
    ]);
  });

  test("badRdDigestLength", () => {
    expect(digestProblems({ sha256: "abc123" })).toEqual([
      "subject[0].digest.sha256: 64 lower-case hex characters expected, got 6",
    ]);
  });

  test("gitCommit in SHA-1 and SHA-256, and too short", () => {
    expect(digestProblems({ gitCommit: sha1 })).toEqual([]);
    expect(digestProblems({ gitCommit: sha256 })).toEqual([]);
    expect(digestProblems({ gitCommit: "abc123" })).toEqual([
      "subject[0].digest.gitCommit: 40 or 64 lower-case hex characters expected, got 6",
    ]);
  });
});

describe("digest sets (digest_set.md)", () => {
  const lengths = {
    md5: 32,
    sha1: 40,
    ripemd160: 40,
    sha224: 56,
    sha512_224: 56,
    sha3_224: 56,
    sha256: 64,
    sha512_256: 64,
    sha3_256: 64,
    sm3: 64,
    gost: 64,
    dirHash: 64,
    sha384: 96,
    sha3_384: 96,
    sha512: 128,
    sha3_512: 128,
    gitCommit: 40,
    gitTree: 40,
    gitBlob: 40,
    gitTag: 40,
  };

  test.each(Object.entries(lengths))("%s has %i hex characters", (algorithm, length) => {
    expect(digestProblems({ [algorithm]: "a".repeat(length) })).toEqual([]);
    expect(digestProblems({ [algorithm]: "a".repeat(length - 1) })).toHaveLength(1);
    expect(digestProblems({ [algorithm]: "a".repeat(length + 2) })).toHaveLength(1);
    expect(digestProblems({ [algorithm]: "A".repeat(length) })[0]).toContain('got upper-case "AAAA');
    expect(digestProblems({ [algorithm]: "g".repeat(length) })).toHaveLength(1);
  });

  test.each(["shake128", "shake256", "blake2b", "blake2s"])(
    "%s has whole bytes of any number",
    (algorithm) => {
      expect(digestProblems({ [algorithm]: "abcd" })).toEqual([]);
      expect(digestProblems({ [algorithm]: "abc" })).toEqual([
        `subject[0].digest.${algorithm}: an even number of lower-case hex characters expected, got 3`,
      ]);
    },
  );

  test("the specification's examples of other algorithms", () => {
    expect(digestProblems({ somecoolhash: "abcd" })).toEqual([]);
    expect(digestProblems({ arn: "arn:aws:ec2:region:123:image/ami-123abcd" })).toEqual([]);
  });

  test.each([
    ["SHA256", "sha256"],
    ["sha-256", "sha256"],
    ["sha3-256", "sha3_256"],
    ["sha512/256", undefined],
    ["gitcommit", "gitCommit"],
    ["dirhash", "dirHash"],
    ["DIRHASH", "dirHash"],
  ])("%s is taken for another spelling of %s", (algorithm, known) => {
    expect(digestProblems({ [algorithm]: sha256 })).toEqual(
      known === undefined
        ? []
        : [`subject[0].digest.${algorithm}: the algorithm name ${known} expected, got "${algorithm}"`],
    );
  });

  test.each([
    [{}, "subject[0].digest: at least one digest expected, got none"],
    [[], "subject[0].digest: an object of digests expected, got an array"],
    ["sha256:abc", 'subject[0].digest: an object of digests expected, got "sha256:abc"'],
    [null, "subject[0].digest: an object of digests expected, got null"],
    [{ sha256: null }, "subject[0].digest.sha256: a string expected, got null"],
    [{ sha256: 1 }, "subject[0].digest.sha256: a string expected, got the number 1"],
    [{ arn: "" }, "subject[0].digest.arn: a digest expected, got an empty string"],
    [{ "": "abc" }, "subject[0].digest.: the name of an algorithm expected, got an empty string"],
  ])("%j", (digest, problem) => {
    expect(digestProblems(digest)).toEqual([problem]);
  });
});

describe("URIs (field_types.md)", () => {
  test.each([
    "https://in-toto.io/Statement/v1",
    "pkg:deb/debian/stunnel@5.50-3?arch=amd64",
    "git+https://android.googlesource.com/platform/vendor/foo/bar@16244f4e#prebuilts/Foo/Foo.apk",
    "https://example.com/UPPER/Path?Query=Q#Frag",
    "https://user@example.com:8080/",
    "https://[2001:db8::1]/",
    "https://example.com/%C3%A9",
    "https://%C3%A9.example/",
    "urn:uuid:F81D4FAE",
    "tag:example.com,2026:x",
  ])("%s", (uri) => {
    expect(problems({ predicateType: uri })).toEqual([]);
  });

  test.each([
    ["thePredicate", 'a URI with scheme expected, got "thePredicate"'],
    ["cosign.sigstore.dev/attestation/v1", "a URI with scheme expected"],
    ["/relative", "a URI with scheme expected"],
    ["https:", "a URI with scheme expected"],
    ["https://example.com/a b", "a URI with scheme expected"],
    ["https://example.com/é", "a URI with scheme expected"],
    ["https://example.com/%zz", "a URI with scheme expected"],
    ["https://example.com/\n", "a URI with scheme expected"],
    ["1https://example.com", "a URI with scheme expected"],
    ["HTTPS://example.com/", 'a URI with a lower-case scheme expected, got "HTTPS"'],
    ["https://Example.com/", 'a URI with a lower-case authority expected, got "Example.com"'],
    [7, "a URI with scheme expected, got the number 7"],
    [undefined, "a URI with scheme expected, got nothing"],
  ])("not %j", (uri, problem) => {
    expect(problems({ predicateType: uri }).join()).toContain(`predicateType: ${problem}`);
  });
});

describe("descriptors (resource_descriptor.md)", () => {
  test("one of uri, digest and content is needed, a name is not enough", () => {
    const check = (value: unknown) => checkDescriptor(value, "rd", statementLimits).map(formatProblem);
    expect(check({ uri: "https://example.com" })).toEqual([]);
    expect(check({ digest: { sha256 } })).toEqual([]);
    expect(check({ content: "eyAi" })).toEqual([]);
    expect(check({ name: "x" })).toEqual(["rd: one of uri, digest and content expected, got none of them"]);
    expect(check(null)).toEqual(["rd: an object expected, got null"]);
  });

  test.each([
    [{ name: 1 }, "subject[0].name: a string expected, got the number 1"],
    [{ name: null }, "subject[0].name: a string expected, got null"],
    [{ uri: "no uri" }, 'subject[0].uri: a URI with scheme expected, got "no uri"'],
    [
      { downloadLocation: "HTTP://x/" },
      'subject[0].downloadLocation: a URI with a lower-case scheme expected, got "HTTP"',
    ],
    [{ mediaType: ["a"] }, "subject[0].mediaType: a string expected, got an array"],
    [{ annotations: [] }, "subject[0].annotations: an object expected, got an array"],
    [{ content: "a" }, 'subject[0].content: bytes in base64 expected, got "a"'],
    [{ content: "ab_-" }, 'subject[0].content: bytes in base64 expected, got "ab_-"'],
    [{ Digest: {} }, 'subject[0]: the field name digest expected, got "Digest"'],
    [{ "dige\u017ft": {} }, 'subject[0]: the field name digest expected, got "dige\u017ft"'],
  ])("%j", (fields, problem) => {
    expect(subjectProblems({ digest: { sha256 }, ...fields })).toEqual([problem]);
  });

  test("extension fields are ignored", () => {
    expect(subjectProblems({ digest: { sha256 }, extension: [null] })).toEqual([]);
  });
});

describe("names", () => {
  const twice = [
    { name: "a", digest: { sha256 } },
    { name: "a", digest: { sha256 } },
  ];

  test("need not be there in v1, and repeating one is a warning", () => {
    expect(subjectProblems({ digest: { sha256 } })).toEqual([]);
    expect(problems({ subjects: twice })).toEqual([]);
    expect(headerWarnings({ type: statementTypeV1, subjects: twice, predicateType })).toEqual([
      'subject[1].name repeats "a" of subject[0]',
    ]);
    const uris = [
      { uri: "pkg:npm/a", digest: { sha256 } },
      { uri: "pkg:npm/a", digest: { sha256 } },
    ];
    expect(headerWarnings({ type: statementTypeV1, subjects: uris, predicateType })).toEqual([
      'subject[1].uri repeats "pkg:npm/a" of subject[0]',
    ]);
  });

  test("`_` has no meaning, so it may be repeated in v1", () => {
    const subjects = [
      { name: "_", digest: { sha256 } },
      { name: "_", digest: { sha256 } },
    ];
    expect(headerWarnings({ type: statementTypeV1, subjects, predicateType })).toEqual([]);
  });

  test("must be there and unique in v0.1", () => {
    const type = statementTypeV01;
    expect(problems({ type, subjects: twice })).toEqual([
      'subject[1].name: a unique name (Statement v0.1 requires it) expected, got "a" of subject[0] again',
    ]);
    expect(problems({ type, subjects: [{ digest: { sha256 } }, { name: "", digest: { sha256 } }] })).toEqual([
      "subject[0].name: a name (Statement v0.1 requires it) expected, got nothing",
      "subject[1].name: a name (Statement v0.1 requires it) expected, got an empty string",
    ]);
  });
});

describe("limits", () => {
  test("1024 subjects", () => {
    expect(problems({ subjects: Array.from({ length: 1024 }, () => subject) })).toEqual([]);
    expect(problems({ subjects: Array.from({ length: 1025 }, () => subject) })).toEqual([
      "subject: at most 1024 subjects expected, got 1025",
    ]);
  });

  test("32 digests of a subject", () => {
    const digests = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, "1"]));
    expect(digestProblems(digests(32))).toEqual([]);
    expect(digestProblems(digests(33))).toEqual(["subject[0].digest: at most 32 digests expected, got 33"]);
  });
});

test("every problem is reported at once", () => {
  const header = {
    type: "x",
    subjects: [null, { digest: { sha256: "ABC", sha1: 1 }, uri: "y" }, { name: "z" }],
    predicateType: "w",
  };
  expect(checkHeader(header).map(({ path }) => path)).toEqual([
    "_type",
    "subject[0]",
    "subject[1].uri",
    "subject[1].digest.sha256",
    "subject[1].digest.sha1",
    "subject[2].digest",
    "predicateType",
  ]);
  expect(() => assertHeader(header)).toThrow(AttestError);
  expect(() => assertHeader(header)).toThrow(
    /subject\[1\]\.digest\.sha1: a string expected, got the number 1/,
  );
});
