/**
 * Evidence: what is known about a build, item by item, each with where it comes from and how exact
 * that is. Collectors make it, `mergeEvidence` joins it, `provenancePredicate` writes it down.
 *
 * Evidence never holds a secret: collectors redact before they hand anything out (redact.ts).
 * Recipe digests (`xxh3:...`) are join keys of the engine, never digests of content. evidence/ has the items.
 */
import type { ConfirmedCalls } from "./evidence/confirmed.js";
import type { EvidenceSource, SourceReport } from "./evidence/found.js";
import type { FunctionCall, Parameter } from "./evidence/function.js";
import type { Material } from "./evidence/material.js";
import type { Step } from "./evidence/step.js";
import type { CacheUse, Output, SecretUse, ServiceUse, Timing, Usage } from "./evidence/use.js";

/** Facts about the run as a whole. */
export type RunFacts = {
  readonly invocationId?: string;
  readonly startedOn?: string;
  readonly finishedOn?: string;
  readonly engineVersion?: string;
  readonly sdk?: string;
  readonly platform?: string;
  /** Git and CI labels of the caller, credentials removed. */
  readonly labels?: Readonly<Record<string, string>>;
};

/** Why something is not known. Gaps stand between a statement and the word "complete". */
export type Gap = {
  readonly code:
    | "digest-unknown"
    | "function-cache-hit"
    | "opaque-step"
    | "unexplained-operations"
    | "built-before-observation"
    | "missing-call"
    | "untied-trace"
    | "unfinished";
  readonly detail: string;
};

/** Two sources that disagree. Both values are kept here; the item holds the winner. */
export type Contradiction = {
  readonly item: string;
  readonly field: string;
  readonly kept: { readonly value: string; readonly source: EvidenceSource };
  readonly dropped: { readonly value: string; readonly source: EvidenceSource };
};

export type Evidence = {
  /** Digest of the step whose value the evidence is about. */
  readonly root?: string;
  readonly materials: readonly Material[];
  readonly steps: readonly Step[];
  /** Calls that further sources tell in the same way as the recipe; `furtherSources` says of which items. */
  readonly confirmed?: readonly ConfirmedCalls[];
  readonly functions: readonly FunctionCall[];
  readonly parameters: readonly Parameter[];
  readonly usage: readonly Usage[];
  readonly timing: readonly Timing[];
  readonly secrets: readonly SecretUse[];
  readonly caches: readonly CacheUse[];
  readonly services: readonly ServiceUse[];
  readonly outputs: readonly Output[];
  /** Names of the operations in the value's own chain, first to last, as an error's path gives them. */
  readonly skeleton?: readonly string[];
  /** The same as the call graph gives them. */
  readonly chain?: readonly string[];
  /** True when the chain starts on a value that was handed in, whose own operations are in the skeleton alone. */
  readonly chainOnHanded?: boolean;
  readonly run: RunFacts;
  readonly gaps: readonly Gap[];
  /** Remarks that a reader should know and that hide nothing. */
  readonly notes: readonly string[];
  readonly contradictions: readonly Contradiction[];
  readonly sources: readonly SourceReport[];
};

/** What a collector answers. */
export type Collected = Evidence | { readonly unavailable: EvidenceSource; readonly because: string };

/** Evidence with the given parts, empty otherwise, whose `source` was available. */
export function evidenceFrom(source: EvidenceSource, parts: Partial<Evidence>): Evidence {
  return { ...emptyEvidence, sources: [{ source, available: true }], ...parts };
}

/** True for a collector that found nothing to look at. */
export function isUnavailable(
  collected: Collected,
): collected is Extract<Collected, { readonly unavailable: EvidenceSource }> {
  return "unavailable" in collected;
}

const emptyEvidence: Evidence = {
  materials: [],
  steps: [],
  functions: [],
  parameters: [],
  usage: [],
  timing: [],
  secrets: [],
  caches: [],
  services: [],
  outputs: [],
  run: {},
  gaps: [],
  notes: [],
  contradictions: [],
  sources: [],
};
