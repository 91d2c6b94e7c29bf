/**
 * The recipe collector: evidence from the full call graph of a value, as Dagger 1.0's `portableID` and
 * the local engine's ids give it. It sees every operation, even what came from a cache.
 */
import { createHash } from "node:crypto";
import {
  type CacheUse,
  type Evidence,
  evidenceFrom,
  type EvidenceSource,
  type Exactness,
  type FunctionCall,
  type Gap,
  type Material,
  type SecretUse,
  type ServiceUse,
  type Step,
} from "../evidence.js";
import type { DigestSet } from "../../statement/types.js";
import { moduleLocator } from "../locators.js";
import { type Redactor, redactorFor } from "../redact.js";
import type { Call, Recipe } from "../../recipe/index.js";
import {
  argument,
  callArgument,
  contentOf,
  inputsOf,
  receiverChain,
  textArgument,
  textOfLiteral,
  typeName,
  valueOf,
  walk,
} from "./call.js";
import { type DockerfilePort, openDockerfiles, secretsIn } from "../dockerfile/builds.js";
import { buildsAmong, noBuilds, type ReadBuilds, readBuilds } from "../dockerfile/collect.js";
import { type Effects, inEffect, recordEffect } from "./effects.js";
import { type Leaf, leafOf } from "./leaves.js";
import { type Operation, operationTable, stepKind } from "./operations.js";
import { knownSecrets, shownArguments } from "./redact-call.js";
import { secretAddress } from "./secret-address.js";
import { unseenIn } from "./understood.js";
import { type Workdirs, workdirsOf } from "./workdir.js";
import { type ResolveLeaf, resolveMaterials } from "./resolve.js";

export type RecipeOptions = {
  /** Asks the engine for digests that the graph does not hold; without it such leaves are gaps. */
  readonly resolve?: ResolveLeaf;
  /** Values that the caller knows to be secret, hidden wherever they occur. */
  readonly secrets?: readonly string[];
  /** What the graph was made from: `recipe` unless it was put together from spans. */
  readonly source?: EvidenceSource;
  /** Further calls that the value depends on without being built on them. */
  readonly alsoFrom?: readonly string[];
  /** Calls that are described elsewhere: where the graph has the same object, it only confirms it. */
  readonly described?: Recipe["calls"];
  /** What is known of calls that the graph lacks, by digest. */
  readonly outside?: ReadonlyMap<string, HandedValue>;
  /** Builds that can be looked into, by digest: the call that made what each gave, and others that it used. */
  readonly opened?: ReadonlyMap<string, readonly string[]>;
  /** Calls of the graph that spans told, by digest, where the others are a recipe's. */
  readonly told?: ReadonlySet<string>;
  /** Reads Dockerfiles that were built; without it what is in them stays unseen. */
  readonly dockerfiles?: DockerfilePort;
};

/** A value that was made before and handed in: known by its content, or a secret by its name. */
export type HandedValue =
  | {
      readonly kind: "directory" | "file" | "image";
      readonly uri: string;
      readonly name: string;
      readonly digests: DigestSet;
      /** Loads it in the session that handed it over. */
      readonly id?: string;
    }
  | { readonly kind: "secret"; readonly name: string; readonly provider: string };

type Draft = {
  readonly steps: Step[];
  readonly materials: Material[];
  readonly functions: FunctionCall[];
  readonly secrets: SecretUse[];
  readonly caches: CacheUse[];
  readonly services: ServiceUse[];
  readonly gaps: Gap[];
  readonly notes: string[];
};

type Reading = {
  readonly graph: Recipe;
  readonly redactor: Redactor;
  readonly effects: Effects;
  readonly workdirs: Workdirs;
  readonly operationOf: ReturnType<typeof operationTable>;
  readonly found: { readonly source: EvidenceSource; readonly exactness: Exactness };
  readonly draft: Draft;
  readonly outside: ReadonlyMap<string, HandedValue>;
  readonly opened: ReadonlyMap<string, readonly string[]>;
  /** Modules that stand among the materials already. */
  readonly modules: Set<string>;
  /** What the Dockerfiles of builds say. */
  readonly builds: ReadBuilds;
};

