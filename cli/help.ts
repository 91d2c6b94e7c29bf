/** `--help` at any place of a chain, made from the catalog. */
import { kebabCase } from "../engine/module/names.js";
import type { ArgumentType, FunctionType, TypeReference } from "../engine/module/types.js";
import { callable, type Catalog, hasFlag, isRequired, nextObject } from "./catalog.js";
import { commandLines, type Example } from "./examples.js";
import type { CommandLine } from "./parse.js";
import { columns, firstSentence, indent, table, wrapText } from "./text.js";

/** What `./attest ... --help` prints: usage, the whole doc, the functions that can follow, the flags. */
export function helpText(
  catalog: Catalog,
  line: CommandLine,
  examples: ReadonlyMap<FunctionType, Example> = new Map(),
): string {
  const called = line.steps.at(-1)?.function ?? catalog.constructorFunction;
  const isRoot = line.steps.length === 1;
  const next = nextObject(catalog, called.returns);
  const functions = next === undefined ? [] : callable(next);
  const flags = called.arguments.filter((argument) => hasFlag(argument.type));
  const sections = [
    wrapText(called.description, columns),
    section("Usage", indent(usage(line, flags.length > 0, functions.length > 0), 2)),
    section("Arguments", flags.length === 0 ? [] : argumentLines(catalog, flags)),
    section(
      isRoot || next === undefined ? "Functions" : `Functions of ${next.name}`,
      table(functions.map((found) => [kebabCase(found.name), firstSentence(found.description)])),
    ),
    section("Example", exampleLines(examples.get(called))),
    isRoot ? section("Commands", table(commands)) : [],
    section("Options", table(optionRows)),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** Names and first lines of the functions that can follow, as `./attest functions` prints them. */
export function functionList(catalog: Catalog, line: CommandLine): string {
  const called = line.steps.at(-1)?.function ?? catalog.constructorFunction;
  const next = nextObject(catalog, called.returns);
  const functions = next === undefined ? [] : callable(next);
  const rows = functions.map((found) => [kebabCase(found.name), firstSentence(found.description)] as const);
  return `${table(
    [...rows].sort(([left], [right]) => left.localeCompare(right)),
    0,
  ).join("\n")}\n`;
}

const commands = [
  ["functions [FUNCTION]...", "List the functions, or those that can follow a chain."],
  ["call FUNCTION...", 'The same as without "call".'],
  ["record -- COMMAND...", "Run a command and record its telemetry, for provenance."],
  ["doctor", "Say what is installed, what is missing and how to install it."],
] as const;

const optionRows = [
  ["-o, --output PATH", "Save the result to a file or directory."],
  ["-j, --json", "Print the result as JSON."],
  ["-q, --quiet", "Print no progress."],
  ["-h, --help", "Print this help; after a function, the function's."],
] as const;

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function exampleLines(example: Example | undefined): string[] {
  return example === undefined ? [] : indent(commandLines("./attest", example.words, columns - 2), 2);
}

function usage(line: CommandLine, hasArguments: boolean, hasFunctions: boolean): string[] {
  const words = ["./attest", ...line.path.map(kebabCase)];
  if (hasArguments) words.push("[arguments]");
  if (hasFunctions) words.push("<function>");
  return [words.join(" ")];
}

function argumentLines(catalog: Catalog, flags: readonly ArgumentType[]): string[] {
  const ordered = [...flags.filter(isRequired), ...flags.filter((argument) => !isRequired(argument))];
  return ordered.flatMap((argument) => [
    `  --${kebabCase(argument.name)} ${typeName(argument.type)}${isRequired(argument) ? "  (required)" : ""}`,
    ...indent(argumentText(catalog, argument), 6),
  ]);
}

function argumentText(catalog: Catalog, argument: ArgumentType): string[] {
  const lines = wrapText(argument.description, columns - 6);
  const value = argument.default ?? argument.defaultPath ?? argument.defaultAddress;
  if (value !== undefined && value !== null) lines.push(`Default: ${defaultText(value)}`);
  return [...lines, ...memberLines(catalog, argument.type)];
}

function defaultText(value: NonNullable<ArgumentType["default"]>): string {
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}

function memberLines(catalog: Catalog, type: TypeReference): string[] {
  const inner = type.kind === "list" ? type.of : type;
  const members = inner.kind === "enum" ? (catalog.enums.get(inner.name)?.members ?? []) : [];
  return table(
    members.map((member) => [member.name, firstSentence(member.description)]),
    2,
  );
}

const shortKinds: ReadonlyMap<string, string> = new Map([
  ["integer", "int"],
  ["boolean", "bool"],
]);

/** A type as help and errors name it: `string`, `Container`, `[]File`. */
export function typeName(type: TypeReference): string {
  if (type.kind === "list") return `[]${typeName(type.of)}`;
  if ("name" in type) return type.name;
  return shortKinds.get(type.kind) ?? type.kind;
}
