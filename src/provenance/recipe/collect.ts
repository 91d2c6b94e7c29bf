/**
 * The recipe collector: evidence from the full call graph of a value, as Dagger 1.0's `portableID` and
 * the local engine's ids give it. It sees every operation, even what came from a cache.
 */
import type { Call, Recipe } from "../../recipe/index.js";
import { type DockerfilePort, openDockerfiles, secretsIn } from "../dockerfile/builds.js";
import { buildsAmong, noBuilds, readBuilds } from "../dockerfile/collect.js";
import { type Evidence, evidenceFrom } from "../evidence.js";
import type { EvidenceSource } from "../evidence/found.js";
import { redactorFor } from "../redact.js";
import { receiverChain, repositoryOf, valueOf, valueWalk, type Walk, walk } from "./call.js";
import { noEffects, recordEffect } from "./effects.js";
import { readFunction } from "./functions.js";
import type { HandedValue } from "./handed.js";
import { isSettled, leafOf, materialOf } from "./leaves.js";
import { readMissing } from "./missing.js";
import { readNamed } from "./named.js";
import { operationTable } from "./operations.js";
import { type Draft, emptyDraft, parentOf, type Reading } from "./reading.js";
import { knownSecrets } from "./redact-call.js";
import { type ResolveLeaf, resolveMaterials } from "./resolve.js";
import { stepOf } from "./steps.js";
import { unseenIn } from "./understood.js";
import { workdirsOf } from "./workdir.js";

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
  /** What the walk through the graph finds, where it is known, and whether all of it is described elsewhere. */
  readonly walked?: Walk & { readonly isDescribed: boolean };
};

/** Evidence about the value of a call graph. */
export async function collectRecipe(graph: Recipe, options: RecipeOptions = {}): Promise<Evidence> {
  const source = options.source ?? "recipe";
  const root = valueOf(graph);
  const outside: Reading["outside"] = options.outside ?? new Map();
  const opened: Reading["opened"] = options.opened ?? new Map();
  const { described, alsoFrom = [], walked } = options;
  const isPlain = alsoFrom.length === 0 && opened.size === 0;
  const { order, missing } =
    walked ?? (isPlain ? valueWalk(graph) : walk(graph, [root, ...alsoFrom], opened));
  const isDescribed = (call: Call): boolean =>
    walked?.isDescribed === true || described?.get(call.digest) === call;
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
  const draft = emptyDraft();
  const reading: Reading = {
    graph,
    redactor,
    found,
    draft,
    outside,
    opened,
    effects: noEffects(),
    workdirs: await workdirsOf(isNew ? order : [], graph, options.resolve),
    operationOf: operationTable(),
    modules: new Set(),
    builds:
      files.size === 0
        ? noBuilds()
        : await readBuilds(files, {
            graph,
            opened,
            redactor,
            port,
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
  readMissing(reading, missing, order);
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

/** @param isDescribed all of it is told elsewhere, but for what others may add to a material */
function readCall(reading: Reading, call: Call, isDescribed: boolean): void {
  const { graph, draft, found } = reading;
  const receiver = call.receiver === undefined ? undefined : graph.calls.get(call.receiver);
  const operation = reading.operationOf(parentOf(reading, call, receiver), call.field);
  const leaf = leafOf(call, receiver, operation.name, () => repositoryOf(graph, call));
  if (leaf !== undefined && !(isDescribed && isSettled(leaf)))
    draft.materials.push(materialOf(leaf, found, call.digest));
  if (isDescribed) return;
  for (const step of reading.builds.steps.get(call.digest) ?? []) draft.steps.push(step);
  draft.steps.push(stepOf(reading, call, operation));
  readNamed(reading, call, receiver);
  const unseen = reading.opened.has(call.digest) ? undefined : unseenIn(operation, call);
  if (call.module !== undefined) readFunction(reading, call, call.module, operation);
  else if (unseen !== undefined)
    draft.gaps.push({
      code: "opaque-step",
      detail: `${operation.name}: ${reading.builds.unseen.get(call.digest) ?? `${unseen} can't be seen`}`,
    });
}

function notesOn(draft: Draft): string[] {
  const notes = [...draft.notes];
  if (draft.steps.some((step) => step.kind === "exec"))
    notes.push("commands could use the network; what they fetched is not recorded");
  if (draft.steps.some(({ operation }) => operation === "Container.withEnvFileVariables"))
    notes.push("variables of env files are not listed: their names stand in the files");
  for (const cache of draft.caches) notes.push(`cache volume ${cache.key}: its content has no digest`);
  for (const service of draft.services)
    notes.push(`service ${service.name}: what it answered is not recorded`);
  if (draft.materials.some((material) => material.kind === "image"))
    notes.push("an image may be named after an equal one: its digest is right, its name and tag are a hint");
  if (draft.materials.some(({ kind }) => kind === "host-directory" || kind === "host-file"))
    notes.push("a path of the host may be that of an equal one: its digest is right, its path is a hint");
  return notes;
}
