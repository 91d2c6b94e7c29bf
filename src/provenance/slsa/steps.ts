/** The document of steps among the byproducts: what happened, in which order, and what it cost. */
import type { JsonValue } from "../../statement/types.js";
import type { ImageDetails } from "../../subjects/image.js";
import type { Evidence } from "../evidence.js";
import { furtherSources } from "../evidence/confirmed.js";
import { atPlaces } from "../evidence/places.js";
import type { Step } from "../evidence/step.js";
import type { Timing, Usage } from "../evidence/use.js";
import { writtenList } from "./json.js";
import { layerList } from "./layers.js";
import type { ProvenanceMode } from "./types.js";

type Json = Readonly<Record<string, JsonValue>>;

/** An object while it is made: a build has tens of thousands of steps, so their members are set one by one. */
type JsonDraft = Record<string, JsonValue>;

/**
 * The document, as docs/build-types/dagger-pipeline-v1.md describes it. `MIN` has no commands, no
 * arguments, no names of variables, no secrets, caches or services, and no digests of written text.
 */
export function stepsDocument(evidence: Evidence, mode: ProvenanceMode, image?: ImageDetails): Json {
  const usage = atPlaces(evidence.usage, evidence.steps);
  const timing = atPlaces(evidence.timing, evidence.steps);
  const steps = writtenList(evidence.steps, (step, place) => {
    const alsoIn = furtherSources(step, [step.digest], evidence.confirmed);
    return stepJson({ step, alsoIn, timing: timing[place], usage: usage[place] }, mode);
  });
  const functions = evidence.functions.map(
    ({ source, exactness, digest, module, name, arguments: args, output, hidden }) => ({
      id: digest,
      name,
      module: { name: module.name, ...field("ref", module.ref), ...field("pin", module.pin) },
      ...(mode === "MAX" ? { arguments: args } : {}),
      ...field("output", output),
      ...field("hidden", hidden),
      source,
      exactness,
    }),
  );
  return {
    version: 1,
    ...field("value", evidence.root),
    steps,
    ...(functions.length === 0 ? {} : { functions }),
    ...(evidence.outputs.length === 0
      ? {}
      : {
          outputs: evidence.outputs.map(({ address, digests, step, source }) => ({
            address,
            digests,
            step,
            source,
          })),
        }),
    ...(image === undefined || image.layers.length === 0 ? {} : { layers: layerList(image, evidence) }),
    ...(mode === "MAX" ? names(evidence) : {}),
  };
}

type WrittenStep = {
  readonly step: Step;
  readonly alsoIn: Step["alsoIn"];
  readonly timing: Timing | undefined;
  readonly usage: Usage | undefined;
};

function stepJson({ step, alsoIn, timing, usage }: WrittenStep, mode: ProvenanceMode): Json {
  const json: JsonDraft = {
    id: step.digest,
    operation: step.operation,
    kind: step.kind,
    inputs: step.inputs,
  };
  if (mode === "MAX") addDetails(json, step);
  if (step.content !== undefined) json["content"] = step.content;
  if (timing !== undefined) addTiming(json, timing);
  if (usage !== undefined) json["usage"] = usageJson(usage);
  json["source"] = step.source;
  json["exactness"] = step.exactness;
  if (alsoIn !== undefined) json["alsoIn"] = alsoIn;
  return json;
}

function addDetails(json: JsonDraft, step: Step): void {
  const { argv, workdir, arguments: args, environment = [], mounts = [], notListed, inline, location } = step;
  if (argv !== undefined) json["argv"] = argv;
  if (workdir !== undefined) json["workdir"] = workdir;
  if (args !== undefined && Object.keys(args).length > 0) json["arguments"] = args;
  if (environment.length > 0) json["environment"] = environment;
  if (mounts.length > 0) json["mounts"] = mounts;
  if (notListed !== undefined) json["notListed"] = notListed;
  if (inline !== undefined) json["inline"] = { size: inline.size, sha256: inline.sha256 };
  if (location !== undefined) json["location"] = { file: location.file, lines: location.lines };
}

function addTiming(json: JsonDraft, { startedOn, finishedOn, outcome, exitCode }: Timing): void {
  json["startedOn"] = startedOn;
  if (finishedOn !== undefined) json["finishedOn"] = finishedOn;
  json["outcome"] = outcome;
  if (exitCode !== undefined) json["exitCode"] = exitCode;
}

function usageJson({
  step: _step,
  source: _source,
  exactness: _exactness,
  alsoIn: _alsoIn,
  ...counters
}: Usage): Json {
  return Object.fromEntries(Object.entries(counters).filter(([, value]) => value !== undefined));
}

function names({ secrets, caches, services }: Evidence): Json {
  return {
    ...(secrets.length === 0
      ? {}
      : {
          secrets: secrets.map(({ name, provider, optional, step, source }) => ({
            name,
            provider,
            ...field("optional", optional),
            step,
            source,
          })),
        }),
    ...(caches.length === 0
      ? {}
      : {
          caches: caches.map(({ key, namespace, step, source }) => ({
            key,
            ...field("namespace", namespace),
            step,
            source,
          })),
        }),
    ...(services.length === 0
      ? {}
      : { services: services.map(({ name, step, source }) => ({ name, step, source })) }),
  };
}

function field(name: string, value: JsonValue | undefined): Json {
  return value === undefined ? {} : { [name]: value };
}
