/** Reports as the scanners write them, cut down to what is read. */

/** trivy 0.74.0, `trivy fs --format json`. */
export const trivyReport = {
  SchemaVersion: 2,
  Trivy: { Version: "0.74.0" },
  ReportID: "01a219a1-14a2-7375-8ef5-08e4547c43a2",
  CreatedAt: "2026-11-26T20:51:56.706228859+02:00",
  ArtifactName: "src",
  ArtifactType: "filesystem",
  Results: [
    { Target: "go.mod", Class: "lang-pkgs", Type: "gomod" },
    {
      Target: "package-lock.json",
      Class: "lang-pkgs",
      Type: "npm",
      Vulnerabilities: [
        {
          VulnerabilityID: "CVE-2099-0001",
          PkgID: "left-pad@1.3.0",
          PkgName: "left-pad",
          PkgIdentifier: { PURL: "pkg:npm/left-pad@1.3.0" },
          InstalledVersion: "1.3.0",
          FixedVersion: "1.3.1",
          SeveritySource: "ghsa",
          PrimaryURL: "https://avd.aquasec.com/nvd/cve-2099-0001",
          Severity: "HIGH",
          CVSS: { ghsa: { V3Score: 7.5 }, nvd: { V3Score: 9.8 } },
        },
        { VulnerabilityID: "CVE-2099-0002", PkgName: "right-pad", InstalledVersion: "1.0.0" },
      ],
    },
  ],
};

/** grype 0.104, `grype --output json`. */
export const grypeReport = {
  matches: [
    {
      vulnerability: {
        id: "GHSA-jfh8-c2jp-5v3q",
        dataSource: "https://github.com/advisories/GHSA-jfh8-c2jp-5v3q",
        namespace: "github:language:java",
        severity: "Critical",
        cvss: [
          { type: "Secondary", version: "3.1", vector: "CVSS:3.1/…", metrics: { baseScore: 10 } },
          { type: "Secondary", version: "4.0", vector: "CVSS:4.0/…", metrics: { baseScore: 9.3 } },
        ],
        fix: { versions: ["2.15.0", "2.16.0"], state: "fixed" },
      },
      relatedVulnerabilities: [{ id: "CVE-2021-44228", namespace: "nvd:cpe", severity: "Critical" }],
      artifact: {
        name: "log4j-core",
        version: "2.14.1",
        type: "java-archive",
        purl: "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
      },
    },
  ],
  source: { type: "directory", target: "." },
  descriptor: {
    name: "grype",
    version: "0.104.0",
    db: {
      status: {
        schemaVersion: "v6.1.2",
        from: "https://grype.anchore.io/databases/v6/db.tar.zst?checksum=sha256%3Aabc",
        built: "2026-11-20T06:30:58Z",
        valid: true,
      },
    },
    timestamp: "2026-11-26T12:00:00.5+01:00",
  },
};

/** How Grype wrote it before. */
export const olderGrypeDatabase = { built: "2024-01-02T01:23:45Z", schemaVersion: 5, checksum: "sha256:abc" };
