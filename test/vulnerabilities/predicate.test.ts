import { describe, expect, it } from "vitest";

import { vexAnswers } from "../../src/policy/vex-answers.js";
import { readFindings } from "../../src/policy/findings.js";
import { readPredicate } from "../../src/predicates/definition.js";
import { cosignVulnV1, vulnerabilitiesV02 } from "../../src/predicates/vulnerabilities.js";
import { scanPredicate, type ScanPredicateOptions } from "../../src/vulnerabilities/predicate.js";
import { readScanReport } from "../../src/vulnerabilities/read.js";
import { summariseScan } from "../../src/vulnerabilities/summary.js";
import { bytes, refusal } from "../predicates/support.js";
import { grypeReport, olderGrypeDatabase, trivyReport } from "./reports.js";

const read = (report: unknown) => readScanReport(bytes(report), "report.json");
const inToto = (report: unknown, options: Partial<ScanPredicateOptions> = {}) => {
  const { bytes: written } = scanPredicate(read(report), { format: "in-toto", ...options });
  return readPredicate(vulnerabilitiesV02, written);
};
const database = { updated: "2026-11-20T06:00:00Z", version: "v2" };

describe("Trivy's report", () => {
  it("becomes in-toto's predicate, with Trivy's own severity and the score of the same source", () => {
    expect(inToto(trivyReport, { database })).toEqual({
      scanner: {
        uri: "pkg:github/aquasecurity/trivy@v0.74.0",
        version: "0.74.0",
        db: {
          uri: "pkg:github/aquasecurity/trivy-db",
          version: "v2",
          lastUpdate: "2026-11-20T06:00:00.000Z",
        },
        result: [
          {
            id: "CVE-2099-0001",
            severity: [
              { method: "ghsa", score: "high" },
              { method: "cvss_v3", score: "7.5" },
            ],
            annotations: [
              {
                package: "left-pad",
                installedVersion: "1.3.0",
                fixedVersion: "1.3.1",
                purl: "pkg:npm/left-pad@1.3.0",
                url: "https://avd.aquasec.com/nvd/cve-2099-0001",
              },
            ],
          },
          {
            id: "CVE-2099-0002",
            severity: [{ method: "trivy", score: "unknown" }],
            annotations: [{ package: "right-pad", installedVersion: "1.0.0" }],
          },
        ],
      },
      metadata: {
        scanStartedOn: "2026-11-26T18:51:56.706Z",
        scanFinishedOn: "2026-11-26T18:51:56.706Z",
      },
    });
  });

  it("lacks when its database was updated, and says how to get it", async () => {
    const error = await refusal(() => inToto(trivyReport));
    expect(error.code).toBe("REPORT_INVALID");
    expect(error.next).toContain("trivy version --format json");
  });

  it("becomes cosign's predicate around the whole report, database or not", () => {
    const { predicateType, bytes: written } = scanPredicate(read(trivyReport), { format: "cosign" });
    expect(predicateType).toBe("https://cosign.sigstore.dev/attestation/vuln/v1");
    const predicate = readPredicate(cosignVulnV1, written);
    expect(predicate.scanner.result).toEqual(trivyReport);
    expect(predicate.scanner.db).toEqual({ uri: "pkg:github/aquasecurity/trivy-db" });
  });

  it("without findings is an empty list, not a missing one", () => {
    const clean = { ...trivyReport, Results: [{ Target: "go.mod", Vulnerabilities: null }] };
    expect(inToto(clean, { database }).scanner.result).toEqual([]);
    const { Results: _none, ...empty } = trivyReport;
    expect(inToto(empty, { database }).scanner.result).toEqual([]);
  });
});

describe("Grype's report", () => {
  it("becomes in-toto's predicate; it says itself how old its database is", () => {
    expect(inToto(grypeReport)).toMatchObject({
      scanner: {
        uri: "pkg:github/anchore/grype@v0.104.0",
        version: "0.104.0",
        db: {
          uri: "https://grype.anchore.io/databases/v6/db.tar.zst",
          version: "v6.1.2",
          lastUpdate: "2026-11-20T06:30:58.000Z",
        },
        result: [
          {
            id: "GHSA-jfh8-c2jp-5v3q",
            severity: [
              { method: "github", score: "critical" },
              { method: "cvss_v4.0", score: "9.3" },
            ],
            annotations: [
              {
                package: "log4j-core",
                fixedVersion: "2.15.0, 2.16.0",
                aliases: ["CVE-2021-44228"],
                purl: "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
              },
            ],
          },
        ],
      },
      metadata: { scanFinishedOn: "2026-11-26T11:00:00.500Z" },
    });
  });

  it("of an older version is read too", () => {
    const older = { ...grypeReport, descriptor: { ...grypeReport.descriptor, db: olderGrypeDatabase } };
    expect(inToto(older).scanner.db).toEqual({ version: "v5", lastUpdate: "2024-01-02T01:23:45.000Z" });
  });
});

