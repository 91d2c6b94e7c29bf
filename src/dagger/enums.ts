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

/** The form of a vulnerability scan as a predicate. */
export enum AttestScanFormat {
  /** One finding each, as in-toto defines it: https://in-toto.io/attestation/vulns/v0.2. */
  IN_TOTO = "in-toto",
  /** The scanner's whole report, as cosign defines it: https://cosign.sigstore.dev/attestation/vuln/v1. */
  COSIGN = "cosign",
}

/** How a product relates to a vulnerability (OpenVEX). */
export enum AttestVexStatus {
  /** Nothing has to be done; a justification or an impact says why. */
  NOT_AFFECTED = "not_affected",
  /** Something has to be done; an action says what. */
  AFFECTED = "affected",
  /** The product has the fix. */
  FIXED = "fixed",
  /** Nobody knows yet. */
  UNDER_INVESTIGATION = "under_investigation",
}

/** Why a product is not affected by a vulnerability (OpenVEX). */
export enum AttestVexJustification {
  /** The vulnerable component is not in the product. */
  COMPONENT_NOT_PRESENT = "component_not_present",
  /** The component is, the vulnerable code is not. */
  VULNERABLE_CODE_NOT_PRESENT = "vulnerable_code_not_present",
  /** The code is there and never runs. */
  VULNERABLE_CODE_NOT_IN_EXECUTE_PATH = "vulnerable_code_not_in_execute_path",
  /** An attacker can't reach it with anything harmful. */
  VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY = "vulnerable_code_cannot_be_controlled_by_adversary",
  /** The product has protections that prevent it. */
  INLINE_MITIGATIONS_ALREADY_EXIST = "inline_mitigations_already_exist",
}
