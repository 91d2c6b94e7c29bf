/**
 * What is in effect for a command: variables and mounts set by the calls before it. Kept as a linked
 * list per container that calls share, so that a chain of thousands of calls costs no copies.
 */
import { effectLimit, type Mount } from "../evidence/step.js";
import type { Call } from "../../recipe/index.js";
import type { Redactor } from "../redact.js";
import { callArgument, textArgument, typeName } from "./call.js";

/** A variable (`mount` unset) or a mount, or the removal of one. */
type Effect = {
  readonly name: string;
  readonly mount: Mount | undefined;
  readonly isRemoved: boolean;
  /** Whether one before it, of whatever container, has the same name: only then it may hide one. */
  readonly isRepeated: boolean;
  readonly before: Effect | undefined;
  readonly count: number;
};

export type Effects = {
  /** Effects after each call that has any, by its digest. */
  readonly after: Map<string, Effect>;
  readonly names: Set<string>;
};

export function noEffects(): Effects {
  return { after: new Map(), names: new Set() };
}

const mountKinds: Readonly<Record<string, { kind: Mount["kind"]; source: string }>> = {
  withMountedDirectory: { kind: "directory", source: "source" },
  withMountedFile: { kind: "file", source: "source" },
  withMountedCache: { kind: "cache", source: "cache" },
  withMountedSecret: { kind: "secret", source: "source" },
  withMountedTemp: { kind: "temp", source: "" },
  withMountedVolume: { kind: "volume", source: "volume" },
  withUnixSocket: { kind: "socket", source: "source" },
};

/** Every field that `changeOf` knows: a build has tens of thousands of others. */
const effectFields: ReadonlySet<string> = new Set([
  ...Object.keys(mountKinds),
  "withEnvVariable",
  "withVolatileVariable",
  "withSecretVariable",
  "withServiceBinding",
  "withoutEnvVariable",
  "withoutVolatileVariable",
  "withoutSecretVariable",
  "withoutMount",
  "withoutUnixSocket",
]);

/** Records what a call changes, with names that may be shown. Calls come inputs first. */
export function recordEffect(effects: Effects, call: Call, redactor: Redactor): void {
  if (typeName(call) !== "Container") return;
  const before = call.receiver === undefined ? undefined : effects.after.get(call.receiver);
  const after = effectFields.has(call.field)
    ? (changeOf(call, redactor, before, effects.names) ?? before)
    : before;
  if (after !== undefined) effects.after.set(call.digest, after);
}

function changeOf(
  call: Call,
  redactor: Redactor,
  before: Effect | undefined,
  names: Set<string>,
): Effect | undefined {
  const effect = (name: string, mount: Mount | undefined, isRemoved: boolean): Effect => {
    const isRepeated = names.size === names.add(name).size;
    return { name, mount, isRemoved, isRepeated, before, count: (before?.count ?? 0) + 1 };
  };
  const added = (name: string, mount?: Mount): Effect => effect(name, mount, false);
  const removed = (name: string): Effect => effect(name, undefined, true);
  const text = (argument: string): string => redactor.text(textArgument(call, argument) ?? "");
  const kind = mountKinds[call.field];
  if (kind !== undefined) {
    const path = text("path");
    return added(path, mountOf(kind.kind, path, callArgument(call, kind.source)));
  }
  switch (call.field) {
    case "withEnvVariable":
    case "withVolatileVariable":
      return added(`$${text("name")}`);
    case "withSecretVariable": {
      const name = `$${text("name")}`;
      return added(name, mountOf("secret", name, callArgument(call, "secret")));
    }
    case "withServiceBinding": {
      const alias = text("alias");
      return added(`@${alias}`, mountOf("service", alias, callArgument(call, "service")));
    }
    case "withoutEnvVariable":
    case "withoutVolatileVariable":
    case "withoutSecretVariable":
      return removed(`$${text("name")}`);
    case "withoutMount":
    case "withoutUnixSocket":
      return removed(text("path"));
    default:
      return undefined;
  }
}

function mountOf(kind: Mount["kind"], target: string, step: string | undefined): Mount {
  return step === undefined ? { kind, target } : { kind, target, step };
}

export type InEffect = {
  readonly environment: string[];
  readonly mounts: Mount[];
  readonly notListed: number;
};

/** Variables and mounts in effect after `digest`, oldest first; at most `effectLimit` calls are looked back. */
export function inEffect(effects: Effects, digest: string | undefined): InEffect {
  const newest = digest === undefined ? undefined : effects.after.get(digest);
  const hidden = new Set<string>();
  const environment: string[] = [];
  const mounts: Mount[] = [];
  let looked = 0;
  for (let effect = newest; effect !== undefined && looked < effectLimit; effect = effect.before) {
    looked++;
    if (hidden.size > 0 && hidden.has(effect.name)) continue;
    if (effect.isRepeated) hidden.add(effect.name);
    if (effect.isRemoved) continue;
    if (effect.mount !== undefined) mounts.push(effect.mount);
    else environment.push(effect.name.slice(1));
  }
  return {
    environment: environment.toReversed(),
    mounts: mounts.toReversed(),
    notListed: (newest?.count ?? 0) - looked,
  };
}
