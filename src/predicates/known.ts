/** The predicate types that are known, and what is known of them. */
import type { PredicateDefinition } from "./definition.js";
import { linkV03, linkV1 } from "./link.js";
import { openVex, openVexVersions } from "./openvex.js";
import { referenceV01 } from "./reference.js";
import { releaseV01, releaseV02 } from "./release.js";
import { runtimeTraceV01 } from "./runtime-trace.js";
import { sbomPredicates } from "./sbom.js";
import { scaiV03 } from "./scai.js";
import { provenanceV01, provenanceV02, provenanceV1 } from "./slsa-provenance.js";
import { testResultV01 } from "./test-result.js";
import { traceUrlV1 } from "./trace-url.js";
import {
  verificationResultV01,
  verificationResultV02,
  verificationSummaryV1,
} from "./verification-summary.js";
import { cosignVulnV1, vulnerabilitiesV01, vulnerabilitiesV02 } from "./vulnerabilities.js";

/** docs/predicates.md lists them for people; a test compares. */
export const knownPredicates: readonly PredicateDefinition<unknown>[] = [
  provenanceV1,
  provenanceV02,
  ...provenanceV01,
  ...sbomPredicates,
  vulnerabilitiesV02,
  vulnerabilitiesV01,
  cosignVulnV1,
  openVex,
  ...openVexVersions,
  testResultV01,
  releaseV02,
  releaseV01,
  scaiV03,
  linkV03,
  linkV1,
  referenceV01,
  runtimeTraceV01,
  verificationSummaryV1,
  verificationResultV02,
  verificationResultV01,
  traceUrlV1,
];

const byType: ReadonlyMap<string, PredicateDefinition<unknown>> = new Map(
  knownPredicates.map((definition) => [definition.predicateType, definition]),
);

/** What is known of a predicate type; undefined when nothing is. */
export function definitionOf(predicateType: string): PredicateDefinition<unknown> | undefined {
  return byType.get(predicateType);
}
