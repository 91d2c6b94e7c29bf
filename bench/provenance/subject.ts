/**
 * What is measured: provenance of one made-up build, in a process of its own. Arguments: number of commands, path of
 * the telemetry ("" for none). Sends what it measured to its parent.
 */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";

import { mergeEvidence } from "../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../src/provenance/recipe/collect.js";
import { jsonChunks } from "../../src/provenance/slsa/json.js";
import { provenancePredicate } from "../../src/provenance/slsa/predicate.js";
import { collectTelemetry } from "../../src/provenance/telemetry/collect.js";
import { readEventStream } from "../../src/provenance/telemetry/event-stream.js";
import { chainOf } from "./graph.js";

export type Measured = {
  readonly steps: number;
  readonly materials: number;
  /** Milliseconds of each part. */
  readonly recipe: number;
  readonly telemetry: number;
  readonly merge: number;
  readonly write: number;
  /** Characters of the predicate. */
  readonly written: number;
  /** Milliseconds of processor time of all of it: other load on the machine does not count. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
};

/** @param stream path of the telemetry, "" for none */
async function measure(commands: number, stream: string): Promise<Measured> {
  const recipe = chainOf(commands);
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const found = [await collectRecipe(recipe)];
  const collected = performance.now();
  if (stream !== "") {
    const pieces = createReadStream(stream, { encoding: "utf8" });
    const told = await collectTelemetry(await readEventStream(pieces, recipe), { recipe });
    if (!("unavailable" in told)) found.push(told);
  }
  const observed = performance.now();
  const evidence = mergeEvidence(found);
  const merged = performance.now();
  let written = 0;
  for (const chunk of jsonChunks(provenancePredicate(evidence, { mode: "MAX" }))) written += chunk.length;
  const end = performance.now();
  const cpu = process.cpuUsage(cpuBefore);
  return {
    steps: evidence.steps.length,
    materials: evidence.materials.length,
    recipe: collected - start,
    telemetry: observed - collected,
    merge: merged - observed,
    write: end - merged,
    written,
    cpu: cpu.user / 1000 + cpu.system / 1000,
    memory: Number(/VmHWM:\s*(\d+)/.exec(await readFile("/proc/self/status", "utf8"))?.[1]) / 1024,
  };
}

const [commands, stream = ""] = process.argv.slice(2);
process.send?.(await measure(Number(commands), stream));
