import { describe, expect, test } from "vitest";
import { predicateProblems } from "../../src/predicates/definition.js";
import { verificationSummaryV1 } from "../../src/predicates/verification-summary.js";
import { verificationSummary } from "../../src/report/vsa.js";
import { verify } from "../../src/verification/verify.js";
import { input, makeKey, request, sha256, signValue } from "../verification/support.js";
import { badVerification, goodVerification } from "./support.js";

const options = {
  verifierId: "https://acme.example/verifier",
  resourceUri: "pkg:generic/hello.txt",
  verifiedLevels: ["SLSA_BUILD_LEVEL_2", "ACME_REVIEWED"],
};

describe("a verification summary", () => {
  test("of a verdict that passed", async () => {
    const verification = await goodVerification();
    expect(verificationSummary(verification, options)).toEqual({
      subjects: [{ name: "hello.txt", digest: { sha256 } }],
      predicateType: "https://slsa.dev/verification_summary/v1",
      predicate: {
        verifier: { id: "https://acme.example/verifier" },
        timeVerified: "2026-11-24T00:00:00.000Z",
        resourceUri: "pkg:generic/hello.txt",
        policy: { uri: "https://acme.example/policy", digest: { sha256: verification.policy?.sha256 } },
        inputAttestations: [
          { name: "review.sigstore.json", digest: { sha256: verification.bundles[0]?.statement?.sha256 } },
        ],
        verificationResult: "PASSED",
        verifiedLevels: ["SLSA_BUILD_LEVEL_2", "ACME_REVIEWED"],
        slsaVersion: "1.2",
      },
    });
  });

  test("of one that did not says FAILED, whatever was asked for", async () => {
    const { predicate } = verificationSummary(await badVerification(), options);
    expect(predicate).toMatchObject({ verificationResult: "FAILED", verifiedLevels: ["FAILED"] });
  });

  test("is what its specification demands", async () => {
    for (const verification of [await goodVerification(), await badVerification()]) {
      const { predicate } = verificationSummary(verification, options);
      expect(predicateProblems(verificationSummaryV1, predicate)).toEqual([]);
    }
  });

  test("signed, verifies as the statement that it is", async () => {
    const key = makeKey();
    const { subjects, predicateType, predicate } = verificationSummary(await goodVerification(), options);
    const bundle = await signValue(
      { _type: "https://in-toto.io/Statement/v1", subject: subjects, predicateType, predicate },
      key,
    );
    expect((await verify([input(bundle)], request(key, { predicateType }))).failures).toEqual([]);
  });

  test.each([
    [{ verifierId: "" }],
    [{ resourceUri: "" }],
    [{ resourceUri: "hello.txt" }],
    [{ policyUri: "the arguments" }],
    [{ verifiedLevels: ["SLSA_BUILD_LEVEL_X"] }],
    [{ verifiedLevels: ["SLSA_BUILD_LEVEL_1", "SLSA_BUILD_LEVEL_2"] }],
    [{ verifiedLevels: ["FAILED"] }],
    [{ verifiedLevels: ["SLSA_MINE"] }],
  ])("is refused with %j", async (changes) => {
    const verification = await goodVerification();
    expect(() => verificationSummary(verification, { ...options, ...changes })).toThrow(/^ARGUMENT_INVALID/);
  });
});
