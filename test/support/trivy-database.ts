/**
 * A database of Trivy's with one vulnerability in each of two ecosystems. The real one comes from a
 * container registry alone; this one lets the real scanner find something.
 * https://github.com/aquasecurity/trivy-db
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { boltFile } from "./bolt.js";

export const databaseUpdated = "2026-11-20T06:00:00Z";

/** Writes Trivy's cache directory. */
export async function writeTrivyDatabase(directory: string): Promise<void> {
  const github = "npm::GitHub Security Advisory npm";
  await mkdir(join(directory, "db"), { recursive: true });
  const database = boltFile({
    "data-source": {
      [github]: JSON.stringify({
        ID: "ghsa",
        Name: "GitHub Security Advisory npm",
        URL: "https://github.com",
      }),
      "debian 12": JSON.stringify({
        ID: "debian",
        Name: "Debian Security Tracker",
        URL: "https://debian.org",
      }),
    },
    [github]: {
      "left-pad": {
        "CVE-2099-0001": JSON.stringify({ PatchedVersions: ["1.3.1"], VulnerableVersions: ["<1.3.1"] }),
      },
    },
    "debian 12": { openssl: { "CVE-2099-0002": JSON.stringify({ FixedVersion: "9.0" }) } },
    vulnerability: {
      "CVE-2099-0001": JSON.stringify({
        Title: "left-pad pads the wrong side",
        VendorSeverity: { ghsa: 3 },
        CVSS: { ghsa: { V3Score: 7.5 } },
      }),
      "CVE-2099-0002": JSON.stringify({ Title: "libssl3 does not", VendorSeverity: { nvd: 4 } }),
    },
  });
  await writeFile(join(directory, "db/trivy.db"), database);
  await writeFile(
    join(directory, "db/metadata.json"),
    JSON.stringify({
      Version: 2,
      NextUpdate: "2100-01-01T00:00:00Z",
      UpdatedAt: databaseUpdated,
      DownloadedAt: databaseUpdated,
    }),
  );
}
