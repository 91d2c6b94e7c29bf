/** The command lines of `attest` in a shell text, held against the module's own types. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Catalog } from "../../cli/catalog.js";
import { parseCommandLine } from "../../cli/parse.js";
import { defaultsIn, shellCommands } from "../../cli/shell-commands.js";
import { UsageError } from "../../cli/usage-error.js";
import type { ModuleTypes } from "../../engine/module/types.js";
import { readCatalog } from "../../scripts/docs/make.js";
import { root } from "./pages.js";

/** The module's types from the golden file, which test/api holds against the source. */
export async function goldenTypes(): Promise<ModuleTypes> {
  return JSON.parse(await readFile(join(root, "test", "api", "api.golden.json"), "utf8")) as ModuleTypes;
}

export async function goldenCatalog(): Promise<Catalog> {
  return await readCatalog(root, await goldenTypes());
}

/** What stands after `./attest`, `dagger call` or `dagger -m MODULE call`, of every such command. */
export function attestCommands(text: string): string[][] {
  const variables = defaultsIn(text).set("ATTEST", "./attest");
  return shellCommands(text, variables).flatMap((words) => {
    const found = afterProgram(words);
    return found === undefined ? [] : [found];
  });
}

function afterProgram([program, ...words]: string[]): string[] | undefined {
  if (program === "./attest") {
    // What `record` watches is a command of its own, and `dagger call` there calls another module.
    if (words[0] === "record") {
      const watched = words.slice(words.indexOf("--") + 1);
      return watched[0] === "./attest" ? afterProgram(watched) : undefined;
    }
    return words[0] === "call" ? words.slice(1) : words;
  }
  if (program !== "dagger" || callsOtherModule(words)) return undefined;
  const plain = withoutDaggerOptions(words);
  return plain[0] === "call" ? withoutDaggerOptions(plain.slice(1)) : undefined;
}

/** `dagger call -m test/module all`, `dagger -m ci call release`: a module that uses this one. */
function callsOtherModule(words: readonly string[]): boolean {
  const at = words.findIndex((word) => word === "-m" || word === "--mod");
  return at >= 0 && /^(?:(?:examples|test)\/|ci$)/.test(words[at + 1] ?? "");
}

const daggerSwitches = new Set(["--silent", "-s", "--quiet", "-q"]);

/** Leaves out options of `dagger` itself: `-m MODULE`, `--mod=MODULE`, `--progress=plain`. */
function withoutDaggerOptions(words: readonly string[]): string[] {
  const [first = "", second] = words;
  if (daggerSwitches.has(first) || /^--(mod|progress)=/.test(first))
    return withoutDaggerOptions(words.slice(1));
  if ((first === "-m" || first === "--mod" || first === "--progress") && second !== undefined) {
    return withoutDaggerOptions(words.slice(2));
  }
  return [...words];
}

const ownCommands = new Set(["functions", "doctor", "help", "--help", "--version"]);

/** What a command line names that the module does not have; undefined where all is there. */
export function commandFault(catalog: Catalog, words: readonly string[]): string | undefined {
  const [first = ""] = words;
  // `./attest functions sbom as-file` names functions without their arguments.
  const checked = ownCommands.has(first) ? [...words.slice(1), "--help"] : words;
  if (first === "doctor" || first.startsWith("--")) return undefined;
  try {
    parseCommandLine(catalog, checked);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return `./attest ${words.join(" ")}: ${error.message}`;
    throw error;
  }
}
