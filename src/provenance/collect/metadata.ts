/** What the engine says of itself and of modules: version, platform, SDK, sources with their pins. */
import type { DigestSet } from "../../statement/types.js";
import { type Evidence, evidenceFrom, type RunFacts } from "../evidence.js";
import type { Material } from "../evidence/material.js";
import type { ArgumentValue } from "../evidence/step.js";
import { moduleLocator } from "../locators.js";
import { hidden, namesSecret, type Redactor, redactorFor } from "../redact.js";

/** A module as `currentModule.source` and `ModuleSource` describe it; empty text means unknown. */
export type ModuleMetadata = {
  readonly name: string;
  /** `asString` of the source, as in `github.com/o/ci@v1`. */
  readonly ref: string;
  /** Commit of a git source. */
  readonly commit?: string;
  /** Where its source came from, when that is better known than by `ref`. */
  readonly uri?: string;
  /** Digests of its content, where somebody took them. */
  readonly digests?: DigestSet;
  readonly sdk?: string;
};

export type EngineMetadata = {
  /** `version` of the API, as in `v0.21.8`. */
  readonly version?: string;
  /** `defaultPlatform`. */
  readonly platform?: string;
  /** Trace id from TRACEPARENT, 32 hex characters. */
  readonly traceId?: string;
  /** Modules that took part: the one that was called first. */
  readonly modules?: readonly ModuleMetadata[];
  /** The function that this session called for the value. */
  readonly entry?: EntryPoint;
};

/** A call that we made ourselves: known without anybody's report. */
export type EntryPoint = {
  /** Name of its module, one of `modules`. */
  readonly module: string;
  /** `Type.function`. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, ArgumentValue>>;
};

const found = { source: "metadata", exactness: "exact" } as const;

/** Evidence from metadata. A local module has no digest here; it is a remark, since it is code and not content. */
export function collectMetadata(metadata: EngineMetadata, secrets: readonly string[] = []): Evidence {
  const modules = metadata.modules ?? [];
  const sdk = modules.find((one) => one.sdk !== undefined && one.sdk !== "")?.sdk;
  const run: RunFacts = {
    ...(isGiven(metadata.version) ? { engineVersion: metadata.version } : {}),
    ...(isGiven(metadata.platform) ? { platform: metadata.platform } : {}),
    ...(isGiven(metadata.traceId) ? { invocationId: metadata.traceId } : {}),
    ...(sdk === undefined ? {} : { sdk }),
  };
  const called = metadata.entry === undefined ? {} : callOf(metadata.entry, redactorFor(secrets));
  return evidenceFrom("metadata", { run, materials: modules.map(materialFrom), ...called });
}

function callOf(entry: EntryPoint, redactor: Redactor): Pick<Evidence, "functions" | "parameters"> {
  const { module, name, arguments: given } = entry;
  const args = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, namesSecret(key) ? hidden : redacted(value, redactor)]),
  );
  return {
    functions: [{ ...found, digest: "metadata:call", module: { name: module }, name, arguments: args }],
    parameters: Object.entries(args).map(([key, value]) => ({ ...found, name: key, value })),
  };
}

function redacted(value: ArgumentValue, redactor: Redactor): ArgumentValue {
  if (typeof value === "string") return redactor.text(value);
  return Array.isArray(value) ? value.map((one: ArgumentValue) => redacted(one, redactor)) : value;
}

function materialFrom({ name, ref, commit, uri, digests = {} }: ModuleMetadata): Material {
  const located = moduleLocator(redactorFor([]).url(ref), commit);
  const locator = {
    ...located,
    ...(uri === undefined ? {} : { uri }),
    digests: { ...located.digests, ...digests },
  };
  const missing =
    Object.keys(locator.digests).length === 0 ? { missing: "a module from a local path has no pin" } : {};
  return { ...found, kind: "module", ...locator, name, ...missing, steps: [] };
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== "";
}
