import { describe, expect, test } from "vitest";
import { readFindings } from "../../src/policy/findings.js";
import { sha256 } from "../verification/support.js";
import { reasonOf, verified } from "./support.js";

const vulns = "https://in-toto.io/attestation/vulns/v0.2";
const scan = (...result: unknown[]) =>
  verified({ type: vulns, predicate: { scanner: { uri: "pkg:x", result } }, name: "scan" });
const finding = (id: string, ...scores: unknown[]) => ({
  id,
  severity: scores.map((score) => ({ method: "x", score })),
});
const vex = (statements: unknown[], more = {}) =>
  verified({
    type: "https://openvex.dev/ns/v0.2.0",
    predicate: {
      "@context": "https://openvex.dev/ns/v0.2.0",
      timestamp: "2026-01-01T00:00:00Z",
      statements,
      ...more,
    },
    name: "vex",
  });
const rule = `predicateType: ${vulns}\nnoFindingsFrom: high`;

describe("findings are read from", () => {
  test.each([
    [
      "in-toto's predicate",
      {
        scanner: {
          result: [
            finding("CVE-1", "9.8"),
            finding("CVE-2", "5.0", "7.1"),
            finding("CVE-3", "LOW"),
            finding("CVE-4"),
          ],
        },
      },
      [
        ["CVE-1", "critical"],
        ["CVE-2", "high"],
        ["CVE-3", "low"],
        ["CVE-4", "critical"],
      ],
    ],
    [
      "Trivy's report",
      {
        scanner: {
          result: {
            Results: [
              { Target: "x" },
              {
                Vulnerabilities: [
                  { VulnerabilityID: "CVE-1", Severity: "MEDIUM" },
                  { VulnerabilityID: "CVE-2", Severity: "UNKNOWN" },
                ],
              },
            ],
          },
        },
      },
      [
        ["CVE-1", "medium"],
        ["CVE-2", "critical"],
      ],
    ],
    [
      "Grype's report",
      { scanner: { result: { matches: [{ vulnerability: { id: "CVE-1", severity: "Negligible" } }] } } },
      [["CVE-1", "low"]],
    ],
  ])("%s", (_name, predicate, expected) => {
    expect(readFindings(predicate)?.map(({ id, severity }) => [id, severity])).toEqual(expected);
  });

  test.each([
    [{}],
    [null],
    ["x"],
    [{ scanner: {} }],
    [{ scanner: { result: {} } }],
    [{ scanner: { result: "none" } }],
  ])("no other form: %j", (predicate) => {
    expect(readFindings(predicate)).toBeUndefined();
  });
});

describe("a rule on findings", () => {
  test("passes below the limit and fails from it on", async () => {
    expect(await reasonOf(rule, [scan(finding("CVE-1", "6.9"))])).toEqual([
      true,
      "scan: no finding of severity high or above",
    ]);
    expect(await reasonOf(rule, [scan(finding("CVE-1", "7.0"), finding("CVE-2", "1.0"))])).toEqual([
      false,
      "scan: 1 findings of severity high or above: CVE-1 high",
    ]);
    expect(await reasonOf(rule, [scan()])).toEqual([true, expect.any(String)]);
  });

  test("fails without a result that can be read", async () => {
    expect(await reasonOf(rule, [verified({ type: vulns, predicate: {} })])).toEqual([
      false,
      expect.stringContaining("no scan result"),
    ]);
  });

  const open = scan(finding("CVE-1", "9.8"));
  test.each([
    ["not affected", [{ vulnerability: { name: "CVE-1" }, status: "not_affected" }], true],
    ["fixed", [{ vulnerability: { name: "CVE-1" }, status: "fixed" }], true],
    [
      "by an alias",
      [{ vulnerability: { name: "GHSA-1", aliases: ["CVE-1"] }, status: "not_affected" }],
      true,
    ],
    ["in the older form", [{ vulnerability: "CVE-1", status: "not_affected" }], true],
    [
      "for this artifact",
      [
        {
          vulnerability: { name: "CVE-1" },
          status: "not_affected",
          products: [{ "@id": `pkg:oci/app@sha256:${sha256}` }],
        },
      ],
      true,
    ],
    [
      "for another artifact",
      [{ vulnerability: { name: "CVE-1" }, status: "not_affected", products: [{ "@id": "pkg:oci/other" }] }],
      false,
    ],
    ["for no product", [{ vulnerability: { name: "CVE-1" }, status: "not_affected", products: [] }], false],
    ["affected", [{ vulnerability: { name: "CVE-1" }, status: "affected" }], false],
    ["under investigation", [{ vulnerability: { name: "CVE-1" }, status: "under_investigation" }], false],
    ["an unknown status", [{ vulnerability: { name: "CVE-1" }, status: "ignored" }], false],
    ["another vulnerability", [{ vulnerability: { name: "CVE-11" }, status: "not_affected" }], false],
    [
      "excused, later affected",
      [
        { vulnerability: { name: "CVE-1" }, status: "not_affected", timestamp: "2026-02-01T00:00:00Z" },
        { vulnerability: { name: "CVE-1" }, status: "affected", timestamp: "2026-03-01T00:00:00Z" },
      ],
      false,
    ],
    [
      "affected, later excused",
      [
        { vulnerability: { name: "CVE-1" }, status: "affected", timestamp: "2026-02-01T00:00:00Z" },
        { vulnerability: { name: "CVE-1" }, status: "fixed", timestamp: "2026-03-01T00:00:00Z" },
      ],
      true,
    ],
    [
      "both at once",
      [
        { vulnerability: { name: "CVE-1" }, status: "not_affected" },
        { vulnerability: { name: "CVE-1" }, status: "affected" },
      ],
      false,
    ],
    [
      "both at once, the other way round",
      [
        { vulnerability: { name: "CVE-1" }, status: "affected" },
        { vulnerability: { name: "CVE-1" }, status: "not_affected" },
      ],
      false,
    ],
  ])("takes VEX into account: %s", async (_name, statements, passes) => {
    expect((await reasonOf(rule, [open, vex(statements)]))[0]).toBe(passes);
  });

  test("is not moved by statements that are none", async () => {
    for (const predicate of [null, {}, { statements: "x" }, { statements: [null, 7, {}] }])
      expect((await reasonOf(rule, [open, verified({ type: "https://openvex.dev/ns", predicate })]))[0]).toBe(
        false,
      );
  });
});
