import { describe, expect, test } from "vitest";
import { testPolicy, verifyWithPolicy } from "../../src/policy/decide.js";
import { readPolicy } from "../../src/policy/read.js";
import { input, makeKey, now, request, sha256, signValue, statement } from "../verification/support.js";
import { decide, provenanceType, reasonOf, verified } from "./support.js";

const provenance = (parameters: unknown, more: Readonly<Record<string, unknown>> = {}) => ({
  buildDefinition: { buildType: "https://acme.example/build/v1", externalParameters: parameters, ...more },
  runDetails: { builder: { id: "https://acme.example/builder" } },
});
const workflow = { workflow: { repository: "https://github.com/acme/app", ref: "refs/tags/v1" } };

describe("a rule on provenance", () => {
  const good = [verified({ predicate: provenance(workflow) })];

  test.each([
    ["builderId: https://acme.example/builder", true, "the builder is https://acme.example/builder"],
    ["builderId: https://acme.example/build", false, "https://acme.example/build expected"],
    ["builderId: { pattern: 'https://acme\\.example/.*' }", true, "the builder is"],
    ["builderId: { pattern: 'acme' }", false, "/^acme$/ expected"],
    ["buildType: https://acme.example/build/v1", true, "the build type is"],
    ["buildType: https://acme.example/build/v2", false, "the build type is"],
    ["source: { uri: https://github.com/acme/app }", true, "the source is https://github.com/acme/app"],
    [
      "source: { uri: https://github.com/acme/app, ref: refs/tags/v1 }",
      true,
      "the source's ref is refs/tags/v1",
    ],
    ["source: { uri: https://github.com/acme/app, ref: refs/heads/main }", false, "refs/heads/main expected"],
    ["source: { uri: https://github.com/acme/ap }", false, "https://github.com/acme/ap expected"],
  ])("%s", async (rule, passes, reason) => {
    const [passed, why] = await reasonOf(rule, good);
    expect([passed, why]).toEqual([passes, expect.stringContaining(reason)]);
  });

  test.each([
    ["builderId: x", {}, "the builder is not stated"],
    ["buildType: x", { buildDefinition: {} }, "the build type is not stated"],
    ["source: { uri: x }", provenance({}), "the source is not stated"],
    ["source: { uri: x }", provenance(null), "the source is not stated"],
    [
      "builderId: x",
      { runDetails: { builder: { id: ["x"] } }, buildDefinition: {} },
      "the builder is not stated",
    ],
    ["builderId: x", "x", "the builder is not stated"],
    ["builderId: x", null, "the builder is not stated"],
    [
      "source: { uri: https://github.com/acme/app, ref: x }",
      provenance({ workflow: { repository: "https://github.com/acme/app" } }),
      "the source's ref is not stated",
    ],
  ])("%s fails where it is not stated", async (rule, predicate, reason) => {
    expect(await reasonOf(rule, [verified({ predicate })])).toEqual([false, expect.stringContaining(reason)]);
  });

  test.each([
    ["git URI with a ref", provenance({ source: "git+https://github.com/acme/app@refs/tags/v1" })],
    ["BuildKit's URI", provenance({ configSource: { uri: "git+https://github.com/acme/app#refs/tags/v1" } })],
    [
      "SLSA v0.2",
      {
        builder: { id: "x" },
        buildType: "y",
        invocation: { configSource: { uri: "git+https://github.com/acme/app@refs/tags/v1" } },
      },
    ],
  ])("reads the source from %s", async (_name, predicate) => {
    const rule = "source: { uri: git+https://github.com/acme/app, ref: refs/tags/v1 }";
    expect(await reasonOf(rule, [verified({ predicate })])).toEqual([
      true,
      expect.stringContaining("the source is"),
    ]);
  });

  test("does not take a dependency for the source", async () => {
    const resolvedDependencies = [
      { uri: "git+https://github.com/acme/app@refs/tags/v1", digest: { gitCommit: "0".repeat(40) } },
    ];
    const predicate = provenance(
      { source: "git+https://github.com/evil/app@refs/tags/v1" },
      { resolvedDependencies },
    );
    expect(
      await reasonOf("source: { uri: git+https://github.com/acme/app }", [verified({ predicate })]),
    ).toEqual([false, expect.stringContaining("evil")]);
    expect(
      (await decide("dependency: git+https://github.com/acme/app@refs/tags/v1", [verified({ predicate })]))
        .passed,
    ).toBe(true);
  });

  test("wants two statements of the source to agree", async () => {
    const predicate = provenance({ ...workflow, source: "https://github.com/evil/app" });
    expect(
      (await decide("source: { uri: https://github.com/acme/app }", [verified({ predicate })])).passed,
    ).toBe(false);
  });

  test("wants a dependency with a digest", async () => {
    const predicate = provenance({}, { resolvedDependencies: [{ uri: "pkg:docker/alpine@3.22" }] });
    expect(await reasonOf("dependency: pkg:docker/alpine@3.22", [verified({ predicate })])).toEqual([
      false,
      expect.stringContaining("no digest"),
    ]);
  });
});

