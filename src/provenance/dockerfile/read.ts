/**
 * What a Dockerfile says that is going to be done, as evidence: one step per instruction of the stages that the target
 * needs, and what they bring in. It tells what was asked for, and not what was done.
 */
import type { Material } from "../evidence/material.js";
import { type ArgumentValue, effectLimit, type Mount, type Step } from "../evidence/step.js";
import { imageLocator } from "../locators.js";
import { hidden, namesSecret, type Redactor, redactorFor } from "../redact.js";
import { argvOf, defaultShell } from "./command.js";
import { expandWord } from "./expand.js";
import { mountId, mountsOf, mountTarget, type RunMount } from "./mounts.js";
import type { Instruction, ParsedDockerfile } from "./parse.js";
import { remoteOf } from "./sources.js";
import { flagOf, fromNames, type Origin, type Stage, type Stages, stagesOf } from "./stages.js";
import { type Given, lookupIn, setVariables, stageVariables, type Variables } from "./variables.js";
import { commandKey, imageKey } from "./watched.js";
import { workdirAfter } from "./workdir.js";
import { jsonWords, pairsOf, wordsOf } from "./words.js";

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
  /** The image that a `# syntax=` line names: none that the build takes files of. */
  readonly isFrontend: boolean;
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

const found = { source: "dockerfile", exactness: "inferred" } as const;

