/** Recipes written by hand, for tests: `build([...])` gives each call a digest and returns the graph. */
import type { Argument, Call, Literal, Recipe } from "../../../src/recipe/index.js";

export type Draft = {
  readonly is: string;
  readonly field: string;
  readonly type: string;
  readonly on?: string;
  readonly args?: Readonly<Record<string, Literal | string | number | boolean | null | readonly string[]>>;
  readonly module?: { readonly name: string; readonly ref: string; readonly pin: string };
  readonly content?: string;
};

/** A reference to another call. */
export const ref = (name: string): Literal => ({ kind: "call", digest: digestOf(name) });

export const digestOf = (name: string): string => `xxh3:${name}`;

/** The graph of the given calls; the last one is the root. */
export function recipeOf(drafts: readonly Draft[]): Recipe {
  const calls = drafts.map(callOf);
  return { root: calls.at(-1)?.digest ?? "", calls: new Map(calls.map((call) => [call.digest, call])) };
}

function callOf(draft: Draft): Call {
  return {
    digest: digestOf(draft.is),
    field: draft.field,
    type: { named: draft.type, nonNull: true },
    ...(draft.on === undefined ? {} : { receiver: digestOf(draft.on) }),
    args: Object.entries(draft.args ?? {}).map(([name, value]): Argument => ({
      name,
      value: literal(value),
    })),
    ...(draft.module === undefined ? {} : { module: { callDigest: "", ...draft.module } }),
    view: "",
    effectIds: [],
    extraDigests: draft.content === undefined ? [] : [{ digest: draft.content, label: "content" }],
    implicitInputs: [],
  };
}

function literal(value: NonNullable<Draft["args"]>[string]): Literal {
  if (value === null) return { kind: "null" };
  if (typeof value === "string") return { kind: "string", value };
  if (typeof value === "number") return { kind: "int", value };
  if (typeof value === "boolean") return { kind: "bool", value };
  if (!("kind" in value))
    return { kind: "list", values: value.map((item) => ({ kind: "string", value: item })) };
  return value;
}