/** Evidence about the value of a call graph. */
export async function collectRecipe(graph: Recipe, options: RecipeOptions = {}): Promise<Evidence> {
  const source = options.source ?? "recipe";
  const root = valueOf(graph);
  const outside: Reading["outside"] = options.outside ?? new Map();
  const opened: Reading["opened"] = options.opened ?? new Map();
  const { order, missing } = walk(graph, [root, ...(options.alsoFrom ?? [])], opened);
  const isDescribed = (call: Call): boolean => options.described?.get(call.digest) === call;
  const isNew = !order.every(isDescribed);
  const { dockerfiles: port } = options;
  const files =
    port === undefined
      ? new Map()
      : await openDockerfiles(buildsAmong(order, isDescribed), graph, port, idOfHanded(outside));
  const redactor = redactorFor([
    ...(isNew ? knownSecrets(order) : []),
    ...(options.secrets ?? []),
    ...secretsIn(files),
  ]);
  const found = { source, exactness: source === "recipe" ? ("exact" as const) : ("observed" as const) };
  const draft: Draft = {
    steps: [],
    materials: [],
    functions: [],
    secrets: [],
    caches: [],
    services: [],
    gaps: [],
    notes: [],
  };
  const reading: Reading = {
    ...{ graph, redactor, found, draft, outside, opened },
    effects: new Map(),
    workdirs: await workdirsOf(isNew ? order : [], graph, options.resolve),
    operationOf: operationTable(),
    modules: new Set(),
    builds:
      files.size === 0
        ? noBuilds()
        : await readBuilds(files, {
            ...{ graph, opened, redactor, port },
            watcher: source === "recipe" ? "telemetry" : source,
          }),
  };
  const observed: Reading = { ...reading, found: { source: "telemetry", exactness: "observed" } };
  const confirmed = new Set<string>();
  for (const call of order) {
    const isTold = options.told?.has(call.digest) === true;
    if (isNew) recordEffect(reading.effects, call, redactor);
    if (isDescribed(call)) confirmed.add(call.digest);
    readCall(isTold ? observed : reading, call, isDescribed(call));
  }
  const secretsAt = new Map(missing.length === 0 ? [] : order.flatMap(secretUse));
  for (const digest of missing) readMissing(reading, digest, outside.get(digest), secretsAt.get(digest));
  const resolved = await resolveMaterials(draft.materials, graph, options.resolve);
  const { builds } = reading;
  draft.secrets.push(...builds.secrets);
  draft.caches.push(...builds.caches);
  draft.notes.push(...builds.notes);
  return evidenceFrom(source, {
    ...draft,
    ...(builds.reports.length === 0 ? {} : { sources: [{ source, available: true }, ...builds.reports] }),
    contradictions: builds.contradictions,
    ...(confirmed.size === 0 ? {} : { confirmed: [{ source, calls: confirmed }] }),
    root,
    materials: [...resolved.materials, ...builds.materials],
    gaps: [...draft.gaps, ...resolved.gaps],
    ...(isNew ? chainOf(graph, root, outside) : {}),
    notes: notesOn(draft),
  });
}

function idOfHanded(outside: Reading["outside"]): (digest: string) => string | undefined {
  return (digest) => {
    const handed = outside.get(digest);
    return handed === undefined || handed.kind === "secret" ? undefined : handed.id;
  };
}

function chainOf(
  graph: Recipe,
  root: string,
  outside: Reading["outside"],
): Pick<Evidence, "chain" | "chainOnHanded"> {
  const { fields, startsOn } = receiverChain(graph, root);
  const isOnHanded = startsOn !== undefined && outside.has(startsOn);
  return { chain: fields, ...(isOnHanded ? { chainOnHanded: true } : {}) };
}

/** The secret that a call puts somewhere, and where. */
function secretUse(call: Call): [string, string][] {
  const isVariable = call.field === "withSecretVariable";
  if (!isVariable && call.field !== "withMountedSecret") return [];
  const secret = callArgument(call, isVariable ? "secret" : "source");
  const at = isVariable ? `$${textArgument(call, "name") ?? ""}` : (textArgument(call, "path") ?? "");
  return secret === undefined ? [] : [[secret, at]];
}