describe("a rule looks at", () => {
  const review = (verdict: string, name: string) =>
    verified({ type: "https://example.com/review/v1", predicate: { verdict }, name });

  test("nothing when there is no attestation of its type, and fails", async () => {
    expect(await reasonOf("predicateType: https://example.com/other", [review("good", "a")])).toEqual([
      false,
      "no verified attestation of https://example.com/other",
    ]);
    expect(await reasonOf("cel: 'true'", [])).toEqual([false, "no verified attestation of any type"]);
    expect(await reasonOf("match: all\ncel: 'true'", [])).toEqual([
      false,
      "no verified attestation of any type",
    ]);
  });

  test("one that meets it, by default", async () => {
    const rule = `cel: predicate.verdict == "good"`;
    expect(await reasonOf(rule, [review("bad", "a"), review("good", "b")])).toEqual([
      true,
      "b: the expression is true",
    ]);
    expect(await reasonOf(rule, [review("bad", "a")])).toEqual([false, "a: the expression is false"]);
  });

  test("each of them, on request", async () => {
    const rule = `match: all\ncel: predicate.verdict == "good"`;
    expect(await reasonOf(rule, [review("good", "a"), review("good", "b")])).toEqual([
      true,
      expect.stringContaining("b:"),
    ]);
    expect(await reasonOf(rule, [review("bad", "a"), review("good", "b")])).toEqual([
      false,
      "a: the expression is false",
    ]);
  });

  test("the presence of a type", async () => {
    expect(await reasonOf("predicateType: https://example.com/review/v1", [review("bad", "a")])).toEqual([
      true,
      "a: an attestation of the type is there",
    ]);
  });

  test("the age by other people's clocks, the earliest of them", async () => {
    const ago = (days: number) => ({
      source: "timestamp-authority" as const,
      time: new Date(now.getTime() - days * 86_400_000).toISOString(),
    });
    expect(await reasonOf("maxAgeDays: 30", [verified({ times: [ago(10)] })])).toEqual([
      true,
      "bundle: signed 10.0 days ago",
    ]);
    expect(await reasonOf("maxAgeDays: 30", [verified({ times: [ago(10), ago(31)] })])).toEqual([
      false,
      expect.stringContaining("31.0 days ago"),
    ]);
    expect(await reasonOf("maxAgeDays: 30", [verified({})])).toEqual([
      false,
      expect.stringContaining("nobody vouches"),
    ]);
  });
});

