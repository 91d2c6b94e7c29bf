/**
 * SLSA Provenance v1 as types, with our extension fields (`dagger_...`).
 * https://slsa.dev/spec/v1.2/build-provenance
 */
import type { JsonValue, ResourceDescriptor } from "../../statement/types.js";

/** `predicateType` of the statement. */
export const provenancePredicateType = "https://slsa.dev/provenance/v1";

/** Where the pages live that `buildType` and the default `builder.id` point to. The one place to change it. */
export const documentationBase = "https://github.com/attest-dev/attest/blob/main/docs/build-types/";

/** docs/build-types/dagger-pipeline-v1.md documents every parameter. */
export const buildType = `${documentationBase}dagger-pipeline-v1.md`;

/** docs/build-types/local-builder-v1.md: a builder that its user runs, and what that can claim. */
export const localBuilderId = `${documentationBase}local-builder-v1.md`;

/** Media type of the document of steps among the byproducts. */
export const stepsMediaType = "application/vnd.attest.dagger.steps.v1+json";

export type ProvenanceMode =
  /** Materials, counts and times only: no commands, no arguments, no names of variables or secrets. */
  | "MIN"
  /** Everything that is known, after redaction. */
  | "MAX";

export type Provenance = {
  readonly buildDefinition: {
    readonly buildType: string;
    readonly externalParameters: Readonly<Record<string, JsonValue>>;
    readonly internalParameters?: Readonly<Record<string, JsonValue>>;
    readonly resolvedDependencies: readonly ResourceDescriptor[];
  };
  readonly runDetails: {
    readonly builder: { readonly id: string; readonly version?: Readonly<Record<string, string>> };
    readonly metadata: {
      readonly invocationId?: string;
      readonly startedOn?: string;
      readonly finishedOn?: string;
      readonly dagger_completeness: Completeness;
    };
    readonly byproducts: readonly ResourceDescriptor[];
  };
};

/** How much of the build the statement covers, and what hides the rest. */
export type Completeness = {
  /** `complete`: every leaf of the whole call graph has a digest from the engine. `declared`: only the author's word. */
  readonly materials: "complete" | "partial" | "declared" | "none";
  readonly steps: "complete" | "partial" | "declared" | "none";
  readonly usage: "complete" | "partial" | "none";
  /** True when nothing in the value can have come from elsewhere than from its materials, which are complete. */
  readonly hermetic: boolean;
  /** Sources that were used, the most exact first. */
  readonly sources: readonly string[];
  /** Sources that could not be used, and why. */
  readonly unavailable?: Readonly<Record<string, string>>;
  /** Operations in the value's own chain, as the engine names them, where it was asked. */
  readonly skeletonOps?: number;
  /** How many of them the steps explain. */
  readonly explainedOps?: number;
  /** `code: detail`, as docs/build-types/dagger-pipeline-v1.md lists them. */
  readonly gaps: readonly string[];
  readonly notes: readonly string[];
  readonly contradictions?: readonly string[];
};
