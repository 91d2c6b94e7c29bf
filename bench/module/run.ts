/**
 * What a predicate of 150 MB costs the module's functions on the local engine: seconds of each call, and the
 * most memory that its process had. Each chain is a query of its own, as a user would call it.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";

import { startLocalModule, type LocalModule } from "../local-module.js";
import { writePredicate } from "../statement/input.js";

const predicateBytes = 150_000_000;

export async function run(): Promise<void> {
  const module = await startLocalModule();
  try {
    await writePredicate(join(module.workdir, "predicate.json"), predicateBytes);
    console.log("| call | seconds | peak of its process |\n|---|--:|--:|");
    await measure(module, "(nothing: `syft-image`)", "attest { syftImage }");
    const predicate = await fileId(module, "predicate.json");
    const statement = `attest { statement(predicateType: "https://example.com/large/v1", predicate: ${predicate})`;
    const withSubject = `${statement} { withSubjectFile(file: ${predicate})`;
    await measure(module, "`statement`", `${statement} { summary } }`);
    await measure(module, "`... with-subject-file`", `${withSubject} { summary } } }`);
    await measure(
      module,
      "`... as-file`",
      `${withSubject} { asFile { export(path: "statement.json") } } } }`,
    );
    const loaded = `attest { load(file: ${await fileId(module, "statement.json")})`;
    await measure(module, "`load`", `${loaded} { summary } }`);
    await measure(module, "`... as-file`", `${loaded} { asFile { export(path: "again.json") } } }`);
    const sizes = await Promise.all(
      ["statement.json", "again.json"].map(async (name) => (await stat(join(module.workdir, name))).size),
    );
    console.log(
      `\nstatement: ${sizes[0] ?? 0} bytes, written again: ${sizes[1] ?? 0} bytes; Node ${process.version}`,
    );
  } finally {
    await module.close();
  }
}

async function fileId(module: LocalModule, path: string): Promise<string> {
  return JSON.stringify(await module.value(`address(value: ${JSON.stringify(path)}) { file { id } }`));
}

/** What an earlier row called already is not called again: a row is its last call alone. */
async function measure(module: LocalModule, name: string, chain: string): Promise<void> {
  module.peak();
  const start = performance.now();
  await module.value(chain);
  const seconds = (performance.now() - start) / 1000;
  console.log(`| ${name} | ${seconds.toFixed(1)} | ${(module.peak() / 1024).toFixed(0)} MiB |`);
}