/**
 * @param secretAt where the missing call's value is used as a secret: no content of the value then, and the engine
 *   names an equal secret of an earlier session where its cache answered
 */
function readMissing(
  { draft, found, redactor }: Reading,
  digest: string,
  handed: HandedValue | undefined,
  secretAt: string | undefined,
): void {
  if (handed === undefined && secretAt !== undefined)
    draft.notes.push(
      `the secret at ${redactor.text(secretAt)} is one that nobody saw made: its name is not known`,
    );
  else if (handed === undefined)
    draft.gaps.push({ code: "missing-call", detail: `${digest} is referred to and not there` });
  else if (handed.kind === "secret")
    draft.secrets.push({ ...found, name: handed.name, provider: handed.provider, step: digest });
  else {
    const { id: _id, ...material } = handed;
    draft.materials.push({ ...found, ...material, steps: [digest] });
  }
}

/** @param isDescribed all of it is told elsewhere, but for what others may add to a material */
function readCall(reading: Reading, call: Call, isDescribed: boolean): void {
  const { graph, draft, found } = reading;
  const receiver = call.receiver === undefined ? undefined : graph.calls.get(call.receiver);
  const operation = reading.operationOf(parentOf(reading, call), call.field);
  const leaf = leafOf(call, receiver, operation.name);
  if (leaf !== undefined && !(isDescribed && isSettled(leaf)))
    draft.materials.push({ ...found, ...leaf, steps: [call.digest] });
  if (isDescribed) return;
  draft.steps.push(...(reading.builds.steps.get(call.digest) ?? []), stepOf(reading, call, operation));
  readNamed(reading, call, receiver);
  const unseen = reading.opened.has(call.digest) ? undefined : unseenIn(operation, call);
  if (call.module !== undefined) readModule(reading, call, call.module, operation);
  else if (unseen !== undefined)
    draft.gaps.push({
      code: "opaque-step",
      detail: `${operation.name}: ${reading.builds.unseen.get(call.digest) ?? `${unseen} can't be seen`}`,
    });
}

/** Nothing can be added to it: it has its digest by the call, and one name. */
function isSettled({ kind, digests }: Leaf): boolean {
  return kind !== "image" && Object.keys(digests).length > 0;
}

/** Type that has the field that is called: that of the receiver, which may have been handed in. */
function parentOf({ graph, outside }: Reading, called: Call): string {
  const { receiver } = called;
  if (receiver === undefined) return "Query";
  const call = graph.calls.get(receiver);
  if (call !== undefined) return typeName(call);
  const handed = outside.get(receiver);
  return handed === undefined ? parentByField(called) : handedTypes[handed.kind];
}

/** Of a receiver that nobody saw the field tells: what is named so gives what it was called on. */
function parentByField(call: Call): string {
  const isOwnType =
    /^(?:__)?with/.test(call.field) || (call.field === "from" && typeName(call) === "Container");
  return isOwnType ? typeName(call) : "Unknown";
}

const handedTypes = { directory: "Directory", file: "File", image: "Container", secret: "Secret" } as const;

function stepOf(reading: Reading, call: Call, operation: Operation): Step {
  const { redactor, found, opened, builds } = reading;
  const known = stepKind(operation, typeName(call), call.module !== undefined);
  const made = opened.get(call.digest);
  const kind = made === undefined ? known : "other";
  const contents = textArgument(call, "contents");
  const content = contentOf(call);
  const location = builds.locations.get(call.digest);
  return {
    ...found,
    digest: call.digest,
    operation: operation.name,
    kind,
    inputs: distinct([...inputsOf(call), ...(made ?? builds.results.get(call.digest) ?? [])]),
    // The command of an exec stands in argv.
    arguments: shownArguments(call, redactor, kind === "exec" ? "args" : undefined),
    ...(kind === "exec" ? execFacts(call, reading) : {}),
    ...(content === undefined ? {} : { content }),
    ...(contents === undefined ? {} : { inline: inlineOf(contents) }),
    ...(location === undefined ? {} : { location }),
  };
}

