/**
 * Reads a command line the way `dagger call` does: the constructor's flags, then functions, each with
 * its own flags, chained from left to right. What can stand where follows from the catalog alone.
 */
import type { ArgumentType, FunctionType } from "../engine/module/types.js";
import { kebabCase } from "../engine/module/names.js";
import { callable, type Catalog, type CatalogObject, hasFlag, isRequired, nextObject } from "./catalog.js";
import { didYouMean } from "./suggest.js";
import { UsageError } from "./usage-error.js";
import { readValue, type Value, ValueError } from "./values.js";

export type Options = {
  /** Where the result goes instead of to stdout. */
  output: string | undefined;
  json: boolean;
  /** No progress. */
  quiet: boolean;
  help: boolean;
};

/** One call of the chain with what was given for its arguments. */
export type Step = {
  readonly function: FunctionType;
  readonly given: readonly { readonly name: string; readonly value: Value }[];
};

export type CommandLine = {
  readonly options: Options;
  /** The constructor first. */
  readonly steps: readonly [Step, ...Step[]];
  /** Names of the functions as typed, for messages and help. */
  readonly path: readonly string[];
};

/** @throws UsageError for whatever the catalog does not know. */
export function parseCommandLine(catalog: Catalog, tokens: readonly string[]): CommandLine {
  const options: Options = { output: undefined, json: false, quiet: false, help: wantsHelp(tokens) };
  const path: string[] = [];
  const reader = new Reader(tokens);
  const constructor = catalog.constructorFunction;
  const steps: [Step, ...Step[]] = [readStep(catalog, constructor, reader, options, path)];
  let object = nextObject(catalog, constructor.returns);
  for (let name = reader.next(); name !== undefined; name = reader.next()) {
    const found = findFunction(object, name, path);
    path.push(name);
    steps.push(readStep(catalog, found, reader, options, path));
    object = nextObject(catalog, found.returns);
  }
  return { options, steps, path };
}

function wantsHelp(tokens: readonly string[]): boolean {
  return tokens.some((token) => token === "--help" || token === "-h");
}

class Reader {
  private position = 0;

  constructor(private readonly tokens: readonly string[]) {}

  peek(): string | undefined {
    return this.tokens[this.position];
  }

  next(): string | undefined {
    const token = this.tokens[this.position];
    this.position += 1;
    return token;
  }
}

function findFunction(
  object: CatalogObject | undefined,
  name: string,
  path: readonly string[],
): FunctionType {
  const before = path.at(-1) ?? "";
  if (object === undefined) {
    throw new UsageError(`nothing can follow ${before}, got "${name}"`, path);
  }
  const functions = callable(object);
  const found = functions.find((candidate) => kebabCase(candidate.name) === kebabCase(name));
  if (found !== undefined) return found;
  if (object.functions.some((candidate) => kebabCase(candidate.name) === kebabCase(name))) {
    throw new UsageError(`${name} takes an object that can't be given on a command line`, path);
  }
  const names = functions.map((candidate) => kebabCase(candidate.name));
  throw new UsageError(`${object.name} has no function "${name}".${didYouMean(name, names)}`, path);
}

function readStep(
  catalog: Catalog,
  called: FunctionType,
  reader: Reader,
  options: Options,
  path: readonly string[],
): Step {
  const texts = new Map<ArgumentType, string[]>();
  for (let token = reader.peek(); token?.startsWith("-") === true; token = reader.peek()) {
    reader.next();
    if (readOption(token, reader, options, path)) continue;
    const { argument, text } = readFlag(called, token, reader, path);
    texts.set(argument, [...(texts.get(argument) ?? []), text]);
  }
  if (options.help) return { function: called, given: [] };
  requireArguments(called, texts, path);
  const given = [...texts].map(([argument, found]) => ({
    name: argument.name,
    value: valueOf(catalog, argument, found, path),
  }));
  return { function: called, given };
}

function valueOf(catalog: Catalog, argument: ArgumentType, texts: string[], path: readonly string[]): Value {
  try {
    return readValue(catalog, argument, texts);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new UsageError(`--${kebabCase(argument.name)}: ${error.message}`, path);
  }
}

function requireArguments(
  called: FunctionType,
  texts: ReadonlyMap<ArgumentType, string[]>,
  path: readonly string[],
): void {
  const missing = called.arguments
    .filter((argument) => isRequired(argument) && !texts.has(argument))
    .map((argument) => `--${kebabCase(argument.name)}`);
  if (missing.length === 0) return;
  const where = path.at(-1) === undefined ? "" : ` of ${path.at(-1) ?? ""}`;
  throw new UsageError(`${missing.join(", ")}${where} must be given`, path);
}

/** An option of the command line itself; it may stand after any function. */
function readOption(token: string, reader: Reader, options: Options, path: readonly string[]): boolean {
  const [flag, attached] = splitFlag(token);
  switch (flag) {
    case "-h":
    case "--help":
      return true;
    case "-j":
    case "--json":
      options.json = attached === undefined || attached === "true";
      return true;
    case "-q":
    case "--quiet":
    case "-s":
    case "--silent":
      options.quiet = attached === undefined || attached === "true";
      return true;
    case "-o":
    case "--output":
      options.output = attached ?? valueAfter(flag, reader, path);
      return true;
    default:
      return false;
  }
}

function splitFlag(token: string): [string, string | undefined] {
  const equals = token.indexOf("=");
  if (equals >= 0) return [token.slice(0, equals), token.slice(equals + 1)];
  if (/^-o./.test(token)) return ["-o", token.slice(2)];
  return [token, undefined];
}

function valueAfter(flag: string, reader: Reader, path: readonly string[]): string {
  const value = reader.next();
  if (value === undefined) throw new UsageError(`${flag}: a value is missing`, path);
  return value;
}

function readFlag(
  called: FunctionType,
  token: string,
  reader: Reader,
  path: readonly string[],
): { argument: ArgumentType; text: string } {
  const [flag, attached] = splitFlag(token);
  const argument = findArgument(called, flag, path);
  if (attached !== undefined) return { argument, text: attached };
  if (argument.type.kind === "boolean") return { argument, text: "true" };
  return { argument, text: valueAfter(flag, reader, path) };
}

function findArgument(called: FunctionType, flag: string, path: readonly string[]): ArgumentType {
  const known = called.arguments.filter((argument) => hasFlag(argument.type));
  const name = kebabCase(flag.replace(/^--?/, ""));
  const found = flag.startsWith("--") && known.find((argument) => kebabCase(argument.name) === name);
  if (found !== undefined && found !== false) return found;
  const names = [...known.map((argument) => `--${kebabCase(argument.name)}`), ...optionNames];
  const where = path.at(-1) ?? "the module";
  throw new UsageError(`${where} has no flag ${flag}.${didYouMean(flag, names)}`, path);
}

const optionNames = ["--help", "--json", "--output", "--quiet", "--silent"];
