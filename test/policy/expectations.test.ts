import { describe, expect, test } from "vitest";
import { evaluatePolicy } from "../../src/policy/evaluate.js";
import { expectedPolicy, type Expectations } from "../../src/policy/expectations.js";
import { readPolicy } from "../../src/policy/read.js";
import { readVex } from "../../src/policy/vex.js";
import type { VerifiedAttestation } from "../../src/verification/verify.js";
import { artifact, now } from "../verification/support.js";
import { verified } from "./support.js";

const scanType = "https://in-toto.io/attestation/vulns/v0.2";
const daysAgo = (days: number) => [
  {
    source: "timestamp-authority" as const,
    time: new Date(now.getTime() - days * 86_400_000).toISOString(),
  },
];
const provenance = verified({
  name: "provenance",
  predicate: {
    buildDefinition: {
      buildType: "https://acme.example/build/v1",
      externalParameters: { workflow: { repository: "https://github.com/acme/app", ref: "refs/tags/v1" } },
    },
    runDetails: { builder: { id: "https://acme.example/builder" } },
  },
});
const scan = (severity: string, days: number, id = "CVE-1"): VerifiedAttestation =>
  verified({
    name: `scan of ${days} days ago`,
    type: scanType,
    predicate: { scanner: { result: [{ id, severity: [{ method: "nvd", score: severity }] }] } },
    times: daysAgo(days),
  });

async function outcomes(
  expectations: Expectations,
  attestations: readonly VerifiedAttestation[],
  vex: readonly unknown[] = [],
): Promise<Record<string, string>> {
  const policy = expectedPolicy(expectations);
  if (policy === undefined) return {};
  const { rules } = await evaluatePolicy(policy, { artifact, attestations, vex, now });
  return Object.fromEntries(
    rules.map(({ rule, passed, reason }) => [rule, `${passed ? "met" : "not met"}: ${reason}`]),
  );
}

