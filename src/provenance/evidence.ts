/**
 * Evidence: what is known about a build, item by item, each with where it comes from and how exact
 * that is. Collectors make it, `mergeEvidence` joins it, `provenancePredicate` writes it down.
 *
 * Evidence never holds a secret: collectors redact before they hand anything out (redact.ts).
 * Recipe digests (`xxh3:...`) are join keys of the engine, never digests of content.
 */
import type { DigestSet } from "../statement/types.js";

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

/**
 * Digests of calls that a source tells in the same way as the value's recipe: their steps, and materials whose digest
 * the call names, are the recipe's, and stand there only.
 */
export type ConfirmedCalls = { readonly source: EvidenceSource; readonly calls: ReadonlySet<string> };

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

/** Where a work tree of git stood. */
export type GitState = {
  readonly commit: string;
  /** Full name of the branch or tag that was checked out. */
  readonly ref?: string;
  /** True when the directory holds what the commit holds and nothing else. */
  readonly isCommit: boolean;
};

export type MaterialKind =
  "image" | "git" | "http" | "host-directory" | "host-file" | "module" | "file" | "directory" | "other";

/** Something that went into the build from outside of it. */
export type Material = Found & {
  readonly kind: MaterialKind;
  /** A purl (`pkg:docker/...`), `git+https://...@ref`, or the URL; without credentials. */
  readonly uri: string;
  /** Empty when nobody knows a digest; `missing` then says why. */
  readonly digests: DigestSet;
  readonly missing?: string;
  /** Where the digests come from, when another source than the item's own had them. */
  readonly digestSource?: EvidenceSource;
  /** Why nothing but the engine's own digest is known of content that was used. */
  readonly unread?: string;
  /** Of a directory with a repository in it. */
  readonly git?: GitState;
  /** What the author calls it, or the argument that it was handed over as. */
  readonly name?: string;
  /** URIs under which other sources tell of the same content. */
  readonly alsoAs?: readonly string[];
  /** What the pipeline asked for: a tag, a git ref, a path on the host. */
  readonly requested?: string;
  readonly platform?: string;
  /** Bytes. */
  readonly size?: number;
  /** Digests of the steps that brought it in. */
  readonly steps: readonly string[];
};

export type StepKind =
  /** Runs a command. */
  | "exec"
  /** Starts from an image. */
  | "base"
  /** Brings something in from outside: git, http, host. */
  | "source"
  /** Writes files. */
  | "file"
  /** Mounts something, or hands over a secret. */
  | "mount"
  /** Sets configuration: environment, labels, user, entrypoint. */
  | "config"
  /** Picks a part of another value. */
  | "select"
  /** Builds behind one call that can't be looked into (dockerBuild). */
  | "opaque"
  /** Sends something out: publish, export. */
  | "publish"
  /** A function of a module. */
  | "function"
  | "other";

/** An argument after redaction: what may be shown. `{step}` refers to another step. */
export type ArgumentValue =
  | string
  | number
  | boolean
  | null
  | { readonly step: string }
  | readonly ArgumentValue[]
  | { readonly [name: string]: ArgumentValue };

/** A mount or a secret that is in effect for a command. */
export type Mount = {
  readonly kind: "directory" | "file" | "cache" | "secret" | "temp" | "socket" | "service";
  /** Path in the container, `$NAME` for a variable, or the host name of a service. */
  readonly target: string;
  /** Step that made what is mounted. */
  readonly step?: string;
};

export type Step = Found & {
  /** Recipe digest of the call, or `<source>:<n>` where the source has none. */
  readonly digest: string;
  /** `Type.field`, as in `Container.withExec`. */
  readonly operation: string;
  readonly kind: StepKind;
  /** Digests of the steps it builds on, the receiver first. */
  readonly inputs: readonly string[];
  readonly arguments?: Readonly<Record<string, ArgumentValue>>;
  /** The command, for `exec`: redacted. */
  readonly argv?: readonly string[];
  /** Where the command started: an absolute path, where the calls or the engine tell it. */
  readonly workdir?: string;
  /** Names (never values) of the variables in effect; the last ones when there are more than `effectLimit`. */
  readonly environment?: readonly string[];
  /** Mounts in effect; the last ones when there are more than `effectLimit`. */
  readonly mounts?: readonly Mount[];
  /** How many variables and mounts `environment` and `mounts` left out. */
  readonly notListed?: number;
  /** Digest of the content, where the engine tells one; a key of the engine, not an in-toto digest. */
  readonly content?: string;
  /** Bytes and sha256 of text that the step writes itself (`withNewFile`). */
  readonly inline?: { readonly size: number; readonly sha256: string };
  /** The instruction of a Dockerfile that asked for it: first and last line, from 1. */
  readonly location?: { readonly file: string; readonly lines: readonly [first: number, last: number] };
};

