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

/** How grave a finding of a scanner is: low below CVSS 4, medium below 7, high below 9, critical above. */
export enum AttestSeverity {
  /** From low on: every finding counts. */
  LOW = "low",
  /** From medium on. */
  MEDIUM = "medium",
  /** From high on. */
  HIGH = "high",
  /** Critical alone, and what a scanner gives no severity. */
  CRITICAL = "critical",
}

/** Where attestations of an image are kept. Everything is found again from each of them. */
export enum AttestLayout {
  /** OCI 1.1 referrers that hold Sigstore bundles, as cosign v3 writes them. The image does not change. */
  REFERRER = "referrer",
  /** The tag that ends in `.att`, as cosign wrote it before version 3. The image does not change. */
  COSIGN_TAG = "cosign-tag",
  /** The image's index, as BuildKit writes it since v0.32: statements without signatures; the index changes. */
  BUILDKIT_ARTIFACT = "buildkit-artifact",
  /** The image's index, as older BuildKit versions write it: statements without signatures; the index changes. */
  BUILDKIT_IMAGE = "buildkit-image",
}

/** How much a provenance tells. */
export enum AttestProvenanceMode {
  /** No commands, arguments, names of variables, secrets or caches, and no labels of the caller. */
  MIN = "MIN",
  /** Everything that is known, after redaction. */
  MAX = "MAX",
}
