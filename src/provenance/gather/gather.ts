/**
 * Gathers evidence about a value that is at hand, by every route that its engine offers. Routes do not
 * depend on each other: one that is closed says why, and the others go on.
 */
import type { Recipe } from "../../recipe/index.js";
import { collectHistory } from "../collect/history.js";
import { collectLockfile } from "../collect/lockfile.js";
import { collectMetadata, type EngineMetadata } from "../collect/metadata.js";
import { collectSkeleton } from "../collect/skeleton.js";
import { type Collected, isUnavailable } from "../evidence.js";
import type { EvidenceSource } from "../evidence/found.js";
import { isRecord, textOf } from "../json.js";
import { valueWalk } from "../recipe/call.js";
import { collectRecipe, type RecipeOptions } from "../recipe/collect.js";
import type { HandedValue } from "../recipe/handed.js";
import { knownSecrets } from "../recipe/redact-call.js";
import { shownReason } from "../redact.js";
import { collectTelemetry, type TelemetryOptions } from "../telemetry/collect.js";
import { readEventStream } from "../telemetry/event-stream.js";
import type { TextPieces } from "../telemetry/lines.js";
import { openRecipe } from "../telemetry/opened.js";
import type { Telemetry } from "../telemetry/span.js";
import { type EnginePort, type Patience, type ValueType } from "./engine.js";
import { dockerfileReader } from "./dockerfiles.js";
import { hostTrace } from "./host-trace.js";
import { leafResolver } from "./leaves.js";
import { findRecipe } from "./recipe.js";

/** The value. Whatever of it is still to be done has been asked for, under the trace of the present call. */
export type GatheredValue = { readonly type: ValueType; readonly id: string };

export type GatherOptions = {
  /** Config of the value's image (parsed JSON), where there is one: for its history. */
  readonly imageConfig?: unknown;
  /** A trace that was recorded outside, as it is read. */
  readonly hostTrace?: TextPieces;
  /** Text of Dagger's lockfile, which has to be one. */
  readonly lockfile?: string;
  /** The same where nobody named it: it lay beside the pipeline. */
  readonly foundLockfile?: string;
  /** Trace id of the present call, 32 hex characters. */
  readonly traceId?: string;
  /** Values that must not appear, wherever they occur. */
  readonly secrets?: readonly string[];
  /** Further facts about the engine and modules. */
  readonly metadata?: EngineMetadata;
  /** Values that this session handed to the function that it called, by the name of the argument. */
  readonly handed?: Readonly<Record<string, HandedValue>>;
};

type Unavailable = Extract<Collected, { readonly unavailable: EvidenceSource }>;

/** The evidence of every route, for `mergeEvidence`. */
export async function gatherEvidence(
  engine: EnginePort,
  value: GatheredValue,
  options: GatherOptions = {},
): Promise<Collected[]> {
  const metadata = { ...(await engineMetadata(engine, options.traceId)), ...options.metadata };
  const recipe = await findRecipe(engine, value.id, metadata.version ?? "");
  const found = "because" in recipe ? undefined : recipe;
  const resolve = leafResolver(engine);
  const built = metadata.platform === undefined ? {} : { buildPlatform: metadata.platform };
  const dockerfiles = dockerfileReader(engine, built);
  const secrets = [...(options.secrets ?? []), ...(found === undefined ? [] : secretsIn(found))];
  const own = await attempt("telemetry", () => ownTraces(engine, found));
  const { handed = {} } = options;
  const telemetry =
    "unavailable" in own
      ? own
      : await attempt("telemetry", () =>
          ownTelemetry(engine, own, found, { resolve, secrets, handed, dockerfiles }),
        );
  const trace =
    options.hostTrace === undefined
      ? undefined
      : await hostTrace(options.hostTrace, found, telemetry, {
          resolve,
          dockerfiles: dockerfileReader(engine, { ...built, source: "host-trace" }),
          secrets,
        });
  // What spans tell of a call is more than that it was made.
  const isSeen = !isUnavailable(telemetry) && telemetry.functions.length > 0;
  const { entry: _entry, ...plain } = metadata;
  // What begins where a trace ends tells nothing of the build, and is not asked for.
  const ofValue = async (source: EvidenceSource, collect: () => Promise<Collected>): Promise<Collected> =>
    trace?.place === undefined
      ? attempt(source, collect)
      : {
          unavailable: source,
          because: `it begins at ${trace.place}: what was before, the trace alone tells`,
        };
  return [
    "because" in recipe
      ? { unavailable: "recipe", because: recipe.because }
      : await ofValue("recipe", () => recipeEvidence(recipe, own, { resolve, secrets, dockerfiles })),
    await ofValue("telemetry", () => Promise.resolve(telemetry)),
    ...(trace === undefined ? [] : [trace.evidence]),
    collectMetadata(isSeen ? plain : metadata, secrets),
    ...(await lockfileEvidence(options)),
    options.imageConfig === undefined
      ? { unavailable: "history", because: `a ${value.type} has no image history` }
      : collectHistory(options.imageConfig, secrets),
    await ofValue("skeleton", () => skeletonOf(engine, value)),
  ];
}

