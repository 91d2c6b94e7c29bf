/**
 * Time and memory of provenance by the size of the build: `npm run bench -- provenance`.
 * Each size runs in a process of its own, so that its peak memory is its own.
 */
import { fork } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { mergeEvidence } from "../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../src/provenance/recipe/collect.js";
import { jsonChunks } from "../../src/provenance/slsa/json.js";
import { provenancePredicate } from "../../src/provenance/slsa/predicate.js";
import { collectTelemetry } from "../../src/provenance/telemetry/collect.js";
import { readEventStream } from "../../src/provenance/telemetry/event-stream.js";
import { chainOf, streamOf } from "./graph.js";

type Measured = {
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

/** Commands of builds with 100, 1 000 and 10 000 steps; then as many commands as the goal has steps. */
const sizes = [16, 163, 1_639, 10_000];

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

function inOwnProcess(commands: number, stream: string): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [String(commands), stream]);
    child.once("message", (measured) => resolve(measured as Measured));
    child.once("exit", (code) => reject(new Error(`the measuring process ended with ${code}`)));
  });
}

/** Prints the figures of each size, and how they grow. */
export async function run(): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), "bench-provenance-"));
  try {
    console.log("recipe alone");
    await printSizes(() => Promise.resolve(""));
    console.log("\nrecipe and telemetry of the same build");
    await printSizes(async (commands) => {
      const path = join(place, `${commands}.sse`);
      await pipeline(Readable.from(streamOf(chainOf(commands))), createWriteStream(path));
      return path;
    });
  } finally {
    await rm(place, { recursive: true });
  }
}

async function printSizes(streamFor: (commands: number) => Promise<string>): Promise<void> {
  console.log(
    "commands   steps  materials  recipe ms  telemetry ms  merge ms  write ms  total ms    cpu ms  output MB  peak MiB",
  );
  let before: Measured | undefined;
  for (const commands of sizes) {
    const one = await inOwnProcess(commands, await streamFor(commands));
    console.log(row(commands, one) + (before === undefined ? "" : growth(before, one)));
    before = one;
  }
}

function row(commands: number, one: Measured): string {
  const total = one.recipe + one.telemetry + one.merge + one.write;
  return [
    String(commands).padStart(8),
    String(one.steps).padStart(7),
    String(one.materials).padStart(10),
    one.recipe.toFixed(0).padStart(10),
    one.telemetry.toFixed(0).padStart(13),
    one.merge.toFixed(0).padStart(9),
    one.write.toFixed(0).padStart(9),
    total.toFixed(0).padStart(9),
    one.cpu.toFixed(0).padStart(9),
    (one.written / 1e6).toFixed(1).padStart(10),
    one.memory.toFixed(0).padStart(9),
  ].join(" ");
}

function growth(before: Measured, after: Measured): string {
  const [time, steps] = [after.cpu / before.cpu, after.steps / before.steps];
  return `  ${time.toFixed(1)} times the processor time for ${steps.toFixed(1)} times the steps`;
}

const [, program, commands, stream = ""] = process.argv;
if (program === fileURLToPath(import.meta.url)) process.send?.(await measure(Number(commands), stream));
