/** A call graph while it is read: what each part of the recipe collector looks at, and where it puts what it finds. */
import type { Call, Recipe } from "../../recipe/index.js";
import type { Gap } from "../evidence.js";
import type { EvidenceSource, Exactness } from "../evidence/found.js";
import type { FunctionCall } from "../evidence/function.js";
import type { Material } from "../evidence/material.js";
import type { Step } from "../evidence/step.js";
import type { CacheUse, SecretUse, ServiceUse } from "../evidence/use.js";
import type { ReadBuilds } from "../dockerfile/collect.js";
import type { Redactor } from "../redact.js";
import { typeName } from "./call.js";
import type { Effects } from "./effects.js";
import { type HandedValue, handedTypes } from "./handed.js";
import type { Operation } from "./operations.js";
import type { Workdirs } from "./workdir.js";

export type Draft = {
  readonly steps: Step[];
  readonly materials: Material[];
  readonly functions: FunctionCall[];
  readonly secrets: SecretUse[];
  readonly caches: CacheUse[];
  readonly services: ServiceUse[];
  readonly gaps: Gap[];
  readonly notes: string[];
};

export type Reading = {
  readonly graph: Recipe;
  readonly redactor: Redactor;
  readonly effects: Effects;
  readonly workdirs: Workdirs;
  readonly operationOf: (parent: string, field: string) => Operation;
  readonly found: { readonly source: EvidenceSource; readonly exactness: Exactness };
  readonly draft: Draft;
  readonly outside: ReadonlyMap<string, HandedValue>;
  readonly opened: ReadonlyMap<string, readonly string[]>;
  /** Modules that stand among the materials already. */
  readonly modules: Set<string>;
  /** What the Dockerfiles of builds say. */
  readonly builds: ReadBuilds;
};

export function emptyDraft(): Draft {
  return {
    steps: [],
    materials: [],
    functions: [],
    secrets: [],
    caches: [],
    services: [],
    gaps: [],
    notes: [],
  };
}

/**
 * Type that has the field that is called: that of the receiver, which may have been handed in.
 * @param receiver the call that the given one is called on, where the graph has it
 */
export function parentOf({ outside }: Reading, called: Call, receiver: Call | undefined): string {
  if (receiver !== undefined) return typeName(receiver);
  if (called.receiver === undefined) return "Query";
  const handed = outside.get(called.receiver);
  return handed === undefined ? parentByField(called) : handedTypes[handed.kind];
}

/** Of a receiver that nobody saw the field tells: what is named so gives what it was called on. */
function parentByField(call: Call): string {
  const isOwnType =
    /^(?:__)?with/.test(call.field) || (call.field === "from" && typeName(call) === "Container");
  return isOwnType ? typeName(call) : "Unknown";
}
