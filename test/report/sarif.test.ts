import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { describe, expect, test } from "vitest";
import { verifyWithPolicy } from "../../src/policy/decide.js";
import { expectedPolicy } from "../../src/policy/expectations.js";
import { verdictSarif } from "../../src/report/sarif.js";
import type { Verification } from "../../src/verification/types.js";
import { projectRoot } from "../support/module.js";
import { input, makeKey, request, signValue, statement } from "../verification/support.js";
import { badVerification, goodVerification } from "./support.js";

const addFormats = createRequire(import.meta.url)("ajv-formats") as (ajv: Ajv) => void;

const schema = loadSchema();
if ("missing" in schema) console.warn(`SARIF is not validated: ${schema.missing}`);

function loadSchema(): { validate: ValidateFunction } | { missing: string } {
  let path: string;
  try {
    path = execFileSync("sh", [join(projectRoot, "scripts/sarif-schema.sh")], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  } catch (error) {
    return { missing: (error as { stderr?: string }).stderr?.trim() ?? "scripts/sarif-schema.sh failed" };
  }
  const document = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  // Of draft 4, from which it uses nothing that later drafts read otherwise.
  delete document["$schema"];
  delete document["id"];
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats(ajv);
  return { validate: ajv.compile(document) };
}

type Sarif = {
  runs: {
    tool: { driver: { rules: { id: string }[] } };
    results: { ruleId: string; level: string; message: { text: string }; suppressions?: object[] }[];
  }[];
};

function sarifOf(verification: Verification): Sarif["runs"][number] {
  const log = JSON.parse(verdictSarif(verification)) as Sarif;
  if ("validate" in schema) {
    schema.validate(log);
    expect(schema.validate.errors ?? []).toEqual([]);
  }
  const [run] = log.runs;
  if (run === undefined) throw new Error("no run");
  const ids = run.tool.driver.rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { ruleId } of run.results) expect(ids).toContain(ruleId);
  return run;
}

const key = makeKey();

async function scanned(): Promise<Verification> {
  const finding = (id: string, score: string, purl: string) => ({
    id,
    severity: [{ method: "nvd", score }],
    annotations: [{ purl }],
  });
  const result = [
    finding("CVE-1", "9.8", "pkg:npm/a@1"),
    finding("CVE-2", "7.5", "pkg:npm/b@1"),
    finding("CVE-3", "2.0", "pkg:npm/c@1"),
  ];
  const scan = statement({
    predicateType: "https://in-toto.io/attestation/vulns/v0.2",
    predicate: {
      scanner: { uri: "https://scanner.example", db: { lastUpdate: "2026-11-24T00:00:00Z" }, result },
      metadata: { scanStartedOn: "2026-11-24T00:00:00Z", scanFinishedOn: "2026-11-24T00:00:00Z" },
    },
  });
  const vex = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    statements: [
      { vulnerability: { name: "CVE-2" }, status: "not_affected", justification: "component_not_present" },
    ],
  };
  const policy = expectedPolicy({ requiredTypes: [], noFindingsFrom: "high" }, undefined);
  if (policy === undefined) throw new Error("no policy");
  return verifyWithPolicy([input(await signValue(scan, key), "scan.json")], request(key), policy, [vex]);
}

describe("SARIF of a verdict", () => {
  test("that passed has no results", async () => {
    expect(sarifOf(await goodVerification()).results).toEqual([]);
  });

  test("that failed has each reason as an error", async () => {
    const verification = await badVerification();
    const { results } = sarifOf(verification);
    expect(results.map(({ ruleId }) => ruleId)).toEqual(verification.failures.map(({ code }) => code));
    expect(new Set(results.map(({ level }) => level))).toEqual(new Set(["error"]));
  });

  test("has the findings that the policy looked at, the gravest first, and those that VEX answers suppressed", async () => {
    const verification = await scanned();
    expect(verification.bundles[0]?.failures).toEqual([]);
    const { results } = sarifOf(verification);
    expect(results.map(({ ruleId, suppressions }) => [ruleId, suppressions?.length ?? 0])).toEqual([
      ["POLICY", 0],
      ["CVE-1", 0],
      ["CVE-2", 1],
    ]);
    expect(results[1]?.message.text).toBe("CVE-1 (critical) in pkg:npm/a@1, by the scan in scan.json.");
  });

  test("is the same for the same verdict", async () => {
    const verification = await scanned();
    expect(verdictSarif(verification)).toBe(verdictSarif(structuredClone(verification)));
  });
});
