/** The tool that looks into a container, directory or file for packages. */
export enum AttestScanner {
  /** Anchore Syft. */
  SYFT = "syft",
  /** Aqua Trivy. */
  TRIVY = "trivy",
}

/** The format of a software bill of materials. */
export enum AttestSbomFormat {
  /** SPDX 2.3 as JSON; predicate type https://spdx.dev/Document. */
  SPDX_JSON = "spdx-json",
  /** CycloneDX as JSON (1.6 from Syft, 1.7 from Trivy); predicate type https://cyclonedx.org/bom. */
  CYCLONEDX_JSON = "cyclonedx-json",
}
