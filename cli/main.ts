/** The command line behind ./attest where there is no Dagger: the same one, on the local engine. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { moduleTypes } from "../engine/module/introspect.js";
import { readModuleSource } from "../engine/module/source.js";
import { isErrno } from "../engine/store/store.js";
import { type Catalog, makeCatalog, moduleCalls } from "./catalog.js";
import { coreTypes } from "./core-types.js";
import { doctor } from "./doctor.js";
import { examplesByFunction, readExamples } from "./examples.js";
import { functionList, helpText } from "./help.js";
import { type CommandLine, parseCommandLine } from "./parse.js";
import { makeProgress } from "./progress.js";
import { parseRecord, recordUsage } from "./record/command-line.js";
import { endAs } from "./record/pass-through.js";
import { record } from "./record/record.js";
import { QueryError, runChain } from "./run.js";
import { UsageError } from "./usage-error.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
const store = process.env["ATTEST_CACHE"] ?? join(cache, "attest");

async function main(tokens: readonly string[]): Promise<number> {
  const [first, ...rest] = tokens;
  if (first === "--version") {
    const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
    return await print(`attest ${manifest.version}\n`);
  }
  if (first === "doctor") {
    const report = await doctor(store);
    await print(report.text);
    return report.healthy ? 0 : 1;
  }
  if (first === "record") return await recordCommand(rest);
  const catalog = await loadCatalog();
  if (first === "functions")
    return await print(functionList(catalog, parseCommandLine(catalog, [...rest, "--help"])));
  const line = parseCommandLine(catalog, first === "call" || first === "help" ? rest : tokens);
  const isBare = line.steps.length === 1 && tokens.length === 0;
  if (line.options.help || isBare || first === "help") {
    return await print(helpText(catalog, line, examplesByFunction(catalog, await readExamples(root))));
  }
  return await call(catalog, line);
}

async function recordCommand(tokens: readonly string[]): Promise<number> {
  const command = parseRecord(tokens);
  if (command === undefined) return await print(recordUsage);
  const say = (line: string): void => void process.stderr.write(`attest: ${line}\n`);
  return endAs(await record(command, { env: process.env, stdinIsTerminal: process.stdin.isTTY, say }));
}

async function loadCatalog(): Promise<Catalog> {
  const source = await readModuleSource(root);
  return makeCatalog(await moduleTypes(source, store), await coreTypes(store), source.name);
}

async function call(catalog: Catalog, line: CommandLine): Promise<number> {
  const stderr = (text: string): void => void process.stderr.write(text);
  const isTerminal = process.stderr.isTTY;
  const progress = makeProgress({ isTerminal, quiet: line.options.quiet, write: stderr });
  // Only a call needs the engine; help and lists are there without its start-up.
  const { startEngine } = await import("./engine.js");
  const chain = line.steps.map((step) => step.function);
  const engine = await startEngine({ root, store, progress, expectedCalls: moduleCalls(catalog, chain) });
  // The engine ends itself and then this process, by the same signal.
  const tell = (): void => {
    stderr("attest: interrupted\n");
  };
  process.once("SIGINT", tell).once("SIGTERM", tell);
  try {
    await runChain(catalog, line, engine.send, {
      stdout: print,
      stderr,
      stdoutIsTerminal: process.stdout.isTTY,
    });
    return 0;
  } finally {
    await engine.close();
  }
}

/** Writes to stdout. A reader who has seen enough (`| head -1`) is no failure; a full disk is one. */
async function print(text: string): Promise<0> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error instanceof Error && !isErrno(error, "EPIPE"))
        reject(new Error(`the result can't be written to stdout: ${error.message}`));
      else resolve();
    });
  });
  return 0;
}

/** Says what went wrong, without a stack trace, and gives the exit code. */
function explain(error: unknown): number {
  if (error instanceof UsageError) {
    const path = ["./attest", ...error.path, "--help"].join(" ");
    process.stderr.write(`attest: ${error.message}\nRun ${path} for usage.\n`);
    return 2;
  }
  process.stderr.write(`attest: ${error instanceof Error ? error.message : String(error)}\n`);
  const output = error instanceof QueryError ? error.extensions["stderr"] : undefined;
  const isNews = typeof output === "string" && output.trim() !== "" && !String(error).includes(output.trim());
  if (isNews) process.stderr.write(`${output.trimEnd()}\n`);
  return 1;
}

// `print` tells of what can't be written; nobody is left to tell that stderr is closed.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);
process.exitCode = await main(process.argv.slice(2)).catch(explain);
