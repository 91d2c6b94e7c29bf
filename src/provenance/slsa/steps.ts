/** The document of steps among the byproducts: what happened, in which order, and what it cost. */
import type { JsonValue } from "../../statement/types.js";
import type { Evidence, Step, Timing, Usage } from "../evidence.js";
import type { ProvenanceMode } from "./types.js";

type Json = Readonly<Record<string, JsonValue>>;

/**
 * The document, as docs/build-types/dagger-pipeline-v1.md describes it. `MIN` has no commands, no
 * arguments, no names of variables, no secrets, caches or services, and no digests of written text.
 */
export function stepsDocument(evidence: Evidence, mode: ProvenanceMode): Json {
  const usage = new Map(evidence.usage.map((one) => [one.step, one]));
  const timing = new Map(evidence.timing.map((one) => [one.step, one]));
  const steps = evidence.steps.map((step) =>
    stepJson(step, timing.get(step.digest), usage.get(step.digest), mode),
  );
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
    ...(mode === "MAX" ? names(evidence) : {}),
  };
}

function stepJson(
  step: Step,
  timing: Timing | undefined,
  usage: Usage | undefined,
  mode: ProvenanceMode,
): Json {
  return {
    id: step.digest,
    operation: step.operation,
    kind: step.kind,
    inputs: step.inputs,
    ...(mode === "MAX" ? details(step) : {}),
    ...field("content", step.content),
    ...(timing === undefined ? {} : timingJson(timing)),
    ...(usage === undefined ? {} : { usage: usageJson(usage) }),
    source: step.source,
    exactness: step.exactness,
    ...field("alsoIn", step.alsoIn),
  };
}

function details(step: Step): Json {
  const { arguments: args, mounts } = step;
  return {
    ...field("argv", step.argv),
    ...(args === undefined || Object.keys(args).length === 0 ? {} : { arguments: args }),
    ...(step.environment === undefined || step.environment.length === 0
      ? {}
      : { environment: step.environment }),
    ...(mounts === undefined || mounts.length === 0 ? {} : { mounts }),
    ...field("notListed", step.notListed),
    ...(step.inline === undefined ? {} : { inline: { size: step.inline.size, sha256: step.inline.sha256 } }),
  };
}

function timingJson({ startedOn, finishedOn, outcome, exitCode }: Timing): Json {
  return { startedOn, ...field("finishedOn", finishedOn), outcome, ...field("exitCode", exitCode) };
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
      : { secrets: secrets.map(({ name, provider, step, source }) => ({ name, provider, step, source })) }),
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
