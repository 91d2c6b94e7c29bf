/** Calls of modules' functions in spans, and the modules that served them. */
import type { Call } from "../../recipe/index.js";
import type { EvidenceSource } from "../evidence/found.js";
import type { FunctionCall } from "../evidence/function.js";
import type { Material } from "../evidence/material.js";
import { moduleLocator } from "../locators.js";
import { redactorFor } from "../redact.js";
import { typeName } from "../recipe/call.js";
import { knownSecrets, shownArguments } from "../recipe/redact-call.js";
import { type CallSpan, isCached, outputOf } from "./calls.js";

export type Functions = { readonly functions: FunctionCall[]; readonly modules: Material[] };

/** The calls under the entry point, and the constructor that it was called on, which comes before it. */
export function withConstructor(
  own: readonly CallSpan[],
  all: readonly CallSpan[],
  entry: CallSpan | undefined,
): CallSpan[] {
  const made = all.find(({ call }) => call.digest === entry?.call.receiver && call.module !== undefined);
  return made === undefined || own.includes(made) ? [...own] : [made, ...own];
}

/** One item per function call, and one material per module that has a reference. */
export function functionsOf(
  calls: readonly CallSpan[],
  known: ReadonlyMap<string, Call>,
  source: EvidenceSource,
  secrets: readonly string[],
): Functions {
  if (!calls.some(({ call }) => call.module !== undefined)) return { functions: [], modules: [] };
  const redactor = redactorFor([...knownSecrets(calls.map(({ call }) => call)), ...secrets]);
  const found = { source, exactness: "observed" as const };
  const functions = new Map<string, FunctionCall>();
  const modules = new Map<string, Material>();
  for (const span of calls) {
    const { call } = span;
    if (call.module === undefined) continue;
    const output = outputOf(span);
    const { name } = call.module;
    const ref = call.module.ref === "" ? undefined : redactor.url(call.module.ref);
    const pin = call.module.pin === "" ? undefined : call.module.pin;
    const receiver = call.receiver === undefined ? undefined : known.get(call.receiver);
    functions.set(call.digest, {
      ...found,
      digest: call.digest,
      module: { name, ...(ref === undefined ? {} : { ref }), ...(pin === undefined ? {} : { pin }) },
      name: `${typeName(receiver ?? call)}.${call.field}`,
      arguments: shownArguments(call, redactor),
      ...(output === undefined ? {} : { output }),
      ...(isCached(span) ? { hidden: true } : {}),
    });
    if (ref !== undefined)
      modules.set(name, { ...found, kind: "module", ...moduleLocator(ref, pin), name, steps: [call.digest] });
  }
  return { functions: [...functions.values()], modules: [...modules.values()] };
}
