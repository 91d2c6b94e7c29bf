/** A Dockerfile while it is read: what its parts look at, and where they put what they find. */
import type { Material } from "../evidence/material.js";
import type { Step } from "../evidence/step.js";
import { hidden, type Redactor } from "../redact.js";
import { expandWord } from "./expand.js";
import type { Instruction, ParsedDockerfile } from "./parse.js";
import type { Stages } from "./stages.js";
import { type Given, lookupIn, type Variables } from "./variables.js";

export type ReadOptions = Given & {
  /** Path of the file in the directory that is built. */
  readonly file: string;
  /** Stands in the ids of the steps: `dockerfile:1:12` is line 12 of the first. */
  readonly number: number;
  /** Name of the stage that is built; "" for the last. */
  readonly target: string;
  /** Step that gave the directory that is built. */
  readonly context?: string;
  readonly redactor: Redactor;
};

/** An image that it names: what to ask a registry for, and the material that it is. */
export type NamedImage = {
  readonly address: string;
  readonly platform?: string;
  /** Where it stands among the materials. */
  readonly material: number;
  /** What tells it from others. */
  readonly key: string;
};

export type DockerfileReading = {
  readonly steps: Step[];
  readonly materials: Material[];
  readonly images: NamedImage[];
  readonly secrets: { readonly name: string; readonly optional: boolean; readonly step: string }[];
  readonly caches: { readonly key: string; readonly step: string }[];
  /** What tells the commands and images that it asks for from others, as it stands in the file, and where. */
  readonly asked: { readonly key: string; readonly location: NonNullable<Step["location"]> }[];
  readonly notes: string[];
  /** Lines that depend on what the file alone does not tell. */
  readonly unknownLines: number[];
  /** Step that makes what the build gives; undefined for an empty image. */
  readonly result?: string;
};

/** Whose word it is. */
export const found = { source: "dockerfile", exactness: "inferred" } as const;

export type Reading = {
  readonly parsed: ParsedDockerfile;
  readonly options: ReadOptions;
  readonly stages: Stages;
  readonly made: Omit<DockerfileReading, "result">;
  /** How the stages that were read ended, by index. */
  readonly ended: Map<number, StageState>;
  /** What is given, without values that nobody but the builder has to know. */
  readonly shown: Given;
  /** Variables before the first FROM, of what is shown. */
  readonly globals: Variables;
};

/** Where the reading of a stage stands. */
export type StageState = {
  readonly variables: Variables;
  readonly shell: readonly string[];
  readonly workdir: string | undefined;
  /** The last step; undefined while there is nothing in it. */
  readonly last: string | undefined;
};

/** Id of the step that an instruction is. */
export function idOf({ options }: Reading, { lines }: Instruction): string {
  return `dockerfile:${options.number}:${lines[0]}`;
}

/** Where an instruction stands. */
export function locationOf(
  { options: { file, redactor } }: Reading,
  { lines }: Instruction,
): NonNullable<Step["location"]> {
  return { file: redactor.text(file), lines };
}

/** A word with its variables, undefined where one of them is not known. */
export function expanded(
  reading: Reading,
  { variables }: StageState,
  word: string | undefined,
): string | undefined {
  return word === undefined ? undefined : expandWord(word, lookupIn(variables), reading.parsed.escape);
}

/** A path with its variables, undefined where one of them is not known or not shown. */
export function shownWord(reading: Reading, state: StageState, word: string): string | undefined {
  const path = expanded(reading, state, word);
  return path?.includes(hidden) === true ? undefined : path;
}