type Reading = {
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
type StageState = {
  readonly variables: Variables;
  readonly shell: readonly string[];
  readonly workdir: string | undefined;
  /** The last step; undefined while there is nothing in it. */
  readonly last: string | undefined;
};

/**
 * Reads the stages that the target needs.
 * @throws Error when there is no such target
 */
export function readInstructions(parsed: ParsedDockerfile, options: ReadOptions): DockerfileReading {
  const stages = stagesOf(parsed, options, options.target);
  const shown = { ...options, buildArgs: shownBuildArgs(options.buildArgs) };
  const reading: Reading = {
    ...{ parsed, options, stages },
    made: {
      ...{ steps: [], materials: [], images: [], secrets: [], caches: [] },
      ...{ asked: [], notes: [], unknownLines: [] },
    },
    ended: new Map(),
    shown,
    globals: stagesOf(parsed, shown, options.target).globals,
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

function readSyntax({ parsed: { syntax }, made, options }: Reading): void {
  if (syntax === undefined) return;
  addImage(made, { address: syntax, isFrontend: true }, [], options);
  made.notes.push(
    "a Dockerfile asks for a frontend (# syntax): where the engine follows it, that image says what the instructions mean",
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

/** Build arguments may be secrets by their name; others are part of the image's name, which is public. */
function shownAddress(address: string, { buildArgs }: ReadOptions): string {
  const secrets = [...buildArgs].filter(([name]) => namesSecret(name)).map(([, value]) => value);
  return redactorFor(secrets).text(address);
}

function addImage(
  { materials, images }: Pick<DockerfileReading, "materials" | "images">,
  image: { readonly address: string; readonly platform?: string; readonly isFrontend?: boolean },
  steps: readonly string[],
  options: ReadOptions,
): void {
  const { address, platform, isFrontend = false } = image;
  const whole = wholeAddress(address);
  const { uri, requested, digests } = imageLocator(shownAddress(whole, options), platform);
  images.push({
    address: whole,
    ...(platform === undefined ? {} : { platform }),
    ...{ material: materials.length, key: imageKey(whole), isFrontend },
  });
  materials.push({
    ...found,
    kind: "image",
    uri,
    digests,
    ...(requested === undefined ? {} : { requested }),
    ...(platform === undefined ? {} : { platform }),
    steps,
  });
}

function wholeAddress(address: string): string {
  return /@|:[^/]*$/.test(address) ? address : `${address}:latest`;
}

function idOf({ options }: Reading, { lines }: Instruction): string {
  return `dockerfile:${options.number}:${lines[0]}`;
}

function locationOf(
  { options: { file, redactor } }: Reading,
  { lines }: Instruction,
): NonNullable<Step["location"]> {
  return { file: redactor.text(file), lines };
}

/** A step without what its keyword adds. */
function stepOf(reading: Reading, instruction: Instruction, state: StageState): Step {
  const { keyword } = instruction;
  const inputs = [state.last, ...originSteps(reading, instruction)].filter((one) => one !== undefined);
  const step: Step = {
    ...found,
    digest: idOf(reading, instruction),
    operation: `Dockerfile.${keyword}`,
    kind: keyword === "RUN" ? "exec" : keyword === "COPY" || keyword === "ADD" ? "file" : "config",
    inputs: [...new Set(inputs)],
    location: locationOf(reading, instruction),
  };
  if (keyword === "RUN") return { ...step, ...runFacts(reading, instruction, state, step.digest) };
  if (keyword === "COPY" || keyword === "ADD") return copyStep(reading, instruction, state, step);
  const shown = configArguments(reading, instruction);
  return shown === undefined ? step : { ...step, arguments: shown };
}

/** Steps of other stages that it takes files of; images that it does become materials. */
function originSteps(reading: Reading, instruction: Instruction): (string | undefined)[] {
  return fromNames(instruction).map((name) => {
    const origin = reading.stages.originOf(name);
    if (origin.kind === "stage") return reading.ended.get(origin.stage)?.last;
    if (origin.kind === "unknown") reading.made.unknownLines.push(instruction.lines[0]);
    if (origin.kind === "image")
      addImage(reading.made, origin, [idOf(reading, instruction)], reading.options);
    return undefined;
  });
}

function runFacts(
  reading: Reading,
  instruction: Instruction,
  state: StageState,
  step: string,
): Partial<Step> {
  const { redactor } = reading.options;
  const mounts = mountsOf(instruction);
  for (const mount of mounts) readMount(reading, mount, step);
  const argv = argvOf(instruction, state.shell);
  reading.made.asked.push({ key: commandKey(argv), location: locationOf(reading, instruction) });
  const names = [...new Set([...state.variables.environment, ...namedIn(state.variables)])];
  const listed = names.slice(-effectLimit);
  return {
    argv: redactor.argv(argv),
    ...(state.workdir === undefined ? {} : { workdir: redactor.text(state.workdir) }),
    environment: listed.map((name) => redactor.text(name)),
    mounts: mounts.map((mount) => shownMount(mount, redactor)),
    ...(names.length > listed.length ? { notListed: names.length - listed.length } : {}),
  };
}

/** Variables with a value: an ARG without one is none for the command. */
function namedIn({ values }: Variables): string[] {
  return [...values].filter(([, value]) => value !== null).map(([name]) => name);
}

function readMount(
  { made, options: { redactor } }: Reading,
  { type, options }: RunMount,
  step: string,
): void {
  if (type === "secret")
    made.secrets.push({
      name: redactor.text(mountId(options)),
      optional: !/^(?:true|1)$/i.test(options.get("required") ?? "false"),
      step,
    });
  if (type === "cache")
    made.caches.push({
      key: redactor.text(options.get("id") ?? mountTarget({ type, options })),
      step,
    });
  if (type === "ssh") made.notes.push("an SSH agent was at hand for a command of a Dockerfile: what went over it is not recorded"); // prettier-ignore
}

const mountKinds: Readonly<Record<string, Mount["kind"]>> = {
  cache: "cache",
  secret: "secret",
  ssh: "socket",
  tmpfs: "temp",
};

function shownMount(mount: RunMount, redactor: Redactor): Mount {
  return { kind: mountKinds[mount.type] ?? "directory", target: redactor.text(mountTarget(mount)) };
}

function copyStep(reading: Reading, instruction: Instruction, state: StageState, step: Step): Step {
  const { escape } = reading.parsed;
  const { redactor, context } = reading.options;
  const words = jsonWords(instruction.text) ?? wordsOf(instruction.text, escape);
  const target = words.at(-1) ?? "";
  const checksum = expanded(reading, state, flagOf(instruction, "checksum"));
  const isHeredoc = (word: string): boolean => instruction.heredocs.length > 0 && /^\d*<<-?/.test(word);
  const paths: string[] = [];
  let isOfContext = false;
  for (const word of words.slice(0, -1)) {
    const source = isHeredoc(word) ? word : expanded(reading, state, word);
    const remote = instruction.keyword === "ADD" ? remoteOf(source ?? word, checksum) : undefined;
    if (remote === undefined) {
      paths.push(redactor.text(source ?? word));
      isOfContext ||= !isHeredoc(word) && flagOf(instruction, "from") === undefined;
      continue;
    }
    if (source === undefined) reading.made.unknownLines.push(instruction.lines[0]);
    const uri = redactor.text(remote.uri);
    reading.made.materials.push({
      ...found,
      ...remote,
      uri,
      ...missingOf(remote.digests),
      steps: [step.digest],
    });
    paths.push(uri);
  }
  const options = instruction.flags
    .filter(({ name }) => copyFlags.has(name))
    .map(({ name, value }): [string, ArgumentValue] => [name, value === "" ? true : redactor.text(value)]);
  const inputs = isOfContext && context !== undefined ? [...new Set([...step.inputs, context])] : step.inputs;
  const path = redactor.text(expanded(reading, state, target) ?? target);
  return { ...step, inputs, arguments: { sources: paths, path, ...Object.fromEntries(options) } };
}

const copyFlags: ReadonlySet<string> = new Set([
  ...["from", "chown", "chmod", "link", "parents", "exclude", "checksum", "keep-git-dir", "unpack"],
]);

function missingOf(digests: Material["digests"]): Pick<Material, "missing"> {
  return Object.keys(digests).length > 0 ? {} : { missing: "the Dockerfile names none" };
}

function expanded(reading: Reading, { variables }: StageState, word: string | undefined): string | undefined {
  return word === undefined ? undefined : expandWord(word, lookupIn(variables), reading.parsed.escape);
}

/** A path with its variables, undefined where one of them is not known or not shown. */
function shownWord(reading: Reading, state: StageState, word: string): string | undefined {
  const path = expanded(reading, state, word);
  return path?.includes(hidden) === true ? undefined : path;
}

/** What an instruction sets: names of variables and labels, commands, paths. Values stay hidden. */
function configArguments(
  { parsed, options: { redactor } }: Reading,
  instruction: Instruction,
): Record<string, ArgumentValue> | undefined {
  const { keyword, text } = instruction;
  if (/^(?:ARG|ENV|LABEL)$/.test(keyword))
    return { names: pairsOf(instruction, parsed.escape).map(([name]) => redactor.text(name)) };
  if (/^(?:CMD|ENTRYPOINT|SHELL)$/.test(keyword)) return { args: redactor.argv(jsonWords(text) ?? [text]) };
  if (/^(?:EXPOSE|STOPSIGNAL|USER|VOLUME|WORKDIR)$/.test(keyword)) return { value: redactor.text(text) };
  return undefined;
}
