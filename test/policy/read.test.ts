import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readPolicy } from "../../src/policy/read.js";

const whole = `
policy: https://acme.example/policies/release
rules:
  - name: built by us
    predicateType: https://slsa.dev/provenance/v1
    builderId: https://acme.example/builder
    buildType: { pattern: "https://acme\\\\.example/build/.*" }
    source: { uri: git+https://github.com/acme/app, ref: { pattern: "refs/tags/v[0-9.]+" } }
    dependency: pkg:docker/alpine@3.22
    maxAgeDays: 30
  - name: nothing grave
    predicateType: [https://in-toto.io/attestation/vulns/v0.2, https://cosign.sigstore.dev/attestation/vuln/v1]
    match: all
    noFindingsFrom: high
  - name: reviewed
    cel: predicate.verdict == "good"
`;

describe("a policy", () => {
  test("is read whole", async () => {
    expect(await readPolicy(whole)).toEqual({
      id: "https://acme.example/policies/release",
      sha256: createHash("sha256").update(whole).digest("hex"),
      rules: [
        {
          name: "built by us",
          match: "any",
          predicateTypes: ["https://slsa.dev/provenance/v1"],
          builderId: { exact: "https://acme.example/builder" },
          buildType: { pattern: "https://acme\\.example/build/.*" },
          source: {
            uri: { exact: "git+https://github.com/acme/app" },
            ref: { pattern: "refs/tags/v[0-9.]+" },
          },
          dependency: { exact: "pkg:docker/alpine@3.22" },
          maxAgeDays: 30,
        },
        {
          name: "nothing grave",
          match: "all",
          predicateTypes: [
            "https://in-toto.io/attestation/vulns/v0.2",
            "https://cosign.sigstore.dev/attestation/vuln/v1",
          ],
          noFindingsFrom: "high",
        },
        { name: "reviewed", match: "any", expression: 'predicate.verdict == "good"' },
      ],
    });
  });

  const rule = (text: string): string => `policy: p\nrules:\n  - ${text}\n`;
  test.each([
    ["nothing", "", /an object with policy, rules/],
    ["a list", "[]", /an object with/],
    ["no rules", "policy: p\nrules: []", /1 to 256 rules/],
    ["rules missing", "policy: p", /1 to 256 rules/],
    ["no id", "rules:\n  - {name: a, cel: 'true'}", /policy: a text/],
    ["an unknown field", "policy: p\nextra: 1\nrules:\n  - {name: a, cel: 'true'}", /extra: only/],
    ["a misspelt condition", rule("{name: a, builderID: x}"), /rules\[0\]/],
    ["a rule without condition", rule("{name: a}"), /a predicateType or a condition/],
    ["a rule without name", rule("{cel: 'true'}"), /rules\[0\]\.name/],
    ["a name twice", `${rule("{name: a, cel: 'true'}")}  - {name: a, cel: 'true'}\n`, /a name of its own/],
    ["a pattern for everything", rule("{name: a, builderId: {pattern: '.*'}}"), /does not match everything/],
    ["a pattern that is none", rule("{name: a, builderId: {pattern: '('}}"), /rules\[0\]\.builderId/],
    ["an empty text", rule("{name: a, builderId: ''}"), /rules\[0\]\.builderId: a text/],
    ["a number for a text", rule("{name: a, builderId: 7}"), /a text expected, got the number 7/],
    ["null for a condition", rule("{name: a, builderId: }"), /a text expected, got null/],
    ["a source without URI", rule("{name: a, source: {ref: main}}"), /source\.uri/],
    ["an age of none", rule("{name: a, maxAgeDays: 0}"), /days above 0/],
    ["an age as a text", rule("{name: a, maxAgeDays: '30'}"), /days above 0/],
    ["an unknown severity", rule("{name: a, noFindingsFrom: grave}"), /low, medium, high or critical/],
    ["another match", rule("{name: a, match: most, cel: 'true'}"), /any or all/],
    ["no types", rule("{name: a, predicateType: []}"), /at least one type/],
    ["an expression that is none", rule("{name: a, cel: 'predicate.'}"), /rules\[0\]\.cel: a CEL expression/],
    ["a key twice", "policy: p\npolicy: q\nrules:\n  - {name: a, cel: 'true'}", /not YAML/],
    ["an alias", "policy: &p p\nrules:\n  - {name: *p, cel: 'true'}", /not YAML/],
    ["broken YAML", "policy: [", /not YAML/],
    ["two documents", "policy: p\nrules:\n  - {name: a, cel: 'true'}\n---\n{}", /not YAML/],
  ])("with %s is refused", async (_name, text, message) => {
    await expect(readPolicy(text)).rejects.toMatchObject({
      code: "POLICY_INVALID",
      message: expect.stringMatching(message) as string,
    });
  });

  test("with several faults names them all", async () => {
    const bad = rule("{name: a, builderId: 7, maxAgeDays: -1, noFindingsFrom: x}");
    await expect(readPolicy(bad)).rejects.toMatchObject({
      problems: [
        { path: "rules[0].builderId" },
        { path: "rules[0].maxAgeDays" },
        { path: "rules[0].noFindingsFrom" },
      ],
    });
  });
});
