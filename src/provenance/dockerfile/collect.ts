/** What Dockerfiles add to the evidence of a call graph that builds them. */
import type { Call, Recipe } from "../../recipe/index.js";
import type { Contradiction } from "../evidence.js";
import type { EvidenceSource, SourceReport } from "../evidence/found.js";
import type { Material } from "../evidence/material.js";
import type { Step } from "../evidence/step.js";
import type { CacheUse, SecretUse } from "../evidence/use.js";
import type { Redactor } from "../redact.js";
import { type DockerfilePort, isBuild, type OpenedFile, readBuild, unseenOf } from "./builds.js";
import type { DockerfileReading } from "./reading.js";
import { disagreements, insideOf, locationsOf, untold } from "./watched.js";

export type ReadBuilds = {
  /** Steps of the instructions, by the digest of the build's call. */
  readonly steps: Map<string, readonly Step[]>;
  /** Step that made what a build gave, if one did. */
  readonly results: Map<string, readonly string[]>;
  /** What stays unseen of a build. */
  readonly unseen: Map<string, string>;
  /** Lines that asked for watched calls, by the digest of the call. */
  readonly locations: Map<string, NonNullable<Step["location"]>>;
  readonly materials: Material[];
  readonly secrets: SecretUse[];
  readonly caches: CacheUse[];
  readonly notes: string[];
  readonly contradictions: Contradiction[];
  readonly reports: SourceReport[];
};

export type BuildsOptions = {
  readonly graph: Recipe;
  /** Builds that were watched, by digest: the calls that their results lead to. */
  readonly opened: ReadonlyMap<string, readonly string[]>;
  readonly redactor: Redactor;
  readonly port: DockerfilePort | undefined;
  /** Who watched. */
  readonly watcher: EvidenceSource;
};

const found = { source: "dockerfile", exactness: "inferred" } as const;

/**
 * Reads the builds whose files are at hand. Of a build that was watched the file gives the lines of its steps, what the
 * watcher missed, and what the two tell differently: what was done, the watcher knows better.
 */
export async function readBuilds(
  files: ReadonlyMap<string, OpenedFile>,
  { graph, opened, redactor, port, watcher }: BuildsOptions,
): Promise<ReadBuilds> {
  const builds = noBuilds();
  const reasons: string[] = [];
  let number = 0;
  for (const [digest, file] of files) {
    const call = graph.calls.get(digest);
    if (call === undefined || port === undefined) continue;
    number++;
    const reading = await attempt(call, file, number, redactor, port);
    const ends = opened.get(digest);
    if ("because" in reading) {
      reasons.push(reading.because);
      builds.unseen.set(
        digest,
        `what the Dockerfile brings in can't be seen, and it can't be read: ${reading.because}`,
      );
    } else if (ends === undefined) addReading(builds, digest, reading);
    else addWatched(builds, call, reading, insideOf(call, ends, graph), watcher);
  }
  if (number > reasons.length) builds.reports.push({ source: "dockerfile", available: true });
  else if (reasons[0] !== undefined)
    builds.reports.push({ source: "dockerfile", available: false, because: reasons[0] });
  return builds;
}

export function noBuilds(): ReadBuilds {
  return {
    steps: new Map(),
    results: new Map(),
    unseen: new Map(),
    locations: new Map(),
    materials: [],
    secrets: [],
    caches: [],
    notes: [],
    contradictions: [],
    reports: [],
  };
}

/** The builds among calls that are told here and nowhere else. */
export function buildsAmong(order: readonly Call[], isDescribed: (call: Call) => boolean): Call[] {
  return order.filter((call) => isBuild(call) && !isDescribed(call));
}

async function attempt(
  call: Call,
  file: OpenedFile,
  number: number,
  redactor: Redactor,
  port: DockerfilePort,
): Promise<DockerfileReading | { readonly because: string }> {
  if ("because" in file) return { because: redactor.text(file.because) };
  try {
    return await readBuild(call, file.parsed, number, redactor, port);
  } catch (error) {
    return { because: redactor.text(error instanceof Error ? error.message : String(error)) };
  }
}

function addReading(builds: ReadBuilds, digest: string, reading: DockerfileReading): void {
  builds.steps.set(digest, reading.steps);
  if (reading.result !== undefined) builds.results.set(digest, [reading.result]);
  builds.unseen.set(digest, unseenOf(reading));
  builds.materials.push(...reading.materials);
  builds.notes.push(...reading.notes);
  builds.secrets.push(...reading.secrets.map((one) => ({ ...found, provider: "build", ...one })));
  builds.caches.push(...reading.caches.map((one) => ({ ...found, ...one })));
}

function addWatched(
  builds: ReadBuilds,
  call: Call,
  reading: DockerfileReading,
  inside: ReturnType<typeof insideOf>,
  watcher: EvidenceSource,
): void {
  for (const [digest, location] of locationsOf(inside, reading)) builds.locations.set(digest, location);
  if (!inside.isWhole)
    builds.materials.push(...untold(reading, inside).map((one) => ({ ...one, steps: [] })));
  builds.contradictions.push(...disagreements(call.digest, inside, reading, watcher));
}
