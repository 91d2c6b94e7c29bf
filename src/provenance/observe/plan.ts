/** From a function's name and arguments, as a user writes them, to the query that calls it. */
import { AttestError, type Problem } from "../../error.js";
import type { ArgumentValue } from "../evidence/step.js";
import type { EnginePort, ValueType } from "../gather/engine.js";
import { type Field, type FieldArgument, fieldsOf } from "./schema.js";

export type PlannedCall = {
  readonly query: string;
  /** Names of the answer's fields, from the outside in, down to the id. */
  readonly path: readonly string[];
  /** Type of the result. */
  readonly type: ValueType;
  /** `Ci.build`: the function that gives the result. */
  readonly entryPoint: string;
  /** Arguments as they were given; values of the engine by their type. */
  readonly args: Readonly<Record<string, ArgumentValue>>;
  /** Names of the slots whose values were given, by `argumentKey`; of several, the first. */
  readonly slots: Readonly<Record<string, string>>;
  /** Arguments for values of the engine that nobody gave. */
  readonly omitted: readonly OmittedArgument[];
};

export type OmittedArgument = {
  readonly key: string;
  /** The type that has the function; for the module's constructor, the type that it makes. */
  readonly object: string;
  /** Undefined for the constructor. */
  readonly functionName: string | undefined;
  readonly argument: string;
};

/** Tells arguments of one name apart: `build.source` is the function's, `.source` the constructor's. */
export function argumentKey(functionName: string | undefined, argument: string): string {
  return `${functionName ?? ""}.${argument}`;
}

/** The argument's own name in such a key. */
export function argumentOf(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1);
}

/** Ids of the engine's values that arguments can name: `source=directory`. */
export type Slots = Readonly<Record<string, string | undefined>>;

type Step = { readonly owner: string; readonly field: Field };
type Given = { readonly name: string; readonly texts: readonly string[] };

/**
 * Plans the call of `build`, or of `release.image` through an object of the module. An argument is written
 * `name=value` and goes to the last function of the chain that has one of its name, the module's constructor
 * included; for an argument that takes an object, the value is the name of a slot.
 * @throws AttestError ARGUMENT_INVALID naming every function and argument that does not fit.
 */
