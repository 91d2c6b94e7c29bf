/** The tool that makes the SBOM. */
export type SbomScanner = "syft" | "trivy";

/** SPDX 2.3 or CycloneDX, both as JSON. */
export type SbomFormat = "spdx-json" | "cyclonedx-json";

/** What is scanned. */
export type ScanSource = "image" | "directory" | "file";

/** An SBOM as parsed JSON; what is in it is checked by `validateSbom`, not by this type. */
export type SbomDocument = Readonly<Record<string, unknown>>;