async function lockfileEvidence({ lockfile, foundLockfile }: GatherOptions): Promise<Collected[]> {
  if (lockfile !== undefined) return [collectLockfile(lockfile)];
  if (foundLockfile === undefined) return [];
  return [await attempt("lockfile", () => Promise.resolve(foundLockfile).then(collectLockfile))];
}

/** What the recipe shows to be secret is hidden in what the other routes tell, too. */
function secretsIn(recipe: Recipe): string[] {
  return knownSecrets(valueWalk(recipe).order);
}

async function attempt<T>(source: EvidenceSource, work: () => Promise<T>): Promise<T | Unavailable> {
  try {
    return await work();
  } catch (error) {
    return { unavailable: source, because: shownReason(error) };
  }
}

async function engineMetadata(engine: EnginePort, traceId: string | undefined): Promise<EngineMetadata> {
  const { data } = await engine.query("query { version defaultPlatform }", {});
  const facts = isRecord(data) ? data : {};
  return {
    version: textOf(facts["version"]),
    platform: textOf(facts["defaultPlatform"]),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

/** Spans come at once, from a busy engine with pauses; usage is exported every five seconds. */
const spanPatience: Patience = { idle: 2_000, most: 15_000 };
const usagePatience: Patience = { idle: 6_500, most: 6_500 };

/** Spans of this session. */
async function ownTraces(engine: EnginePort, recipe: Recipe | undefined): Promise<Telemetry> {
  return readEventStream(await engine.stream("traces", spanPatience), recipe);
}

async function ownTelemetry(
  engine: EnginePort,
  traces: Telemetry,
  recipe: Recipe | undefined,
  options: Pick<TelemetryOptions, "resolve" | "secrets" | "handed" | "dockerfiles">,
): Promise<Collected> {
  const ranCommands = traces.spans.some(({ name }) => /\bwithExec\b/.test(name));
  const points = ranCommands ? await measuredPoints(engine) : [];
  return collectTelemetry({ ...traces, points }, { ...recipeOption(recipe), ...options });
}

/** Of a recipe, with what our own spans show inside its builds. */
async function recipeEvidence(
  found: Recipe,
  own: Telemetry | Unavailable,
  options: Pick<RecipeOptions, "resolve" | "secrets" | "dockerfiles">,
): Promise<Collected> {
  if ("unavailable" in own) return collectRecipe(found, options);
  const { recipe, ...inside } = openRecipe(found, own.spans);
  return collectRecipe(recipe, { ...options, ...inside });
}

async function measuredPoints(engine: EnginePort): Promise<Telemetry["points"]> {
  return (await readEventStream(await engine.stream("metrics", usagePatience))).points;
}

function recipeOption(recipe: Recipe | undefined): { readonly recipe?: Recipe } {
  return recipe === undefined ? {} : { recipe };
}

/** A value's chain, from the path of an error that is made on purpose. Nothing runs. */
async function skeletonOf(engine: EnginePort, { type, id }: GatheredValue): Promise<Collected> {
  if (type === "File") return { unavailable: "skeleton", because: "a File can't be asked for its chain" };
  const probe = `query ($id: ID!) { node(id: $id) { ... on ${type} { withError(err: "probe") { id } } } }`;
  return collectSkeleton(await engine.query(probe, { id }));
}
