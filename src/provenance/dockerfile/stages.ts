/** Stages of a Dockerfile: what each begins with, and which of them a target needs. */
import { expandWord } from "./expand.js";
import { mountsOf } from "./mounts.js";
import type { Flag, Instruction, ParsedDockerfile } from "./parse.js";
import { firstVariables, type Given, lookupIn, setVariables, type Variables } from "./variables.js";

/** What a name leads to. */
export type Origin =
  | { readonly kind: "scratch" }
  | { readonly kind: "stage"; readonly stage: number }
  | { readonly kind: "image"; readonly address: string; readonly platform?: string }
  /** It has variables whose values are not known. */
  | { readonly kind: "unknown" };

export type Stage = {
  readonly from: Instruction;
  readonly base: Origin;
  readonly instructions: readonly Instruction[];
};

export type Stages = {
  readonly stages: readonly Stage[];
  /** Indexes of those that the target needs, each after those that it needs itself. */
  readonly needed: readonly number[];
  /** What a name in `--from` leads to. */
  readonly originOf: (name: string) => Origin;
};

/**
 * Finds the stages.
 * @param target name or number of a stage; "" for the last
 * @throws Error when there is no such stage
 */
export function stagesOf({ instructions, escape }: ParsedDockerfile, given: Given, target: string): Stages {
  const globals = globalsOf({ instructions, escape }, given);
  const names = new Map<string, number>();
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  for (const instruction of instructions) {
    const stage = stages.at(-1);
    if (instruction.keyword === "FROM") {
      const [, name] = fromWords(instruction);
      stages.push({
        from: instruction,
        base: baseOf(instruction, globals, names, escape, given),
        instructions: [],
      });
      if (name !== undefined) names.set(name.toLowerCase(), stages.length - 1);
    } else stage?.instructions.push(instruction);
  }
  const originOf = (name: string): Origin => originNamed(name, names, stages.length, given);
  const last = target === "" ? stages.length - 1 : stageNamed(target, names, stages.length);
  if (last === undefined) throw new Error("it has no stage of the name that was asked for");
  return { stages, needed: neededFor(last, stages, originOf), originOf };
}

/** Variables before the first stage. */
export function globalsOf(
  { instructions, escape }: Pick<ParsedDockerfile, "instructions" | "escape">,
  given: Given,
): Variables {
  const globals = firstVariables(given);
  for (const instruction of instructions) {
    if (instruction.keyword === "FROM") break;
    setVariables(globals, instruction, escape, given);
  }
  return globals;
}

/** Image, and name of the stage where it has one. */
export function fromWords({ text }: Instruction): [image: string, name: string | undefined] {
  const [image = "", as, name] = text.split(/\s+/);
  return [image, as?.toLowerCase() === "as" ? name : undefined];
}

function baseOf(
  from: Instruction,
  globals: Variables,
  names: ReadonlyMap<string, number>,
  escape: string,
  { platform }: Given,
): Origin {
  const lookup = lookupIn(globals);
  const image = expandWord(fromWords(from)[0], lookup, escape);
  const flag = flagOf(from, "platform");
  const asked = flag === undefined ? platform : expandWord(flag, lookup, escape);
  if (image === undefined || image === "" || (flag !== undefined && asked === undefined))
    return { kind: "unknown" };
  const stage = names.get(image.toLowerCase());
  if (stage !== undefined) return { kind: "stage", stage };
  if (image.toLowerCase() === "scratch") return { kind: "scratch" };
  return {
    kind: "image",
    address: image,
    ...(asked === undefined || asked === "" ? {} : { platform: asked }),
  };
}

function originNamed(
  name: string,
  names: ReadonlyMap<string, number>,
  stages: number,
  { platform }: Given,
): Origin {
  // A variable in `--from` is no variable for BuildKit, and no name either.
  if (name.includes("$")) return { kind: "unknown" };
  const stage = stageNamed(name, names, stages);
  if (stage !== undefined) return { kind: "stage", stage };
  if (name.toLowerCase() === "scratch") return { kind: "scratch" };
  return { kind: "image", address: name, ...(platform === undefined ? {} : { platform }) };
}

function stageNamed(name: string, names: ReadonlyMap<string, number>, stages: number): number | undefined {
  const named = names.get(name.toLowerCase());
  if (named !== undefined || !/^\d+$/.test(name)) return named;
  return Number(name) < stages ? Number(name) : undefined;
}

/** The value of an instruction's last flag of a name. */
export function flagOf({ flags }: { readonly flags: readonly Flag[] }, name: string): string | undefined {
  return flags.findLast((flag) => flag.name === name)?.value;
}

/** Names in `--from` of an instruction. */
export function fromNames(instruction: Instruction): string[] {
  if (instruction.keyword === "COPY") return [flagOf(instruction, "from")].filter((one) => one !== undefined);
  if (instruction.keyword !== "RUN") return [];
  return mountsOf(instruction).flatMap(({ options }) => options.get("from") ?? []);
}

function neededFor(target: number, stages: readonly Stage[], originOf: Stages["originOf"]): number[] {
  const needed: number[] = [];
  const seen = new Set<number>();
  // A stage is entered, and left after all that it needs.
  const stack: { readonly stage: number; readonly isLeft: boolean }[] = [{ stage: target, isLeft: false }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { stage, isLeft } = next;
    const one = stages[stage];
    if (isLeft) needed.push(stage);
    if (isLeft || seen.has(stage) || one === undefined) continue;
    seen.add(stage);
    stack.push({ stage, isLeft: true });
    const origins = [one.base, ...one.instructions.flatMap(fromNames).map((name) => originOf(name))];
    for (const origin of origins.reverse())
      if (origin.kind === "stage" && !seen.has(origin.stage))
        stack.push({ stage: origin.stage, isLeft: false });
  }
  return needed;
}
