/** What the engine says of itself and of modules: version, platform, SDK, sources with their pins. */
import { type Evidence, evidenceFrom, type Material, type RunFacts } from "../evidence.js";
import { moduleLocator } from "../locators.js";
import { redactorFor } from "../redact.js";

/** A module as `currentModule.source` and `ModuleSource` describe it; empty text means unknown. */
export type ModuleMetadata = {
  readonly name: string;
  /** `asString` of the source, as in `github.com/o/ci@v1`. */
  readonly ref: string;
  /** Commit of a git source. */
  readonly commit?: string;
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
};

const found = { source: "metadata", exactness: "exact" } as const;

/** Evidence from metadata. A local module has no digest here; it is a remark, since it is code and not content. */
export function collectMetadata(metadata: EngineMetadata): Evidence {
  const modules = metadata.modules ?? [];
  const sdk = modules.find((one) => one.sdk !== undefined && one.sdk !== "")?.sdk;
  const run: RunFacts = {
    ...(isGiven(metadata.version) ? { engineVersion: metadata.version } : {}),
    ...(isGiven(metadata.platform) ? { platform: metadata.platform } : {}),
    ...(isGiven(metadata.traceId) ? { invocationId: metadata.traceId } : {}),
    ...(sdk === undefined ? {} : { sdk }),
  };
  return evidenceFrom("metadata", { run, materials: modules.map(materialFrom) });
}

function materialFrom({ name, ref, commit }: ModuleMetadata): Material {
  const locator = moduleLocator(redactorFor([]).url(ref), commit);
  const missing =
    Object.keys(locator.digests).length === 0 ? { missing: "a module from a local path has no pin" } : {};
  return { ...found, kind: "module", ...locator, name, ...missing, steps: [] };
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== "";
}