function distinct(digests: string[]): string[] {
  return digests.length < 2 ? digests : [...new Set(digests)];
}

function execFacts(call: Call, { effects, workdirs, redactor }: Reading): Partial<Step> {
  const args = argument(call, "args");
  const words = args?.kind === "list" ? args.values : [];
  const { environment, mounts, notListed } = inEffect(effects, call.receiver);
  const workdir = workdirs(call.receiver);
  return {
    argv: redactor.argv(words.map((word) => textOfLiteral(word) ?? "")),
    ...(workdir === undefined ? {} : { workdir: redactor.text(workdir) }),
    environment,
    mounts,
    ...(notListed > 0 ? { notListed } : {}),
  };
}

function inlineOf(contents: string): { size: number; sha256: string } {
  const bytes = Buffer.from(contents, "utf8");
  return { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** Secrets, caches and services: by the call that makes them. */
function readNamed({ draft, redactor, found }: Reading, call: Call, receiver: Call | undefined): void {
  const step = call.digest;
  if (call.receiver === undefined && call.field === "setSecret")
    draft.secrets.push({
      ...found,
      name: redactor.text(textArgument(call, "name") ?? ""),
      provider: "set",
      step,
    });
  if (call.receiver === undefined && call.field === "secret")
    draft.secrets.push({ ...found, ...secretAddress(textArgument(call, "uri") ?? "", redactor), step });
  if (call.field === "secret" && receiver?.field === "address")
    draft.secrets.push({ ...found, ...secretAddress(textArgument(receiver, "value") ?? "", redactor), step });
  if (call.receiver === undefined && call.field === "cacheVolume") {
    const namespace = textArgument(call, "namespace");
    const key = redactor.text(textArgument(call, "key") ?? "");
    draft.caches.push({ ...found, key, ...(namespace === undefined ? {} : { namespace }), step });
  }
  if (typeName(call) === "Socket")
    draft.notes.push("a socket of the host was at hand: what went over it is not recorded");
  if (call.field === "withServiceBinding")
    draft.services.push({ ...found, name: redactor.text(textArgument(call, "alias") ?? ""), step });
}

function readModule(
  reading: Reading,
  call: Call,
  module: NonNullable<Call["module"]>,
  { parent, name }: Operation,
): void {
  const { draft, redactor, found } = reading;
  const ref = module.ref === undefined || module.ref === "" ? undefined : redactor.url(module.ref);
  const pin = module.pin === undefined || module.pin === "" ? undefined : module.pin;
  draft.functions.push({
    ...found,
    digest: call.digest,
    module: {
      name: module.name,
      ...(ref === undefined ? {} : { ref }),
      ...(pin === undefined ? {} : { pin }),
    },
    name: parent === "Query" ? `${typeName(call)}.${call.field}` : name,
    arguments: shownArguments(call, redactor),
  });
  if (ref !== undefined && !reading.modules.has(module.name)) {
    reading.modules.add(module.name);
    const locator = moduleLocator(ref, pin);
    draft.materials.push({
      ...found,
      kind: "module",
      ...locator,
      name: module.name,
      steps: [call.digest],
    });
  }
  draft.gaps.push({
    code: "opaque-step",
    detail: `${name}: the function's code made this value`,
  });
}

function notesOn(draft: Draft): string[] {
  const notes = [...draft.notes];
  if (draft.steps.some((step) => step.kind === "exec"))
    notes.push("commands could use the network; what they fetched is not recorded");
  for (const cache of draft.caches) notes.push(`cache volume ${cache.key}: its content has no digest`);
  for (const service of draft.services)
    notes.push(`service ${service.name}: what it answered is not recorded`);
  if (draft.materials.some((material) => material.kind === "image"))
    notes.push("an image may be named after an equal one: its digest is right, its name and tag are a hint");
  if (draft.materials.some(({ kind }) => kind === "host-directory" || kind === "host-file"))
    notes.push("a path of the host may be that of an equal one: its digest is right, its path is a hint");
  return notes;
}