export async function planCall(
  engine: EnginePort,
  moduleName: string,
  call: string,
  args: readonly string[],
  slots: Slots,
): Promise<PlannedCall> {
  const steps = await chainOf(engine, moduleName, call.split("."));
  const given = group(args);
  const problems: Problem[] = [];
  const byStep = steps.map(() => [] as string[]);
  const shown: Record<string, ArgumentValue> = {};
  const taken: Record<string, string> = {};
  for (const one of given) {
    const at = steps.findLastIndex(({ field }) => field.args.some(({ name }) => isSame(name, one.name)));
    const argument = steps[at]?.field.args.find(({ name }) => isSame(name, one.name));
    if (argument === undefined) {
      problems.push({
        path: one.name,
        expected: expectedNames(steps),
        got: "an argument that none of them has",
      });
      continue;
    }
    const literal = literalOf(argument, one, slots, problems);
    byStep[at]?.push(`${argument.name}: ${literal}`);
    shown[argument.name] = shownValue(argument, one);
    if (isObjectId(argument.type.name)) taken[keyOf(steps[at], argument)] = one.texts[0] ?? "";
  }
  problems.push(...steps.flatMap(({ field }) => missing(field, given)));
  if (problems.length > 0)
    throw new AttestError("ARGUMENT_INVALID", `${call} can't be called like this`, {
      problems,
      next: "Write arguments as --args=name=value, and objects by their slot, as in --args=source=directory.",
    });
  const last = steps.at(-1);
  return {
    query: `query ${steps.map(({ field }, at) => `{ ${field.name}${inBrackets(byStep[at] ?? [])} `).join("")}{ id }${" }".repeat(steps.length)}`,
    path: [...steps.map(({ field }) => field.name), "id"],
    type: last?.field.type.name as ValueType,
    entryPoint: `${last?.owner ?? ""}.${last?.field.name ?? ""}`,
    args: shown,
    slots: taken,
    omitted: steps.flatMap((step) => omittedOf(step, taken)),
  };
}

/** The constructor is a field of the query itself. */
function functionName(step: Step | undefined): string | undefined {
  return step === undefined || step.owner === "Query" ? undefined : step.field.name;
}

function keyOf(step: Step | undefined, { name }: FieldArgument): string {
  return argumentKey(functionName(step), name);
}

function omittedOf(step: Step, taken: Readonly<Record<string, string>>): OmittedArgument[] {
  const object = step.owner === "Query" ? step.field.type.name : step.owner;
  return step.field.args
    .filter((one) => isObjectId(one.type.name) && taken[keyOf(step, one)] === undefined)
    .map((one) => ({
      key: keyOf(step, one),
      object,
      functionName: functionName(step),
      argument: one.name,
    }));
}

/** The constructor, then the functions, each on the result of the one before. */
async function chainOf(engine: EnginePort, moduleName: string, names: readonly string[]): Promise<Step[]> {
  const steps: Step[] = [];
  let owner = "Query";
  for (const name of [moduleName, ...names]) {
    const fields = await fieldsOf(engine, owner);
    const field = fields.find((one) => isSame(one.name, name));
    if (field === undefined) throw unknown(owner, name, owner === "Query" ? [] : fields);
    steps.push({ owner, field });
    owner = field.type.name;
  }
  const result = steps.at(-1)?.field.type;
  if (result !== undefined && !result.isList && ["Container", "Directory", "File"].includes(result.name))
    return steps;
  throw new AttestError("ARGUMENT_INVALID", `${names.join(".")} gives nothing that provenance can be about`, {
    problems: [
      {
        path: "call",
        expected: "a function that gives a Container, a Directory or a File",
        got: `${result?.isList === true ? "a list of " : ""}${result?.name ?? "nothing"}`,
      },
    ],
    next: "Name a function of the object that it gives, as in release.image.",
  });
}

function unknown(owner: string, name: string, fields: readonly Field[]): AttestError {
  const known = fields.map((one) => one.name).filter((one) => one !== "id");
  return new AttestError("ARGUMENT_INVALID", `there is no function ${name}`, {
    problems: [{ path: "call", expected: `one of ${known.join(", ") || "a served module"}`, got: name }],
    next: `Name a function of ${owner}.`,
  });
}

/** `as-file`, `as_file` and `asFile` are one name. */
function isSame(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function plain(name: string): string {
  return name.replace(/[-_ ]/g, "").toLowerCase();
}

function group(args: readonly string[]): Given[] {
  const groups = new Map<string, string[]>();
  for (const text of args) {
    const [name = "", value = ""] = text.split(/=(.*)/s, 2);
    groups.set(name, [...(groups.get(name) ?? []), value]);
  }
  return [...groups].map(([name, texts]) => ({ name, texts }));
}

function literalOf(
  argument: FieldArgument,
  { name, texts }: Given,
  slots: Slots,
  problems: Problem[],
): string {
  const { type } = argument;
  if (!type.isList && texts.length > 1)
    problems.push({ path: name, expected: "one value", got: `${texts.length} of them` });
  const literals = texts.map((text) => {
    const literal = literalFor(type.kind, type.name, text, slots);
    if (literal === undefined)
      problems.push({ path: name, expected: expectedValue(type.kind, type.name, slots), got: shown(text) });
    return literal ?? "null";
  });
  return type.isList ? `[${literals.join(", ")}]` : (literals[0] ?? "null");
}

function literalFor(kind: string, type: string, text: string, slots: Slots): string | undefined {
  if (kind === "ENUM") return /^[A-Za-z_]\w*$/.test(text) ? text : undefined;
  if (type === "Int") return /^-?\d+$/.test(text) ? text : undefined;
  if (type === "Float") return /^-?\d+(\.\d+)?$/.test(text) ? text : undefined;
  if (type === "Boolean") return text === "true" || text === "false" ? text : undefined;
  if (!isObjectId(type)) return JSON.stringify(text);
  const id = slots[text];
  return id === undefined ? undefined : JSON.stringify(id);
}

/** Objects are given by id: one scalar for all, or one per type in older views. */
function isObjectId(type: string): boolean {
  return /ID$/.test(type);
}

function expectedValue(kind: string, type: string, slots: Slots): string {
  const given = Object.keys(slots).filter((slot) => slots[slot] !== undefined);
  if (isObjectId(type)) return `one of the values that are given (${given.join(", ") || "none is"})`;
  return kind === "ENUM" ? `a member of ${type}` : `a value of type ${type}`;
}

function shownValue(argument: FieldArgument, { texts }: Given): ArgumentValue {
  const { isList, name } = argument.type;
  // Which value it was stands in the steps; here it is enough that it was one.
  const values = texts.map((text) => (isObjectId(name) ? `(${text})` : text));
  return isList ? values : (values[0] ?? null);
}

/** Values of arguments may be secrets: errors name their size alone. */
function shown(text: string): string {
  return text === "" ? "an empty text" : `a text of ${text.length} characters`;
}

function missing(field: Field, given: readonly Given[]): Problem[] {
  return field.args
    .filter(({ type, hasDefault }) => type.isRequired && !hasDefault)
    .filter(({ name }) => !given.some((one) => isSame(one.name, name)))
    .map(({ name, type }) => ({
      path: name,
      expected: `an argument of ${field.name} (${type.name})`,
      got: "none",
    }));
}

function expectedNames(steps: readonly Step[]): string {
  const names = steps.flatMap(({ field }) => field.args.map(({ name }) => name));
  return `one of ${names.join(", ") || "no arguments at all"}`;
}

function inBrackets(args: readonly string[]): string {
  return args.length === 0 ? "" : `(${args.join(", ")})`;
}
