/** Where evidence comes from, and how exact it is. */

/** Where an item comes from. docs/provenance.md says what each source can and can't see. */
export type EvidenceSource =
  /** The call graph of the value itself, from the engine's cache. */
  | "recipe"
  /** Spans and metrics of the session that we read ourselves. */
  | "telemetry"
  /** Spans and metrics recorded on the host, outside the session. */
  | "host-trace"
  /** What the engine says of itself and of the modules it loaded. */
  | "metadata"
  /** The text of a Dockerfile that a build was made of: what was asked for, and not what was done. */
  | "dockerfile"
  /** `dagger.lock`: what the previous run resolved. */
  | "lockfile"
  /** The history in the config of the exported image. */
  | "history"
  /** The field names of the value's own chain, from an error's path. */
  | "skeleton"
  /** What the author of the pipeline states. */
  | "declared";

/** Sources from the most to the least exact. */
export const sourceRanking: readonly EvidenceSource[] = [
  "recipe",
  "telemetry",
  "host-trace",
  "metadata",
  "dockerfile",
  "lockfile",
  "history",
  "skeleton",
  "declared",
];

/**
 * How exact an item is. `exact`: the engine's own record. `observed`: reported by spans, which the
 * observed code could forge. `inferred`: read from text that is no contract, or that says what was to be done and not
 * what was. `claimed`: somebody's word.
 */
export type Exactness = "exact" | "observed" | "inferred" | "claimed";

/** Carried by every item of evidence. */
export type Found = {
  readonly source: EvidenceSource;
  readonly exactness: Exactness;
  /** Further sources that say the same, or that filled in details. */
  readonly alsoIn?: readonly EvidenceSource[];
};

/** What became of a source: used, or unavailable and why. */
export type SourceReport = {
  readonly source: EvidenceSource;
  readonly available: boolean;
  readonly because?: string;
};
