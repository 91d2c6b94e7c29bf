/** What steps used, when they ran, and what they sent out. */
import type { DigestSet } from "../../statement/types.js";
import type { Found } from "./found.js";

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
