/**
 * The scanners' images, pinned by version and by the digest of the multi-platform index. Plain
 * string constants: Dagger's introspector reads them as the defaults of the constructor's arguments.
 * Why these versions: docs/decisions/2026-11-24-scanner-pins.md.
 */

/** Anchore Syft; `/syft` is its entrypoint, there is no shell in it. */
// renovate: datasource=docker depName=anchore/syft
export const syftImage =
  "docker.io/anchore/syft:v1.51.0@sha256:678bfa565b60f747aac0f8e964fe5588a24445b8d0a480e91f6efd70020dfbb0";

/** Aqua Trivy; `trivy` is its entrypoint and on its PATH. */
// renovate: datasource=docker depName=aquasec/trivy
export const trivyImage =
  "docker.io/aquasec/trivy:0.74.0@sha256:62b1e65e8869bc4b4c6aa4fa2b21595256c7c2f6018a9d9ad61caf87187c1969";