describe("what VEX answers", () => {
  const artifact = { name: "app", digests: { sha256: "9".repeat(64) } };
  const log4j = "pkg:maven/org.apache.logging.log4j/log4j-core";
  const vex = (statement: object) =>
    vexAnswers(
      [
        {
          "@id": "https://example.com/vex/1",
          timestamp: "2026-01-01T00:00:00Z",
          statements: [
            {
              vulnerability: { name: "CVE-2021-44228" },
              status: "not_affected",
              justification: "vulnerable_code_not_present",
              ...statement,
            },
          ],
        },
      ],
      artifact,
    );
  const about = (...subcomponents: object[]) => ({
    products: [{ "@id": `pkg:oci/app@sha256%3A${artifact.digests.sha256}`, subcomponents }],
  });

  it("is taken out of the result and listed, with whose word it was", () => {
    const predicate = inToto(grypeReport, { vex: vex({}) });
    expect(predicate.scanner.result).toEqual([]);
    expect(predicate).toMatchObject({
      attest_vex: [
        {
          id: "GHSA-jfh8-c2jp-5v3q",
          purl: `${log4j}@2.14.1`,
          status: "not_affected",
          justification: "vulnerable_code_not_present",
          document: "https://example.com/vex/1",
        },
      ],
    });
  });

  it.each([
    ["this version of the package", [about({ "@id": `${log4j}@2.14.1?type=jar` })], 0],
    ["all versions of the package", [about({ identifiers: { purl: log4j } })], 0],
    ["another version", [about({ "@id": `${log4j}@2.15.0` })], 1],
    ["another package", [about({ "@id": "pkg:npm/log4j-core@2.14.1" })], 1],
    ["another artifact", [{ products: [{ "@id": "pkg:oci/other" }] }], 1],
    ["the whole artifact", [about()], 0],
  ])("is limited to %s", (_case, [statement], open) => {
    expect(inToto(grypeReport, { vex: vex(statement ?? {}) }).scanner.result).toHaveLength(open);
  });

  it("can't be taken out of cosign's form", async () => {
    const error = await refusal(() => scanPredicate(read(grypeReport), { format: "cosign", vex: vex({}) }));
    expect(error.code).toBe("ARGUMENT_INVALID");
  });
});

describe("a predicate that was made of a report", () => {
  it("gives a policy the scanner's own severities, in either form", () => {
    for (const report of [trivyReport, grypeReport]) {
      const [first, second] = (["in-toto", "cosign"] as const).map((format) => {
        const { bytes: written } = scanPredicate(read(report), { format, database });
        return readFindings(JSON.parse(Buffer.from(written).toString()));
      });
      expect(first?.length).toBeGreaterThan(0);
      expect(first).toEqual(second);
    }
  });

  it("is told in a few lines, the gravest first", () => {
    const report = read(trivyReport);
    const predicate = scanPredicate(report, { format: "in-toto", database });
    expect(summariseScan(report, predicate, "app")).toBe(
      [
        "app: 2 vulnerabilities (1 high, 1 unknown), by trivy 0.74.0",
        "  high CVE-2099-0001 left-pad 1.3.0, fixed in 1.3.1",
        "  unknown CVE-2099-0002 right-pad 1.0.0",
      ].join("\n"),
    );
  });
});

describe("a report is refused", () => {
  it.each(["{}", "[]", '{"version":"2.1.0","runs":[]}', "null"])("when it is %s", async (text) => {
    const error = await refusal(() => readScanReport(bytes(text), "report.json"));
    expect(error.code).toBe("REPORT_INVALID");
    expect(error.next).toContain("grype --output json");
  });

  it("with everything that is wrong with its findings", async () => {
    const results = [{ Vulnerabilities: [{ PkgName: "a" }, 7] }, { Vulnerabilities: "none" }];
    const error = await refusal(() => read({ ...trivyReport, Results: results }));
    expect(error.problems.map(({ path }) => path)).toEqual([
      "Results[0].Vulnerabilities[1]",
      "Results[0].Vulnerabilities[0].VulnerabilityID",
      "Results[1].Vulnerabilities",
    ]);
  });

  it("when a time is none", async () => {
    expect((await refusal(() => inToto(grypeReport, { started: "yesterday" }))).code).toBe(
      "ARGUMENT_INVALID",
    );
  });
});
