/** What each operation of the Dagger API does to a build. Names from the schema of v0.21.8 and v1.0.0-beta.10. */
import type { StepKind } from "../evidence/step.js";

const kinds: Readonly<Record<string, StepKind>> = {
  "Container.withExec": "exec",
  "Container.from": "base",
  "Query._builtinContainer": "base",
  "Container.import": "base",
  "Host.containerImage": "base",
  "GitCommit.tree": "source",
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
  "__withDirectoryDockerfileCompat",
  "chown",
  "diff",
  "filter",
  "changes",
]);

const mountField = /^with(?:out)?(?:Mount|SecretVariable|ServiceBinding|UnixSocket|RegistryAuth)/;

/** What is called: the field, and the type that has it. */
export type Operation = {
  /** `Query` when there is no receiver. */
  readonly parent: string;
  readonly field: string;
  /** `parent.field`. */
  readonly name: string;
};

/** Operations of calls, each made once: a build has tens of thousands of calls of a few dozen operations. */
export function operationTable(): (parent: string, field: string) => Operation {
  const known = new Map<string, Operation>();
  return (parent, field) => {
    const name = `${parent}.${field}`;
    const made = known.get(name);
    if (made !== undefined) return made;
    const operation = { parent, field, name };
    known.set(name, operation);
    return operation;
  };
}

/**
 * The kind of a call.
 * @param returns type of the result.
 */
export function stepKind(
  { parent, field, name }: Operation,
  returns: string,
  isModuleCall: boolean,
): StepKind {
  if (isModuleCall) return "function";
  const known = kinds[name];
  if (known !== undefined) return known;
  if (fileFields.has(field)) return "file";
  if (mountField.test(field)) return "mount";
  if (/^(?:__)?with/.test(field) && parent === returns) return "config";
  return returns === "File" || returns === "Directory" ? "select" : "other";
}
