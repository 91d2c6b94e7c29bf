/**
 * The examples of examples/shell, by the functions that their commands call: `--help` and the reference
 * show them, so that an example stands in one place and is run by the tests.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { FunctionType } from "../engine/module/types.js";
import type { Catalog } from "./catalog.js";
import { parseCommandLine } from "./parse.js";
import { defaultsIn, shellCommands } from "./shell-commands.js";
import { UsageError } from "./usage-error.js";

/** One file of examples/shell. */
export type ExampleFile = {
  /** `attest_sbom.sh`, after the Daggerverse's naming: module, function, and a name where there are several. */
  readonly name: string;
  readonly text: string;
};

/** A command of an example: what stands after `./attest`. */
export type Example = { readonly file: string; readonly words: readonly string[] };

export async function readExamples(root: string): Promise<ExampleFile[]> {
  const directory = join(root, "examples", "shell");
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sh")).sort();
  return await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(directory, name), "utf8") })),
  );
}

/** The words after `$ATTEST` of each such command of a script. */
export function exampleCommands(file: ExampleFile): Example[] {
  const variables = defaultsIn(file.text).set("ATTEST", "./attest");
  return shellCommands(file.text, variables)
    .filter(([program]) => program === "./attest")
    .map(([, ...words]) => ({ file: file.name, words }));
}

/** How well a file's name fits a function: `attest_sbom.sh` is the one for `sbom`, `attest_sbom_trivy.sh` another. */
function fit(example: Example, called: FunctionType): number {
  const snake = called.name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const [, rest = ""] = /^[a-z]+_(.*)\.sh$/.exec(example.file) ?? [];
  if (rest === snake) return 2;
  return rest.startsWith(`${snake}_`) ? 1 : 0;
}

/** The best example of each function: from a file named for it, else the shortest command that calls it. */
export function examplesByFunction(
  catalog: Catalog,
  files: readonly ExampleFile[],
): Map<FunctionType, Example> {
  const best = new Map<FunctionType, Example>();
  for (const example of files.flatMap(exampleCommands)) {
    for (const called of calledBy(catalog, example)) {
      const before = best.get(called);
      if (before === undefined || isBetter(example, before, called)) best.set(called, example);
    }
  }
  return best;
}

/** The constructor is called by every command: no example is one of it. */
function calledBy(catalog: Catalog, example: Example): FunctionType[] {
  try {
    const [, ...steps] = parseCommandLine(catalog, example.words).steps;
    return steps.map((step) => step.function);
  } catch (error) {
    // The tests refuse such an example; help goes on without it.
    if (error instanceof UsageError) return [];
    throw error;
  }
}

function isBetter(example: Example, before: Example, called: FunctionType): boolean {
  const fits = fit(example, called) - fit(before, called);
  return fits !== 0 ? fits > 0 : example.words.length < before.words.length;
}

/** The command on lines of at most `width` columns, joined by backslashes. */
export function commandLines(program: string, words: readonly string[], width: number): string[] {
  const lines: string[] = [program];
  for (const word of words.map(quoted)) {
    const last = lines.at(-1) ?? "";
    // Two columns are for the backslash.
    if (last.length + 1 + word.length <= width - 2) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line));
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
