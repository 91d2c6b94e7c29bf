/** Titles and facts of the boxes: text only, from evidence that holds no secret. */
import type { Material } from "../evidence/material.js";
import type { Step } from "../evidence/step.js";
import type { Timing, Usage } from "../evidence/use.js";

export type Fact = readonly [name: string, value: string];

/** A step that is only a detail, in one line. */
export function detailOf({ operation, arguments: args }: Step): string {
  return args === undefined || Object.keys(args).length === 0
    ? operation
    : `${operation} ${shortArguments(args)}`;
}

function shortArguments(args: NonNullable<Step["arguments"]>): string {
  const shown = Object.entries(args).filter(
    ([, value]) => value !== null && value !== "***" && !isReference(value),
  );
  return shown.map(([, value]) => (typeof value === "string" ? value : JSON.stringify(value))).join(" ");
}

function isReference(value: unknown): boolean {
  return typeof value === "object" && value !== null && "step" in value;
}

/** What a step does, in one line: its command, or its field with its arguments. */
export function titleOf(step: Step): string {
  const field = step.operation.slice(step.operation.indexOf(".") + 1);
  if (step.argv !== undefined) return step.argv.join(" ");
  const command = step.arguments?.["command"];
  if (typeof command === "string") return command;
  const args = step.arguments === undefined ? "" : shortArguments(step.arguments);
  return args === "" ? field : `${field} ${args}`;
}

/** What is known of a step, as name and text. */
export function stepFacts(step: Step): Fact[] {
  return [
    ["operation", step.operation],
    ["id", step.digest],
    ...listFact("command", step.argv),
    ...(step.workdir === undefined ? [] : [["working directory", step.workdir] satisfies Fact]),
    ...(step.arguments === undefined || Object.keys(step.arguments).length === 0
      ? []
      : [["arguments", JSON.stringify(step.arguments)] satisfies Fact]),
    ...listFact("variables", step.environment),
    ...listFact(
      "mounts",
      step.mounts?.map(({ kind, target }) => `${kind} ${target}`),
    ),
    ...(step.inline === undefined ? [] : [["writes", `${step.inline.size} bytes`] satisfies Fact]),
    ...(step.location === undefined ? [] : [["asked for by", placeOf(step.location)] satisfies Fact]),
    ["seen by", [step.source, ...(step.alsoIn ?? [])].join(", ")],
  ];
}

function placeOf({ file, lines: [first, last] }: NonNullable<Step["location"]>): string {
  return `${file}, ${first === last ? `line ${first}` : `lines ${first} to ${last}`}`;
}

/** When and how it ran. */
export function timingFacts(timing: Timing | undefined): Fact[] {
  if (timing === undefined) return [];
  const { startedOn, finishedOn, outcome, exitCode } = timing;
  return [
    ["outcome", outcome],
    ...(exitCode === undefined ? [] : [["exit code", String(exitCode)] satisfies Fact]),
    ["started", startedOn],
    ...(finishedOn === undefined ? [] : [["finished", finishedOn] satisfies Fact]),
  ];
}

/** What it used, in the units of the evidence. */
export function usageFacts(usage: Usage | undefined): Fact[] {
  if (usage === undefined) return [];
  const { step: _step, source: _source, exactness: _exactness, alsoIn: _alsoIn, ...counters } = usage;
  return Object.entries(counters).map(([name, value]) => [name, String(value)]);
}

/** Digests by algorithm. */
export function digestFacts(digests: Material["digests"]): Fact[] {
  return Object.entries(digests);
}

/** One fact of several lines; none for an empty list. */
export function listFact(name: string, list: readonly string[] | undefined): Fact[] {
  return list === undefined || list.length === 0 ? [] : [[name, list.join("\n")]];
}