describe("an expression", () => {
  const attestation = verified({
    predicate: { verdict: "good", score: 9, tags: ["a", "b"], nested: { deep: true } },
    signer: {
      kind: "certificate",
      identity: "https://github.com/acme/app/x@refs/heads/main",
      issuer: "https://token.actions.githubusercontent.com",
      claims: { sourceRepositoryURI: "https://github.com/acme/app" },
    },
  });

  test.each([
    `predicate.verdict == "good"`,
    `predicate.score > 7.5 && predicate.score == 9.0`,
    `predicate.score >= 9`,
    `"b" in predicate.tags && size(predicate.tags) == 2`,
    `predicate.tags.all(tag, tag != "c")`,
    `predicate.nested.deep`,
    `has(predicate.verdict) && !has(predicate.other)`,
    `signer.kind == "certificate" && signer.claims.sourceRepositoryURI == "https://github.com/acme/app"`,
    `signer.identity.startsWith("https://github.com/acme/")`,
    `signer.identity.matches("^https://github\\\\.com/acme/app/")`,
    `statement.predicateType == "${provenanceType}"`,
    `statement.subjects.exists(subject, subject.digest.sha256 == artifact.digests.sha256)`,
    `artifact.digests.sha256 == "${sha256}"`,
    `timestamp(now) > timestamp("2026-01-01T00:00:00Z")`,
  ])("%s is true", async (expression) => {
    expect(await reasonOf(`cel: |-\n  ${expression}`, [attestation])).toEqual([
      true,
      "bundle: the expression is true",
    ]);
  });

  test.each([
    [`predicate.verdict == "bad"`, /is false/],
    [`predicate.other == "good"`, /has no value/],
    [`predicate.other.deeper`, /has no value/],
    [`unknown == 1`, /has no value/],
    [`!predicate.other`, /has no value/],
    [`predicate.verdict`, /no truth value/],
    [`predicate.score`, /no truth value/],
    [`predicate.nested`, /no truth value/],
    [`null`, /no truth value/],
    [`predicate.verdict > 1`, /has no value/],
    [`unknownFunction(1)`, /has no value/],
    [`1 / 0 == 1`, /has no value/],
    [`predicate.tags[7] == "a"`, /has no value/],
  ])("%s is not", async (expression, reason) => {
    const [passed, why] = await reasonOf(`cel: |-\n  ${expression}`, [attestation]);
    expect(passed).toBe(false);
    expect(why).toMatch(reason);
  });

  test("fails where the predicate was too large to be held", async () => {
    const { verdict, statement: held } = attestation;
    const { header, predicateKind } = held;
    const large = { verdict, statement: { header, sha256, predicateKind } };
    expect(await reasonOf("cel: 'true'", [large])).toEqual([false, expect.stringContaining("too large")]);
  });
});

describe("a policy on real bundles", () => {
  const key = makeKey();
  const stranger = makeKey();
  const text = `policy: https://acme.example/policy\nrules:\n  - name: reviewed\n    cel: predicate.verdict == "good"\n`;

  test("decides, and gives each rule's reason", async () => {
    const policy = await readPolicy(text);
    const good = await verifyWithPolicy([input(await signValue(statement(), key))], request(key), policy);
    expect(good).toMatchObject({
      passed: true,
      policy: { passed: true, rules: [{ rule: "reviewed", passed: true }] },
    });
    expect(good.checks.map(({ check }) => check)).toContain("policy");
    const bad = await verifyWithPolicy(
      [input(await signValue(statement({ predicate: { verdict: "bad" } }), key))],
      request(key),
      policy,
    );
    expect(bad).toMatchObject({
      passed: false,
      checks: [],
      failures: [{ check: "policy", code: "POLICY", got: "bundle: the expression is false" }],
    });
  });

  test("sees nothing that is not verified", async () => {
    const bundles = [
      input(await signValue(statement({ predicate: { verdict: "bad" } }), key), "ours"),
      input(await signValue(statement(), stranger), "theirs"),
    ];
    const { passed, policy } = await verifyWithPolicy(bundles, request(key), await readPolicy(text));
    expect(passed).toBe(false);
    expect(policy?.rules[0]?.reason).toBe("ours: the expression is false");
  });

  test("does not pass what does not verify, whatever its rules", async () => {
    const always = await readPolicy("policy: p\nrules:\n  - {name: always, cel: 'true'}\n");
    expect((await verifyWithPolicy([], request(key), always)).passed).toBe(false);
    expect(
      (await verifyWithPolicy([input(await signValue(statement(), stranger))], request(key), always)).passed,
    ).toBe(false);
  });

  test("can be tested", async () => {
    const policy = await readPolicy(text);
    const good = [input(await signValue(statement(), key))];
    const outcomes = await testPolicy(policy, [
      { name: "good", bundles: good, request: request(key), passes: true },
      { name: "none", bundles: [], request: request(key), passes: false, failingRules: ["reviewed"] },
      { name: "wrong expectation", bundles: good, request: request(key), passes: false },
      { name: "wrong rule", bundles: [], request: request(key), passes: false, failingRules: ["other"] },
    ]);
    expect(outcomes.map(({ asExpected }) => asExpected)).toEqual([true, true, false, false]);
    expect(outcomes.map(({ difference }) => difference)).toEqual([
      "",
      "",
      "failure expected, got pass",
      "failing rules other expected, got reviewed",
    ]);
  });
});
