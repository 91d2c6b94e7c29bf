/** Runs a function of another module below this one, so that all that it does shows in our own session. */
import { randomUUID } from "node:crypto";
import { posix } from "node:path";

import { dag, type ContainerID, type Directory, type DirectoryID, type FileID } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import type { ModuleMetadata } from "../provenance/collect/metadata.js";
import { type EnginePort, refusal, type ValueType } from "../provenance/gather/engine.js";
import { leafResolver } from "../provenance/gather/leaves.js";
import { isRecord } from "../provenance/json.js";
import { contextualValues } from "../provenance/observe/context.js";
import {
  manifestNames,
  observationMarker,
  readManifest,
  type ModuleManifest,
} from "../provenance/observe/manifest.js";
import { lockfileNames } from "../provenance/collect/lockfile.js";
import { planCall, type PlannedCall } from "../provenance/observe/plan.js";
import { collectRecipe } from "../provenance/recipe/collect.js";
import { redactorFor } from "../provenance/redact.js";
import { decodeRecipe } from "../recipe/index.js";
import { defaultValues, handedValues, type SlotValues } from "./handed.js";
import { AttestObservation } from "./observation.js";
import { provenanceOf, subjectValue, type ProvenanceArguments, type ValueArguments } from "./provenance.js";
import { sessionEngine } from "./session.js";
import { describeDirectory } from "./subjects.js";

export type ObserveArguments = {
  readonly pipeline: Directory;
  /** Directory of the module in it. */
  readonly modulePath: string;
  readonly call: string;
  readonly args: readonly string[];
  /** Values that arguments can name. */
  readonly values: SlotValues;
  /** Name of the subject. */
  readonly name: string | undefined;
};

/** Serves the module, calls the function, builds what it gave, and tells how. */
export async function observeCall(
  given: ObserveArguments,
  provenance: ProvenanceArguments,
): Promise<AttestObservation> {
  const engine = sessionEngine();
  const manifest = await manifestOf(given.pipeline, given.modulePath);
  const served = await serve(engine, given, manifest);
  const plan = await planCall(engine, manifest.name, given.call, given.args, await slotsOf(given.values));
  const made = loaded(plan.type, await runPlan(engine, plan));
  const value = await subjectValue(made, given.name);
  const lockfile = await lockfileIn(given.pipeline);
  const { modulePath } = given;
  const contextual = await contextualValues(engine, { id: served.id, modulePath }, plan.omitted);
  const attestation = await provenanceOf(value, {
    ...provenance,
    handed: {
      ...(await handedValues(plan.slots, given.values)),
      ...(await defaultValues(contextual, served.directory)),
    },
    ...(lockfile === undefined ? {} : { foundLockfile: lockfile }),
    metadata: {
      modules: [{ ...(await moduleFacts(engine, given.pipeline, manifest.name)), sdk: manifest.sdk }],
      entry: { module: manifest.name, name: plan.entryPoint, arguments: plan.args },
    },
  });
  const { container, directory, file } = made;
  return new AttestObservation(plan.type, attestation, listOf(container), listOf(directory), listOf(file));
}

async function manifestOf(pipeline: Directory, modulePath: string): Promise<ModuleManifest> {
  for (const name of manifestNames) {
    const path = posix.join(modulePath, name);
    if (await pipeline.exists(path)) return readManifest(name, await pipeline.file(path).contents());
  }
  throw new AttestError("ARGUMENT_INVALID", "the directory holds no Dagger module", {
    problems: [{ path: modulePath, expected: manifestNames.join(" or "), got: "neither" }],
    next: "Give the directory of the module, or say where in it the module is with module-path.",
  });
}

/** A file of another name each time makes it another module: the function cache would hide what it does. */
async function serve(
  engine: EnginePort,
  given: ObserveArguments,
  manifest: ModuleManifest,
): Promise<{ readonly directory: Directory; readonly id: string }> {
  const marker = posix.join(given.modulePath, manifest.source, observationMarker);
  const directory = given.pipeline.withNewFile(marker, randomUUID());
  const id = await directory.id();
  const query = `query ($id: ID!, $path: String!) {
    node(id: $id) { ... on Directory { asModule(sourceRootPath: $path) { serve } } }
  }`;
  refuse("the module can't be served", refusal(await engine.query(query, { id, path: given.modulePath })));
  return { directory, id };
}

async function slotsOf(values: ObserveArguments["values"]): Promise<Record<string, string | undefined>> {
  const ids = Object.entries(values).map(async ([name, value]) => [name, await value?.id()] as const);
  return Object.fromEntries(await Promise.all(ids));
}

async function runPlan(engine: EnginePort, { query, path }: PlannedCall): Promise<string> {
  const answer = await engine.query(query, {});
  refuse("the function failed", refusal(answer));
  const id = path.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), answer.data);
  if (typeof id === "string") return id;
  throw new AttestError("ARGUMENT_INVALID", "the function gave nothing", {
    next: "Name a function that gives a container, a directory or a file.",
  });
}

function refuse(what: string, reason: string | undefined): void {
  if (reason === undefined) return;
  throw new AttestError("ARGUMENT_INVALID", `${what}: ${redactorFor([]).text(reason)}`, {
    next: "Try the same call with `dagger call`; what it says there is what happened here.",
  });
}

function loaded(type: ValueType, id: string): ValueArguments {
  const nothing = { container: undefined, directory: undefined, file: undefined };
  switch (type) {
    case "Container":
      return { ...nothing, container: dag.loadContainerFromID(id as ContainerID) };
    case "Directory":
      return { ...nothing, directory: dag.loadDirectoryFromID(id as DirectoryID) };
    case "File":
      return { ...nothing, file: dag.loadFileFromID(id as FileID) };
  }
}

function listOf<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

/** The module's source by its content, and by its commit where the engine tells that it came from git. */
async function moduleFacts(engine: EnginePort, pipeline: Directory, name: string): Promise<ModuleMetadata> {
  const { subjects } = await describeDirectory(pipeline, name);
  const digests = subjects[0]?.digest ?? {};
  const id = await decodeRecipe(await pipeline.id());
  if (id.kind === "handle") return { name, ref: `./${name}`, digests };
  const { materials } = await collectRecipe(id, { resolve: leafResolver(engine) });
  const [source, ...others] = materials;
  const { gitCommit } = source?.digests ?? {};
  if (source === undefined || others.length > 0 || gitCommit === undefined)
    return { name, ref: `./${name}`, digests };
  // A work tree on the host that is its commit's has the commit, but stands where it stands.
  const place = source.kind === "git" ? { uri: source.uri } : {};
  return { name, ref: `./${name}`, ...place, digests: { ...digests, gitCommit } };
}

/** Dagger's lockfile beside the pipeline: where the workspace is what was handed over. */
async function lockfileIn(pipeline: Directory): Promise<string | undefined> {
  for (const path of lockfileNames) if (await pipeline.exists(path)) return pipeline.file(path).contents();
  return undefined;
}
