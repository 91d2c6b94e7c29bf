import type { SbomFormat } from "./types.js";

/**
 * The predicate type that the ecosystem matches on (no version in it):
 * https://github.com/in-toto/attestation/blob/main/spec/predicates/spdx.md and cyclonedx.md.
 */
export function predicateTypeOf(format: SbomFormat): string {
  return format === "spdx-json" ? "https://spdx.dev/Document" : "https://cyclonedx.org/bom";
}
