/** What each operation of the Dagger API does to a build. Names from the schema of v0.21.8 and v1.0.0-beta.10. */
import type { StepKind } from "../evidence.js";

const kinds: Readonly<Record<string, StepKind>> = {
  "Container.withExec": "exec",
  "Container.from": "base",
  "Query._builtinContainer": "base",
  "Container.import": "base",
  "Host.containerImage": "base",
  "GitRef.tree": "source",
  "HTTPState._resolve": "source",
  "Query.http": "source",
  "Host.directory": "source",
  "Host.file": "source",
  "Workspace.directory": "source",
  "Workspace.file": "source",
  "Directory.dockerBuild": "opaque",
  "Container.build": "opaque",
  "Container.publish": "publish",
  "Container.export": "publish",
  "Directory.export": "publish",
  "File.export": "publish",
};

const fileFields = new Set([
  "withDirectory",
  "withFile",
  "withFiles",
  "withNewFile",
  "withNewDirectory",
  "withoutDirectory",
  "withoutFile",
  "withoutFiles",
  "withSymlink",
  "withPatch",
  "withPatchFile",
  "withChanges",
  "withTimestamps",
  "withReplaced",
  "withName",
  "withRootfs",
  "chown",
  "diff",
  "filter",
  "changes",
]);

const mountField = /^with(?:out)?(?:Mount|SecretVariable|ServiceBinding|UnixSocket|RegistryAuth)/;

/** Calls without a receiver that bring nothing in from outside, or a material. */
const innocentQueries = new Set([
  "container",
  "directory",
  "file",
  "git",
  "http",
  "_builtinContainer",
  "moduleSource",
  "_httpState",
  "host",
  "cacheVolume",
  "_cacheVolume",
  "secret",
  "setSecret",
  "address",
  "currentModule",
  "currentWorkspace",
  "defaultPlatform",
  "envFile",
  "json",
  "changeset",
]);

/**
 * The kind of a call.
 * @param parent type of the receiver, `Query` when there is none.
 * @param returns type of the result.
 */
export function stepKind(parent: string, field: string, returns: string, isModuleCall: boolean): StepKind {
  if (isModuleCall) return "function";
  const known = kinds[`${parent}.${field}`];
  if (known !== undefined) return known;
  if (fileFields.has(field)) return "file";
  if (mountField.test(field)) return "mount";
  if (/^with/.test(field) && parent === returns) return "config";
  return returns === "File" || returns === "Directory" ? "select" : "other";
}

/** What may be in the result of a call and that no call in the recipe accounts for; undefined: nothing. */
export function unseenIn(parent: string, field: string): string | undefined {
  if (kinds[`${parent}.${field}`] === "opaque") return "what the Dockerfile brings in";
  if (parent === "CurrentModule" && field.startsWith("workdir")) return "how the function's code made it";
  const isKnownQuery = innocentQueries.has(field) || field.startsWith("load");
  const isKnown = !["LLM", "Env", "Binding"].includes(parent) && (parent !== "Query" || isKnownQuery);
  return isKnown ? undefined : "what it brings in";
}
