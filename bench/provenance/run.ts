/**
 * Time and memory of provenance by the size of the build: `npm run bench -- provenance`.
 * Each size runs in a process of its own, so that its peak memory is its own.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { mergeEvidence } from "../../src/provenance/merge/merge.js";
import { collectRecipe } from "../../src/provenance/recipe/collect.js";
import { jsonChunks } from "../../src/provenance/slsa/json.js";
import { provenancePredicate } from "../../src/provenance/slsa/predicate.js";
import { collectTelemetry } from "../../src/provenance/telemetry/collect.js";
import { parseEventStream } from "../../src/provenance/telemetry/protojson.js";
import { chainOf, streamOf } from "./graph.js";

type Measured = {
  readonly commands: number;
  readonly calls: number;
  readonly materials: number;
  readonly recipe: number;
  readonly telemetry: number;
  readonly merge: number;
  readonly write: number;
  readonly bytes: number;
  /** Processor time of all of it: other load on the machine does not count. */
  readonly cpu: number;
  readonly memory: number;
};

const sizes = [100, 1_000, 10_000];

async function measure(commands: number, withTelemetry: boolean): Promise<Measured> {
  const recipe = chainOf(commands);
  const stream = withTelemetry ? streamOf(recipe) : "";
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const fromRecipe = await collectRecipe(recipe);
  const collected = performance.now();
  const found = [
    fromRecipe,
    ...(withTelemetry ? [await collectTelemetry(parseEventStream(stream), { recipe })] : []),
  ];
  const observed = performance.now();
  const evidence = mergeEvidence(found);
  const merged = performance.now();
  let bytes = 0;
  for (const chunk of jsonChunks(provenancePredicate(evidence, { mode: "MAX" })))
    bytes += Buffer.byteLength(chunk);
  const written = performance.now();
  const cpu = process.cpuUsage(cpuBefore);
  return {
    commands,
    calls: evidence.steps.length,
    materials: evidence.materials.length,
    recipe: collected - start,
    telemetry: observed - collected,
    merge: merged - observed,
    write: written - merged,
    bytes,
    cpu: cpu.user / 1000 + cpu.system / 1000,
    memory: process.resourceUsage().maxRSS / 1024,
  };
}

function inOwnProcess(commands: number, withTelemetry: boolean): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [String(commands), String(withTelemetry)]);
    child.once("message", (measured) => resolve(measured as Measured));
    child.once("exit", (code) => reject(new Error(`the measuring process ended with ${code}`)));
  });
}

/** Prints the figures of each size, and how they grow. */
export async function run(): Promise<void> {
  for (const withTelemetry of [false, true]) {
    console.log(withTelemetry ? "\nrecipe and telemetry of the same build" : "recipe alone");
    console.log(
      "commands   calls  materials  recipe ms  telemetry ms  merge ms  write ms  total ms    cpu ms  output MB  peak MB",
    );
    let before: number | undefined;
    for (const commands of sizes) {
      const one = await inOwnProcess(commands, withTelemetry);
      const total = one.recipe + one.telemetry + one.merge + one.write;
      const columns = [
        String(commands).padStart(8),
        String(one.calls).padStart(7),
        String(one.materials).padStart(10),
        one.recipe.toFixed(0).padStart(10),
        one.telemetry.toFixed(0).padStart(13),
        one.merge.toFixed(0).padStart(9),
        one.write.toFixed(0).padStart(9),
        total.toFixed(0).padStart(9),
        one.cpu.toFixed(0).padStart(9),
        (one.bytes / 1e6).toFixed(1).padStart(10),
        one.memory.toFixed(0).padStart(8),
      ];
      const ratio =
        before === undefined
          ? ""
          : `  ${(one.cpu / before).toFixed(1)} times the processor time for 10 times the build`;
      console.log(columns.join(" ") + ratio);
      before = one.cpu;
    }
  }
}

const [, program, commands, withTelemetry] = process.argv;
if (program === fileURLToPath(import.meta.url))
  process.send?.(await measure(Number(commands), withTelemetry === "true"));
