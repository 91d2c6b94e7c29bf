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
  readonly before: Effect | undefined;
  readonly count: number;
};

/** Effects after each call that has any, by its digest. */
export type Effects = Map<string, Effect>;

const mountKinds: Readonly<Record<string, { kind: Mount["kind"]; source: string }>> = {
  withMountedDirectory: { kind: "directory", source: "source" },
  withMountedFile: { kind: "file", source: "source" },
  withMountedCache: { kind: "cache", source: "cache" },
  withMountedSecret: { kind: "secret", source: "source" },
  withMountedTemp: { kind: "temp", source: "" },
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
  const before = call.receiver === undefined ? undefined : effects.get(call.receiver);
  if (typeName(call) !== "Container") return;
  const after = changeOf(call, redactor, before) ?? before;
  if (after !== undefined) effects.set(call.digest, after);
}

function changeOf(call: Call, redactor: Redactor, before: Effect | undefined): Effect | undefined {
  if (!effectFields.has(call.field)) return undefined;
  const count = (before?.count ?? 0) + 1;
  const added = (name: string, mount?: Mount): Effect => ({ name, mount, isRemoved: false, before, count });
  const removed = (name: string): Effect => ({ name, mount: undefined, isRemoved: true, before, count });
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
  const newest = digest === undefined ? undefined : effects.get(digest);
  const seen = new Set<string>();
  const environment: string[] = [];
  const mounts: Mount[] = [];
  let looked = 0;
  for (let effect = newest; effect !== undefined && looked < effectLimit; effect = effect.before) {
    looked++;
    if (seen.has(effect.name)) continue;
    seen.add(effect.name);
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
