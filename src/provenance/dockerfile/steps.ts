/** The step that an instruction is, and what it brings in. */
import type { Material } from "../evidence/material.js";
import { type ArgumentValue, effectLimit, type Mount, type Step } from "../evidence/step.js";
import type { Redactor } from "../redact.js";
import { argvOf } from "./command.js";
import { addImage } from "./images.js";
import { mountId, mountsOf, mountTarget, type RunMount } from "./mounts.js";
import type { Instruction } from "./parse.js";
import { expanded, found, idOf, locationOf, type Reading, type StageState } from "./reading.js";
import { remoteOf } from "./sources.js";
import { flagOf, fromNames } from "./stages.js";
import type { Variables } from "./variables.js";
import { commandKey } from "./watched.js";
import { jsonWords, pairsOf, wordsOf } from "./words.js";

/** Adds to the reading what the instruction brings in. @returns its step */
export function stepOf(reading: Reading, instruction: Instruction, state: StageState): Step {
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
    .filter(({ name }) => copyFlags.includes(name))
    .map(({ name, value }): [string, ArgumentValue] => [name, value === "" ? true : redactor.text(value)]);
  const inputs = isOfContext && context !== undefined ? [...new Set([...step.inputs, context])] : step.inputs;
  const path = redactor.text(expanded(reading, state, target) ?? target);
  return { ...step, inputs, arguments: { sources: paths, path, ...Object.fromEntries(options) } };
}

const copyFlags: readonly string[] = [
  "from",
  "chown",
  "chmod",
  "link",
  "parents",
  "exclude",
  "checksum",
  "keep-git-dir",
  "unpack",
];

function missingOf(digests: Material["digests"]): Pick<Material, "missing"> {
  return Object.keys(digests).length > 0 ? {} : { missing: "the Dockerfile names none" };
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
