/**
 * Time and memory of provenance by the size of the build: `npm run bench -- provenance`.
 * Each size runs in a process of its own, so that its peak memory is its own.
 */
import { fork } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { buildInto } from "../built.js";
import { encodeRecipe, type Recipe } from "../../src/recipe/index.js";
import { chainOf, observedStreamOf, streamOf } from "./graph.js";
import type { Measured } from "./subject.js";

/** Commands of builds with 100, 1 000 and 10 000 steps; then as many commands as the goal has steps. */
const sizes = [16, 163, 1_639, 10_000];

function inOwnProcess(subject: string, { id, stream }: Input): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(subject, [id, stream], { execArgv: [] });
    child.once("message", (measured) => resolve(measured as Measured));
    child.once("exit", (code) => reject(new Error(`the measuring process ended with ${code}`)));
  });
}

/** Paths of what a process reads; "" for what it does without. */
type Input = { readonly id: string; readonly stream: string };

type Route = { readonly title: string; readonly isIdKnown: boolean; readonly spans?: typeof streamOf };

const routes: readonly Route[] = [
  { title: "recipe, read from the value's id", isIdKnown: true },
  { title: "the same, and telemetry of the same build", isIdKnown: true, spans: streamOf },
  { title: "telemetry alone, of a function that was observed", isIdKnown: false, spans: observedStreamOf },
];

/** Prints the figures of each size, and how they grow. */
export async function run(): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), "bench-provenance-"));
  try {
    // One file, so that no compiler is in its memory.
    await buildInto(place, [new URL("subject.ts", import.meta.url)]);
    const subject = join(place, "subject.mjs");
    for (const route of routes) {
      console.log(`\n${route.title}`);
      await printSizes(subject, (commands) => inputOf(chainOf(commands), route, place));
    }
  } finally {
    await rm(place, { recursive: true });
  }
}

async function inputOf(recipe: Recipe, { isIdKnown, spans }: Route, place: string): Promise<Input> {
  const input = {
    id: isIdKnown ? join(place, "id") : "",
    stream: spans === undefined ? "" : join(place, "sse"),
  };
  if (input.id !== "") await writeFile(input.id, await encodeRecipe(recipe));
  if (spans !== undefined) await pipeline(Readable.from(spans(recipe)), createWriteStream(input.stream));
  return input;
}

async function printSizes(subject: string, inputFor: (commands: number) => Promise<Input>): Promise<void> {
  console.log(
    "commands   steps  materials  id ms  recipe ms  telemetry ms  merge ms  write ms  total ms    cpu ms  output MB  peak MB",
  );
  let before: Measured | undefined;
  for (const commands of sizes) {
    const one = await inOwnProcess(subject, await inputFor(commands));
    console.log(row(commands, one) + (before === undefined ? "" : growth(before, one)));
    before = one;
  }
}

function row(commands: number, one: Measured): string {
  const total = one.id + one.recipe + one.telemetry + one.merge + one.write;
  return [
    String(commands).padStart(8),
    String(one.steps).padStart(7),
    String(one.materials).padStart(10),
    one.id.toFixed(0).padStart(6),
    one.recipe.toFixed(0).padStart(10),
    one.telemetry.toFixed(0).padStart(13),
    one.merge.toFixed(0).padStart(9),
    one.write.toFixed(0).padStart(9),
    total.toFixed(0).padStart(9),
    one.cpu.toFixed(0).padStart(9),
    (one.written / 1e6).toFixed(1).padStart(10),
    one.memory.toFixed(0).padStart(8),
  ].join(" ");
}

function growth(before: Measured, after: Measured): string {
  const [time, steps] = [after.cpu / before.cpu, after.steps / before.steps];
  return `  ${time.toFixed(1)} times the processor time for ${steps.toFixed(1)} times the steps`;
}
