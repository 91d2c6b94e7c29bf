/**
 * What is measured: provenance of one made-up build, in a process of its own. Arguments: path of the value's id ("" where
 * it is not known), path of the telemetry ("" for none). Sends what it measured to its parent.
 */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";

import type { Evidence } from "../../src/provenance/evidence.js";
import { mergeEvidence } from "../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../src/provenance/recipe/collect.js";
import { jsonChunks } from "../../src/provenance/slsa/json.js";
import { provenancePredicate } from "../../src/provenance/slsa/predicate.js";
import { collectTelemetry } from "../../src/provenance/telemetry/collect.js";
import { readEventStream } from "../../src/provenance/telemetry/event-stream.js";
import { decodeRecipe, type Recipe } from "../../src/recipe/index.js";

export type Measured = {
  readonly steps: number;
  readonly materials: number;
  /** Milliseconds of each part; of the id, of reading it. */
  readonly id: number;
  readonly recipe: number;
  readonly telemetry: number;
  readonly merge: number;
  readonly write: number;
  /** Characters of the predicate. */
  readonly written: number;
  /** Milliseconds of processor time of all of it: other load on the machine does not count. */
  readonly cpu: number;
  /** MB, the most that the process had at once. */
  readonly memory: number;
};

async function measure(idPath: string, stream: string): Promise<Measured> {
  const cpuBefore = process.cpuUsage();
  const { found, start, read, collected, observed } = await collect(idPath, stream);
  const evidence = mergeEvidence(found);
  const merged = performance.now();
  let written = 0;
  for (const chunk of jsonChunks(provenancePredicate(evidence, { mode: "MAX" }))) written += chunk.length;
  const end = performance.now();
  const cpu = process.cpuUsage(cpuBefore);
  return {
    steps: evidence.steps.length,
    materials: evidence.materials.length,
    id: read - start,
    recipe: collected - read,
    telemetry: observed - collected,
    merge: merged - observed,
    write: end - merged,
    written,
    cpu: cpu.user / 1000 + cpu.system / 1000,
    memory: (peakKibibytes(await readFile("/proc/self/status", "utf8")) * 1024) / 1e6,
  };
}

type Found = {
  readonly found: readonly Evidence[];
  /** When it began, and when each part was done. */
  readonly start: number;
  readonly read: number;
  readonly collected: number;
  readonly observed: number;
};

/** As evidence is gathered: of recipe and spans nothing is kept afterwards. */
async function collect(idPath: string, stream: string): Promise<Found> {
  const start = performance.now();
  const recipe = idPath === "" ? undefined : await readRecipe(idPath);
  const read = performance.now();
  const found = recipe === undefined ? [] : [await collectRecipe(recipe)];
  const collected = performance.now();
  if (stream !== "") {
    const pieces = createReadStream(stream, { encoding: "utf8" });
    const telemetry = await readEventStream(pieces, recipe);
    const told = await collectTelemetry(telemetry, recipe === undefined ? {} : { recipe });
    if (!("unavailable" in told)) found.push(told);
  }
  return { found, start, read, collected, observed: performance.now() };
}

function peakKibibytes(status: string): number {
  return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]);
}

async function readRecipe(path: string): Promise<Recipe> {
  const id = await decodeRecipe(await readFile(path, "utf8"));
  if (id.kind !== "recipe") throw new Error("the id holds no recipe");
  return id;
}

const [idPath = "", stream = ""] = process.argv.slice(2);
process.send?.(await measure(idPath, stream));
