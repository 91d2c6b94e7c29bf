/**
 * What is in effect for a command: variables and mounts set by the calls before it. Kept as a linked
 * list per container that calls share, so that a chain of thousands of calls costs no copies.
 */
import { effectLimit, type Mount } from "../evidence.js";
import type { Call } from "../../recipe/index.js";
import type { Redactor } from "../redact.js";
import { callArgument, textArgument, typeName } from "./call.js";

/** A variable (`mount` unset) or a mount, or the removal of one. */
type Effect = {
  readonly name: string;
  readonly mount?: Mount;
  readonly removed?: true;
  readonly before: Effect | undefined;
  readonly count: number;
};

/** Effects after each call, by its digest. */
export type Effects = Map<string, Effect | undefined>;

const mountKinds: Readonly<Record<string, { kind: Mount["kind"]; source: string }>> = {
  withMountedDirectory: { kind: "directory", source: "source" },
  withMountedFile: { kind: "file", source: "source" },
  withMountedCache: { kind: "cache", source: "cache" },
  withMountedSecret: { kind: "secret", source: "source" },
  withMountedTemp: { kind: "temp", source: "" },
  withUnixSocket: { kind: "socket", source: "source" },
};

const effectFields =
  /^with(?:out)?(?:Mount|UnixSocket|EnvVariable|VolatileVariable|SecretVariable|ServiceBinding)/;

/** Records what a call changes, with names that may be shown. Calls come inputs first. */
export function recordEffect(effects: Effects, call: Call, redactor: Redactor): void {
  const before = call.receiver === undefined ? undefined : effects.get(call.receiver);
  if (typeName(call) !== "Container") return;
  const change = changeOf(call, redactor);
  effects.set(
    call.digest,
    change === undefined ? before : { ...change, before, count: (before?.count ?? 0) + 1 },
  );
}

function changeOf(call: Call, redactor: Redactor): Pick<Effect, "name" | "mount" | "removed"> | undefined {
  if (!effectFields.test(call.field)) return undefined;
  const name = redactor.text(textArgument(call, "name") ?? "");
  const path = redactor.text(textArgument(call, "path") ?? "");
  const kind = mountKinds[call.field];
  if (kind !== undefined)
    return { name: path, mount: mountOf(kind.kind, path, callArgument(call, kind.source)) };
  switch (call.field) {
    case "withEnvVariable":
    case "withVolatileVariable":
      return { name: `$${name}` };
    case "withSecretVariable":
      return { name: `$${name}`, mount: mountOf("secret", `$${name}`, callArgument(call, "secret")) };
    case "withServiceBinding": {
      const alias = redactor.text(textArgument(call, "alias") ?? "");
      return { name: `@${alias}`, mount: mountOf("service", alias, callArgument(call, "service")) };
    }
    case "withoutEnvVariable":
    case "withoutVolatileVariable":
    case "withoutSecretVariable":
      return { name: `$${name}`, removed: true };
    case "withoutMount":
    case "withoutUnixSocket":
      return { name: path, removed: true };
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
    if (effect.removed === true) continue;
    if (effect.mount !== undefined) mounts.push(effect.mount);
    else environment.push(effect.name.slice(1));
  }
  return {
    environment: environment.toReversed(),
    mounts: mounts.toReversed(),
    notListed: (newest?.count ?? 0) - looked,
  };
}
