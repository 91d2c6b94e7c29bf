/** SLSA Provenance v1 from evidence: the same evidence and options give the same bytes. */
import type { JsonValue, ResourceDescriptor } from "../../statement/types.js";
import type { ImageDetails } from "../../subjects/image.js";
import type { Evidence, RunFacts } from "../evidence.js";
import type { FunctionCall } from "../evidence/function.js";
import type { Step } from "../evidence/step.js";
import { isCommand } from "./code.js";
import { completenessOf } from "./completeness.js";
import { dependenciesOf } from "./dependencies.js";
import { sha256WhenWritten } from "./json.js";
import { stepsDocument } from "./steps.js";
import { buildType, localBuilderId, type Provenance, type ProvenanceMode, stepsMediaType } from "./types.js";

export type ProvenanceOptions = {
  readonly mode: ProvenanceMode;
  /** URI of who runs the build; `localBuilderId` unless told. */
  readonly builderId?: string;
  /** Versions of the builder's components, as in `{ attest: "0.1.0" }`; the engine's is added. */
  readonly builderVersion?: Readonly<Record<string, string>>;
  /** GraphQL type of the value that the statement is about: Container, Directory or File. */
  readonly valueType?: string;
  /** The image that it is about: its layers, and its configuration, whose history tells who made them. */
  readonly image?: ImageDetails;
  /** Name of a declared pipeline. */
  readonly pipeline?: string;
  /** URL of the trace in a viewer, kept as a byproduct. */
  readonly traceUrl?: string;
};

type Json = Readonly<Record<string, JsonValue>>;

/** The predicate. https://slsa.dev/spec/v1.2/build-provenance */
export function provenancePredicate(evidence: Evidence, options: ProvenanceOptions): Provenance {
  const { run } = evidence;
  const version = {
    ...options.builderVersion,
    ...(run.engineVersion === undefined ? {} : { dagger: run.engineVersion }),
  };
  return {
    buildDefinition: {
      buildType,
      externalParameters: externalParameters(evidence, options),
      internalParameters: internalParameters(evidence, options.mode),
      resolvedDependencies: dependenciesOf(evidence, options.mode),
    },
    runDetails: {
      builder: {
        id: options.builderId ?? localBuilderId,
        ...(Object.keys(version).length === 0 ? {} : { version }),
      },
      metadata: {
        ...(run.invocationId === undefined ? {} : { invocationId: run.invocationId }),
        ...timesOf(evidence),
        dagger_completeness: completenessOf(evidence),
      },
      byproducts: byproducts(evidence, options),
    },
  };
}

/**
 * When the build ran. Of a value that is handed in, and whose commands or builds ran before, or of which no step is known, the spans only tell when
 * somebody looked at it.
 */
function timesOf({ run, steps, timing, functions }: Evidence): Pick<RunFacts, "startedOn" | "finishedOn"> {
  const { startedOn, finishedOn } = run;
  const unseen = new Set(steps.filter(isWork).map(({ digest }) => digest));
  for (const { step, outcome } of timing) if (outcome !== "cached") unseen.delete(step);
  const isSeen = functions.length > 0 || (steps.length > 0 && unseen.size === 0);
  return {
    ...(startedOn === undefined || !isSeen ? {} : { startedOn }),
    ...(finishedOn === undefined || !isSeen ? {} : { finishedOn }),
  };
}

function isWork(step: Step): boolean {
  return isCommand(step) || step.kind === "opaque";
}

function externalParameters(evidence: Evidence, options: ProvenanceOptions): Json {
  const entry = entryFunction(evidence);
  const values = evidence.parameters.map(({ name, value }): [string, JsonValue] => [name, value]);
  return {
    ...(options.pipeline === undefined ? {} : { pipeline: options.pipeline }),
    ...(entry === undefined ? {} : { entryPoint: entry.name, module: moduleOf(evidence, entry) }),
    ...(options.valueType === undefined ? {} : { value: options.valueType }),
    ...(options.mode === "MAX" && values.length > 0 ? { arguments: Object.fromEntries(values) } : {}),
  };
}

/** The function that returned the value. */
function entryFunction({ functions, root }: Evidence): FunctionCall | undefined {
  return functions.find(({ output }) => output !== undefined && output === root) ?? functions.at(-1);
}

/** URI of the module, as it stands among the dependencies, else its name. */
function moduleOf({ materials }: Evidence, { module }: FunctionCall): string {
  return materials.find(({ kind, name }) => kind === "module" && name === module.name)?.uri ?? module.name;
}

function internalParameters({ run }: Evidence, mode: ProvenanceMode): Json {
  return {
    ...(run.engineVersion === undefined ? {} : { engineVersion: run.engineVersion }),
    ...(run.platform === undefined ? {} : { platform: run.platform }),
    ...(run.sdk === undefined ? {} : { sdk: run.sdk }),
    ...(run.labels === undefined || mode === "MIN" ? {} : { labels: run.labels }),
  };
}

function byproducts(evidence: Evidence, options: ProvenanceOptions): ResourceDescriptor[] {
  const document = stepsDocument(evidence, options.mode, options.image);
  const sha256 = sha256WhenWritten(document);
  // The digest comes after what it is of.
  const steps = {
    name: "steps",
    mediaType: stepsMediaType,
    annotations: { document },
    digest: {
      get sha256() {
        return sha256();
      },
    },
  };
  return options.traceUrl === undefined ? [steps] : [steps, { name: "trace", uri: options.traceUrl }];
}
