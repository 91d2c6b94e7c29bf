/** The functions that make a predicate of what a pipeline has in its hands. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { specificationExamples } from "../predicates/examples.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";

const hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const junit = '<testsuite name="s"><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>';

describe("predicates at the module's edge", () => {
  let session: ModuleSession;
  const file = async (name: string, content: string): Promise<string> =>
    literal(await session.file(name, content));
  const value = (call: string, rest: string): Promise<unknown> => session.value(`attest { ${call} ${rest} }`);
  const predicateOf = async (call: string): Promise<unknown> =>
    JSON.parse(String(await value(call, "{ predicate { contents } }")));

  beforeAll(async () => {
    session = await startModule();
  });
  afterAll(() => session.close());

  it("read test reports of a run, and name its configuration by digest", async () => {
    const reports = `[${await file("junit.xml", junit)}, ${await file("more.tap", "1..1\nok 1 - c\n")}]`;
    const call = `testResult(reports: ${reports}, configuration: [${await file("ci.yml", "test")}], url: "https://ci.example/1")`;
    expect(await predicateOf(call)).toEqual({
      result: "FAILED",
      configuration: [{ name: "ci.yml", digest: { sha256: hex } }],
      url: "https://ci.example/1",
      passedTests: ["c", "s > a"],
      warnedTests: [],
      failedTests: ["s > b"],
    });
    expect(await value(call, "{ summary }")).toBe(
      "tests FAILED: 2 passed, 1 failed\n  failed: s > b\nno subject so far",
    );
  });

  it("write VEX about the subjects", async () => {
    const call = `vex(vulnerabilities: ["CVE-2099-0001"], status: NOT_AFFECTED,
      justification: VULNERABLE_CODE_NOT_PRESENT, author: "Ada", created: "2026-11-24T00:00:00Z")`;
    const statement = String(
      await value(call, `{ withSubject(name: "app", digests: ["sha256:${hex}"]) { asFile { contents } } }`),
    );
    expect(JSON.parse(statement)).toMatchObject({
      predicateType: "https://openvex.dev/ns",
      subject: [{ name: "app" }],
      predicate: {
        statements: [
          {
            vulnerability: { name: "CVE-2099-0001" },
            status: "not_affected",
            justification: "vulnerable_code_not_present",
          },
        ],
      },
    });
  });

  it("take a VEX document byte for byte", async () => {
    const found = specificationExamples.find(([, type]) => type === "https://openvex.dev/ns/v0.2.0");
    const written = `${JSON.stringify(found?.[2], null, 3)}\n`;
    const call = `vex(document: ${await file("vex.json", written)})`;
    expect(await value(call, "{ predicate { contents } }")).toBe(written);
    expect(await value(call, "{ summary }")).toContain("OpenVEX by Wolfi J Inkinson, 1 statement\n");
  });

  it("say which release the subjects are, and where the run can be looked at", async () => {
    expect(await predicateOf('release(purl: "pkg:npm/left-pad@1.3.0", packageId: "7")')).toEqual({
      purl: "pkg:npm/left-pad@1.3.0",
      packageId: "7",
    });
    expect(await predicateOf('traceUrl(url: "https://dagger.cloud/traces/abcd1234")')).toEqual({
      traceURL: "https://dagger.cloud/traces/abcd1234",
    });
  });

  it("hold a predicate of a known type against its specification, and pass another as it is", async () => {
    const release = "https://in-toto.io/attestation/release/v0.2";
    const bad = await file("bad.json", '{"purl":"left-pad","packageId":7}');
    const call = (type: string, predicate: string) =>
      `statement(predicateType: ${literal(type)}, predicate: ${predicate})`;
    await expect(value(call(release, bad), "{ summary }")).rejects.toThrow(
      /PREDICATE_INVALID[\s\S]*purl: [\s\S]*packageId: /,
    );
    expect(await value(call("https://example.com/any/v1", bad), "{ predicate { contents } }")).toBe(
      '{"purl":"left-pad","packageId":7}',
    );
    const good = await file("good.json", '{"purl":"pkg:npm/left-pad@1.3.0"}');
    expect(await value(call(release, good), "{ summary }")).toBe(`${release}, a release, no subject so far`);
  });

  it.each([
    ["testResult(reports: [])", /ARGUMENT_INVALID/],
    ['vex(vulnerabilities: ["CVE-1"], status: NOT_AFFECTED, author: "Ada")', /a justification or an impact/],
    ['vex(vulnerabilities: ["CVE-1"], author: "Ada")', /no status/],
    ['release(purl: "pkg:npm/left-pad")', /PREDICATE_INVALID/],
    ['traceUrl(url: "abcd1234")', /PREDICATE_INVALID/],
    ["traceUrl", /ARGUMENT_INVALID: this run has no trace/],
  ])("refuse %s", async (call, error) => {
    await expect(value(call, "{ summary }")).rejects.toThrow(error);
  });
});