describe("expectations", () => {
  test("on provenance have to be met by one attestation", async () => {
    const all = {
      builderId: "https://acme.example/builder",
      buildType: "https://acme.example/build/v1",
      sourceUri: "https://github.com/acme/app",
      sourceRef: "refs/tags/v1",
    };
    expect(await outcomes(all, [provenance])).toEqual({
      provenance:
        "met: provenance: the builder is https://acme.example/builder, the build type is https://acme.example/build/v1, " +
        "the source is https://github.com/acme/app, the source's ref is refs/tags/v1",
    });
    for (const [name, value] of Object.entries(all))
      expect(await outcomes({ ...all, [name]: `${value}x` }, [provenance])).toEqual({
        provenance: expect.stringMatching(
          new RegExp(`^not met: .* is ${value}, ${value}x expected$`),
        ) as string,
      });
    expect(await outcomes(all, [])).toEqual({
      provenance: expect.stringContaining("not met: no verified attestation of") as string,
    });
  });

  test("on a builder are not met by provenance that names nobody", async () => {
    const nobody = verified({
      name: "provenance",
      predicate: { buildDefinition: {}, runDetails: { builder: { id: "" } } },
    });
    expect(await outcomes({ builderId: "https://acme.example/builder" }, [nobody])).toEqual({
      provenance: expect.stringMatching(/^not met: .*the builder is not stated/) as string,
    });
  });

  test("of types want each of them", async () => {
    expect(
      await outcomes({ requiredTypes: [scanType, "https://spdx.dev/Document"] }, [scan("1", 0)]),
    ).toEqual({
      [`attestation of ${scanType}`]: expect.stringMatching(/^met/) as string,
      "attestation of https://spdx.dev/Document":
        "not met: no verified attestation of https://spdx.dev/Document",
    });
  });

  test("on findings look at each scan that is not superseded", async () => {
    const expected = { noFindingsFrom: "high" } as const;
    expect(await outcomes(expected, [scan("9.8", 30), scan("3.1", 1)])).toEqual({
      findings: expect.stringContaining("not met: scan of 30 days ago: 1 findings") as string,
    });
    expect(await outcomes({ ...expected, maxAgeDays: 7 }, [scan("9.8", 30), scan("3.1", 1)])).toEqual({
      findings: expect.stringMatching(/^met: scan of 1 days ago/) as string,
    });
    expect(await outcomes({ ...expected, maxAgeDays: 7 }, [scan("3.1", 30)])).toEqual({
      findings: expect.stringContaining("signed 30.0 days ago, at most 7 expected") as string,
    });
    const undated = { ...scan("3.1", 0), verdict: { ...scan("3.1", 0).verdict, times: [] } };
    expect(await outcomes({ ...expected, maxAgeDays: 7 }, [undated, scan("3.1", 1)])).toEqual({
      findings: expect.stringContaining("not met: scan of 0 days ago: nobody vouches") as string,
    });
    expect(await outcomes(expected, [provenance])).toEqual({
      findings: expect.stringContaining("not met: no verified attestation of") as string,
    });
  });

  test("take the verifier's own VEX documents", async () => {
    const vex = (status: string) => ({
      "@context": "https://openvex.dev/ns/v0.2.0",
      statements: [{ vulnerability: { name: "CVE-1" }, status }],
    });
    const expected = { noFindingsFrom: "high" } as const;
    expect(await outcomes(expected, [scan("9.8", 1)], [vex("not_affected")])).toEqual({
      findings: expect.stringContaining("(1 answered by VEX)") as string,
    });
    expect(await outcomes(expected, [scan("9.8", 1)], [vex("under_investigation")])).toEqual({
      findings: expect.stringMatching(/^not met/) as string,
    });
  });

  test("of an age alone want one attestation that is young", async () => {
    expect(await outcomes({ maxAgeDays: 7 }, [scan("1", 30), scan("1", 6)])).toEqual({
      age: "met: scan of 6 days ago: signed 6.0 days ago",
    });
  });

  test("come to those of a policy file, under names of their own", async () => {
    const file = await readPolicy(
      "policy: https://acme.example/p\nrules:\n  - {name: provenance, cel: 'true'}\n",
    );
    expect(expectedPolicy({}, file)).toBe(file);
    expect(expectedPolicy({ builderId: "x" }, file)).toMatchObject({
      id: "https://acme.example/p and the arguments",
      rules: [{ name: "provenance" }, { name: "provenance (argument)", builderId: { exact: "x" } }],
    });
    expect(expectedPolicy({ builderId: "x" }, file)?.sha256).toBeUndefined();
    expect(expectedPolicy({})).toBeUndefined();
  });

  test.each<[Expectations, string]>([
    [{ sourceRef: "refs/tags/v1" }, "a sourceUri with it"],
    [{ maxAgeDays: 0 }, "days above 0"],
    [{ maxAgeDays: Number.NaN }, "days above 0"],
    [{ requiredTypes: ["a", "a"] }, "each type once"],
    [{ requiredTypes: [""] }, "requiredTypes"],
    [{ builderId: "" }, "builderId"],
  ])("%j are refused", (expectations, message) => {
    expect(() => expectedPolicy(expectations)).toThrow(/^ARGUMENT_INVALID/);
    expect(() => expectedPolicy(expectations)).toThrow(message);
  });
});

test("the source of a Dagger pipeline is the module that describes it", async () => {
  const { buildType } = await import("../../src/provenance/slsa/types.js");
  const of = (type: string) =>
    verified({
      predicate: {
        buildDefinition: {
          buildType: type,
          externalParameters: { entryPoint: "Ci.build", module: "git+https://github.com/acme/ci@v3" },
        },
      },
    });
  const expected = { sourceUri: "git+https://github.com/acme/ci", sourceRef: "v3" };
  expect((await outcomes(expected, [of(buildType)]))["provenance"]).toMatch(/^met/);
  expect((await outcomes(expected, [of("https://other.example/")]))["provenance"]).toMatch(/not stated/);
});

describe("a VEX document", () => {
  test.each([
    "{}",
    "[]",
    '{"@context":"https://openvex.dev/ns/v0.2.0"}',
    '{"bomFormat":"CycloneDX","statements":[]}',
  ])("%s is refused", (text) =>
    expect(() => readVex(Buffer.from(text), "app.vex.json")).toThrow(/^POLICY_INVALID: app.vex.json/),
  );
});