export type ModuleRef = {
  readonly name: string;
  readonly ref?: string;
  readonly pin?: string;
};

/** A call of a module's function. */
export type FunctionCall = Found & {
  readonly digest: string;
  readonly module: ModuleRef;
  /** `Type.function`, as in `Pipeline.build`. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, ArgumentValue>>;
  /** Digest of the step that it returned. */
  readonly output?: string;
  /** True when the engine answered from its function cache, so that nothing inside was seen. */
  readonly hidden?: boolean;
};

/** Something the user set: an argument of the entry point, or a declared parameter. */
export type Parameter = Found & { readonly name: string; readonly value: ArgumentValue };

/** Resources that one step used. Counters are totals over the life of the step. */
export type Usage = Found & {
  readonly step: string;
  readonly cpuUserMicros?: number;
  readonly cpuSystemMicros?: number;
  readonly cpuTotalMicros?: number;
  readonly memoryPeakBytes?: number;
  readonly diskReadBytes?: number;
  readonly diskWriteBytes?: number;
  readonly networkReceivedBytes?: number;
  readonly networkSentBytes?: number;
  /** How it was measured and of what, where the engine tells: `cgroup-v1 of the runner`. */
  readonly measured?: string;
};

/** When a step ran, and how it ended. RFC 3339, UTC, milliseconds. */
export type Timing = Found & {
  readonly step: string;
  readonly startedOn: string;
  readonly finishedOn?: string;
  readonly outcome: "run" | "cached" | "failed" | "unfinished";
  /** Of a command, where the engine tells it. */
  readonly exitCode?: number;
};

/** A secret by its name; its value is never asked for. */
export type SecretUse = Found & {
  readonly name: string;
  /** Which provider: `env`, `file`, `op`, `vault`, `set`, `build` (handed to a Dockerfile); never the rest of the address. */
  readonly provider: string;
  /** Of a Dockerfile's: whether the command runs without it, too. */
  readonly optional?: boolean;
  readonly step: string;
};

export type CacheUse = Found & { readonly key: string; readonly namespace?: string; readonly step: string };

export type ServiceUse = Found & { readonly name: string; readonly step: string };

/** What left the build: a pushed image, an export. */
export type Output = Found & { readonly address: string; readonly digests: DigestSet; readonly step: string };

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

/** What became of a source: used, or unavailable and why. */
export type SourceReport = {
  readonly source: EvidenceSource;
  readonly available: boolean;
  readonly because?: string;
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

/** Variables and mounts listed per command; a longer list is cut so that a long chain stays linear. */
export const effectLimit = 32;

/** Evidence with the given parts, empty otherwise, whose `source` was available. */
export function evidenceFrom(source: EvidenceSource, parts: Partial<Evidence>): Evidence {
  return { ...emptyEvidence, sources: [{ source, available: true }], ...parts };
}

/** True when another source confirms what the recipe says of a call. */
export function isConfirmed({ confirmed = [] }: Pick<Evidence, "confirmed">, call: string): boolean {
  return confirmed.some(({ calls }) => calls.has(call));
}

/**
 * Further sources of an item of merged evidence: those that it names, and those that confirm its calls.
 * @param steps digests of the calls that the item is of
 */
export function furtherSources(
  { source, alsoIn }: Found,
  steps: readonly string[],
  confirmed: readonly ConfirmedCalls[] = [],
): readonly EvidenceSource[] | undefined {
  if (source !== "recipe") return alsoIn;
  const by: EvidenceSource[] = [];
  for (const one of confirmed) if (steps.some((step) => one.calls.has(step))) by.push(one.source);
  if (by.length === 0 || alsoIn === undefined) return by.length === 0 ? alsoIn : by;
  return sourceRanking.filter((one) => by.includes(one) || alsoIn.includes(one));
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
