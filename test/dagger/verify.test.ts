/** Verdicts at the module's edge: expectations, policies, outputs, and looking without an identity. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { signStatement } from "../../src/signing/sign.js";
import { keylessSigning } from "../../src/signing/services.js";
import {
  identityToken,
  servicesClock,
  startSigstore,
  type SigstoreDouble,
} from "../signing/sigstore-double.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";
import { artifactBytes, makeKey, signValue, statement } from "../verification/support.js";

const scanType = "https://in-toto.io/attestation/vulns/v0.2";
const identity = "somebody@acme.example";
const policyText = `policy: https://acme.example/policy
rules:
  - name: reviewed
    predicateType: https://example.com/review/v1
    cel: predicate.verdict == "good"
`;

describe("a verdict", () => {
  const key = makeKey();
  let session: ModuleSession;
  let sigstore: SigstoreDouble;
  let common: string;
  let bundles: string;

  const file = async (name: string, content: string | Uint8Array): Promise<string> =>
    literal(await session.file(name, content));
  const verify = (args: string, rest: string): Promise<unknown> =>
    session.value(`attest { verify(${common}, ${bundles}${args}) ${rest} }`);

  beforeAll(async () => {
    session = await startModule();
    sigstore = await startSigstore(servicesClock());
    const review = await file("review.sigstore.json", await signValue(statement(), key));
    const scan = await signValue(
      statement({
        predicateType: scanType,
        predicate: {
          scanner: {
            uri: "https://scanner.example",
            db: { lastUpdate: "2026-11-24T00:00:00Z" },
            result: [{ id: "CVE-1", severity: [{ method: "nvd", score: "9.8" }] }],
          },
          metadata: { scanStartedOn: "2026-11-24T00:00:00Z", scanFinishedOn: "2026-11-24T00:00:00Z" },
        },
      }),
      key,
    );
    const lines = await file("more.jsonl", Buffer.concat([scan, Buffer.from("\n\n")]));
    bundles = `bundles: [${review}, ${lines}]`;
    common = `file: ${await file("hello.txt", artifactBytes)}, keys: [${await file("key.pub", key.publicPem)}]`;
  });
  afterAll(async () => {
    await session.close();
    await sigstore.stop();
  });

  it("holds expectations against the bundles, each with its reason", async () => {
    const failures = (await verify(
      `, builderId: "https://b.example", requiredTypes: [${literal(scanType)}, "https://spdx.dev/Document"], noFindingsFrom: HIGH`,
      "{ failures }",
    )) as string[];
    expect(failures).toEqual([
      expect.stringMatching(
        /^POLICY: The rule "provenance" is not met.*no verified attestation of/,
      ) as string,
      expect.stringMatching(/^POLICY: The rule "attestation of https:\/\/spdx.dev\/Document"/) as string,
      expect.stringMatching(/^POLICY: The rule "findings" is not met.*CVE-1 critical/) as string,
    ]);
  });

  it("takes VEX documents and a policy file, and a clock", async () => {
    const vex = await file(
      "app.vex.json",
      JSON.stringify({
        "@context": "https://openvex.dev/ns/v0.2.0",
        statements: [{ vulnerability: { name: "CVE-1" }, status: "not_affected" }],
      }),
    );
    const args = `, vex: [${vex}], noFindingsFrom: HIGH, policy: ${await file("policy.yaml", policyText)}`;
    expect(await verify(`${args}, clock: "2030-01-01T00:00:00Z"`, "{ summary }")).toMatch(
      /Verified: hello\.txt[^]*answered by VEX/,
    );
    await expect(verify(`${args}, clock: "tomorrow"`, "{ passed }")).rejects.toThrow(/ARGUMENT_INVALID/);
    await expect(verify(`, maxAgeDays: 7`, "{ assert }")).rejects.toThrow(
      /VERIFICATION_FAILED[^]*nobody vouches for the time/,
    );
  });

  it("comes as HTML, JSON and a verification summary that can be signed", async () => {
    const policy = await file("policy.yaml", policyText);
    const { attest } = (await session.query(
      `{ attest { verify(${common}, ${bundles}, policy: ${policy}) {
           report { name contents } json { contents } sarif { name contents }
           vsa(verifierId: "https://acme.example/verifier", resourceUri: "pkg:generic/hello.txt",
               verifiedLevels: ["SLSA_BUILD_LEVEL_2"]) { summary asFile { contents } } } } }`,
    )) as { attest: { verify: Record<string, Record<string, string>> } };
    const { report, json, sarif, vsa } = attest.verify as unknown as {
      report: { name: string; contents: string };
      json: { contents: string };
      sarif: { name: string; contents: string };
      vsa: { summary: string; asFile: { contents: string } };
    };
    expect(report.name).toBe("verification.html");
    expect(report.contents).toMatch(/^<!doctype html>/);
    expect(JSON.parse(json.contents)).toMatchObject({ passed: true, policy: { passed: true } });
    expect(sarif.name).toBe("verification.sarif");
    expect(JSON.parse(sarif.contents)).toMatchObject({ version: "2.1.0", runs: [{ results: [] }] });
    expect(vsa.summary).toBe("verification summary: PASSED, SLSA_BUILD_LEVEL_2");
    expect(JSON.parse(vsa.asFile.contents)).toMatchObject({
      predicateType: "https://slsa.dev/verification_summary/v1",
      predicate: { verificationResult: "PASSED", policy: { uri: "https://acme.example/policy" } },
    });
  });

  it("without an expected identity is asked for by name, and says that nobody was", async () => {
    const token = identityToken({ iss: "https://issuer.example", sub: identity });
    const signed = await signStatement(
      Buffer.from(JSON.stringify(statement())),
      keylessSigning(sigstore.services, token),
    );
    const artifact = `file: ${await file("hello.txt", artifactBytes)}`;
    const asked = (await session.value(
      `attest { verifyAnyIdentityUnsafe(${artifact}, bundles: [${await file("keyless.sigstore.json", signed)}],
         trustedRoot: ${await file("trusted_root.json", sigstore.trustedRoot)}) { summary } }`,
    )) as string;
    expect(asked).toMatch(/^## \u26a0\ufe0f Signed, but by whom was not checked: hello\.txt/);
    expect(asked).toContain("Any identity was taken; it is somebody");
  });

  it("tests a policy on cases whose outcome is known", async () => {
    const cases = join(session.workdir, "policy-cases");
    await mkdir(cases);
    await writeFile(join(cases, "review.sigstore.json"), await signValue(statement(), key));
    await writeFile(join(cases, "key.pub"), key.publicPem);
    await writeFile(join(cases, "hello.txt"), artifactBytes);
    await writeFile(join(cases, "review.intoto.json"), JSON.stringify(statement()));
    await writeFile(
      join(cases, "bad.intoto.json"),
      JSON.stringify(statement({ predicate: { verdict: "bad" } })),
    );
    const common = "artifact: hello.txt, keys: [key.pub]";
    await writeFile(
      join(cases, "cases.yaml"),
      `cases:
  - { name: good, ${common}, bundles: [review.sigstore.json], expect: pass, clock: 2026-11-24T00:00:00Z }
  - { name: none, ${common}, bundles: [], expect: fail, failingRules: [reviewed] }
  - { name: wrong, ${common}, bundles: [], expect: pass }
  - { name: unsigned, artifact: hello.txt, statements: [review.intoto.json], expect: pass }
  - { name: unsigned and bad, artifact: hello.txt, statements: [bad.intoto.json], expect: fail, failingRules: [reviewed] }
`,
    );
    const policy = await file("policy.yaml", policyText);
    const directory = literal(await session.id("directory", cases));
    const tried = `attest { policyTest(policy: ${policy}, cases: ${directory})`;
    expect(await session.value(`${tried} { outcomes } }`)).toEqual([
      "good: as expected",
      "none: as expected",
      "wrong: pass expected, got failure (reviewed)",
      "unsigned: as expected",
      "unsigned and bad: as expected",
    ]);
    await expect(session.value(`${tried} { assert } }`)).rejects.toThrow(/POLICY_INVALID[^]*wrong: pass/);
  });

  it("refuses arguments that contradict each other", async () => {
    for (const args of [
      `, sourceRef: "refs/tags/v1"`,
      `, all: true, signers: 2`,
      `, maxAgeDays: -1`,
      `, logEntries: 1`,
    ])
      await expect(verify(args, "{ passed }")).rejects.toThrow(/ARGUMENT_INVALID/);
  });
});
