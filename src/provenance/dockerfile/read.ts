/**
 * What a Dockerfile says that is going to be done, as evidence: one step per instruction of the stages that the target
 * needs, and what they bring in. It tells what was asked for, and not what was done.
 */
import { hidden, namesSecret } from "../redact.js";
import { defaultShell } from "./command.js";
import { addImage, shownAddress, wholeAddress } from "./images.js";
import type { Instruction, ParsedDockerfile } from "./parse.js";
import {
  type DockerfileReading,
  found,
  idOf,
  locationOf,
  type Reading,
  type ReadOptions,
  shownWord,
  type StageState,
} from "./reading.js";
import { globalsOf, type Origin, type Stage, stagesOf } from "./stages.js";
import { stepOf } from "./steps.js";
import { type Given, setVariables, stageVariables } from "./variables.js";
import { imageKey } from "./watched.js";
import { workdirAfter } from "./workdir.js";
import { jsonWords } from "./words.js";

/**
 * Reads the stages that the target needs.
 * @throws Error when there is no such target
 */
export function readInstructions(parsed: ParsedDockerfile, options: ReadOptions): DockerfileReading {
  const stages = stagesOf(parsed, options, options.target);
  const shown = { ...options, buildArgs: shownBuildArgs(options.buildArgs) };
  const reading: Reading = {
    parsed,
    options,
    stages,
    made: {
      steps: [],
      materials: [],
      images: [],
      secrets: [],
      caches: [],
      asked: [],
      notes: [],
      unknownLines: [],
    },
    ended: new Map(),
    shown,
    globals: globalsOf(parsed, shown),
  };
  readSyntax(reading);
  for (const index of stages.needed) {
    const stage = stages.stages[index];
    if (stage !== undefined) reading.ended.set(index, readStage(reading, stage));
  }
  const result = reading.ended.get(stages.needed.at(-1) ?? -1)?.last;
  return { ...reading.made, ...(result === undefined ? {} : { result }) };
}

/** Values of build arguments are shown where they name an image, and elsewhere when they are nothing but a version. */
function shownBuildArgs(buildArgs: Given["buildArgs"]): Map<string, string> {
  const isVersion = /^v?\d{1,6}(?:\.\d{1,6}){0,3}$/;
  return new Map(
    [...buildArgs].map(([name, value]) => [
      name,
      isVersion.test(value) && !namesSecret(name) ? value : hidden,
    ]),
  );
}

/** Dagger has a frontend of its own, which it takes for Docker's; a build that asks for another fails. */
function readSyntax({ parsed: { syntax }, made }: Reading): void {
  if (syntax !== undefined)
    made.notes.push(
      "a Dockerfile asks for a frontend (# syntax): the engine reads it with its own and pulls none",
    );
}

function readStage(reading: Reading, { from, base, instructions }: Stage): StageState {
  let state = beginStage(reading, from, base);
  for (const instruction of instructions) {
    const { escape } = reading.parsed;
    if (instruction.keyword === "ARG" || instruction.keyword === "ENV")
      setVariables(state.variables, instruction, escape, reading.shown, reading.globals);
    const step = stepOf(reading, instruction, state);
    reading.made.steps.push(step);
    state = {
      ...state,
      last: step.digest,
      shell: instruction.keyword === "SHELL" ? (jsonWords(instruction.text) ?? state.shell) : state.shell,
      workdir:
        instruction.keyword === "WORKDIR"
          ? workdirAfter(state.workdir, shownWord(reading, state, instruction.text))
          : state.workdir,
    };
  }
  return state;
}

function beginStage(reading: Reading, from: Instruction, base: Origin): StageState {
  if (base.kind === "stage") {
    const before = reading.ended.get(base.stage);
    if (before !== undefined) return { ...before, variables: stageVariables(before.variables, true) };
  }
  const isScratch = base.kind === "scratch";
  const digest = idOf(reading, from);
  const start: StageState = {
    variables: stageVariables(undefined, !isScratch),
    shell: defaultShell,
    workdir: isScratch ? "/" : undefined,
    last: isScratch ? undefined : digest,
  };
  if (isScratch) return start;
  if (base.kind === "unknown") reading.made.unknownLines.push(from.lines[0]);
  const { made, options } = reading;
  if (base.kind === "image") addImage(made, base, [digest], options);
  const location = locationOf(reading, from);
  if (base.kind === "image") made.asked.push({ key: imageKey(wholeAddress(base.address)), location });
  const image = base.kind === "image" ? shownAddress(base.address, options) : hidden;
  const platform = base.kind === "image" && base.platform !== undefined ? { platform: base.platform } : {};
  made.steps.push({
    ...found,
    digest,
    operation: "Dockerfile.FROM",
    kind: "base",
    inputs: [],
    arguments: { image, ...platform },
    location,
  });
  return start;
}
