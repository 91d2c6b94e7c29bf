/**
 * A large predicate is made a statement, read back and taken out again, each contender in a process of its
 * own on the same input. Prints seconds and peak memory, and both as ratios to this project.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { timed } from "../timed.js";
import { writePredicate } from "./input.js";
import { predicateType, subjects } from "./subject.js";

const predicateBytes = 150_000_000;
const repeats = 3;

type Measured = { readonly seconds: number; readonly mebibytes: number };
type Contender = { readonly name: string; readonly run: (paths: Paths) => Promise<Measured> };
type Paths = { readonly predicate: string; readonly statement: string; readonly extracted: string };

export async function run(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "attest-bench-"));
  try {
    const predicate = join(directory, "predicate.json");
    await writePredicate(predicate, predicateBytes);
    console.log(
      `predicate: ${(await stat(predicate)).size} bytes; best of ${repeats} runs; Node ${process.version}`,
    );
    const results: { name: string; measured: Measured }[] = [];
    for (const contender of contenders()) {
      const paths = {
        predicate,
        statement: join(directory, "statement"),
        extracted: join(directory, "extracted"),
      };
      results.push({ name: contender.name, measured: await best(contender, paths) });
      const isSame = (await digest(predicate)) === (await digest(paths.extracted));
      console.log(`${contender.name}: predicate taken out byte for byte: ${isSame ? "yes" : "no"}`);
    }
    print(results);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function contenders(): Contender[] {
  const found: Contender[] = [
    { name: "attest", run: (paths) => runScript("attest.ts", paths) },
    { name: "JSON.parse/stringify", run: (paths) => runScript("naive.ts", paths) },
  ];
  const hasJq = spawnSync("jq", ["--version"]).status === 0;
  if (hasJq) found.push({ name: "jq", run: runJq });
  else console.log("jq is not installed: left out");
  return found;
}

async function best(contender: Contender, paths: Paths): Promise<Measured> {
  const runs: Measured[] = [];
  for (let i = 0; i < repeats; i += 1) runs.push(await contender.run(paths));
  return {
    seconds: Math.min(...runs.map(({ seconds }) => seconds)),
    mebibytes: Math.min(...runs.map(({ mebibytes }) => mebibytes)),
  };
}

async function runScript(script: string, paths: Paths): Promise<Measured> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const args = ["--import", "tsx", path, paths.predicate, paths.statement, paths.extracted];
  const { seconds, stdout } = await timed(process.execPath, args);
  return { seconds, mebibytes: Number(stdout.trim()) / 1024 };
}

async function runJq(paths: Paths): Promise<Measured> {
  const header = JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: subjects,
    predicateType,
  });
  const wrap = `jq --compact-output '${header} + {predicate: .}' "$0" > "$1"`;
  const unwrap = `jq --compact-output --join-output .predicate "$1" > "$2"`;
  const { seconds, mebibytes } = await timed("sh", [
    "-c",
    `${wrap} && ${unwrap}`,
    paths.predicate,
    paths.statement,
    paths.extracted,
  ]);
  return { seconds, mebibytes };
}

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest("hex");
}

function print(results: readonly { name: string; measured: Measured }[]): void {
  const base = results[0]?.measured;
  if (base === undefined) return;
  console.log("\n| contender | seconds | ratio | peak memory | ratio |\n|---|--:|--:|--:|--:|");
  for (const { name, measured } of results) {
    const seconds = `${measured.seconds.toFixed(1)} | ${(measured.seconds / base.seconds).toFixed(1)}`;
    const memory = `${measured.mebibytes.toFixed(0)} MiB | ${(measured.mebibytes / base.mebibytes).toFixed(1)}`;
    console.log(`| ${name} | ${seconds} | ${memory} |`);
  }
}
