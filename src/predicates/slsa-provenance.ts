/** SLSA provenance as it is read: the version that is written, and those that others still write. */
import { isObject } from "../statement/json-value.js";
import type { PredicateDefinition } from "./definition.js";
import {
  anyObject,
  anyText,
  anyValue,
  boolean,
  dateTime,
  descriptor,
  dictionary,
  list,
  object,
  text,
  timestamp,
  unset,
  uri,
  type Shape,
  type TypeOf,
} from "./shape.js";

/**
 * Who built it. The specification demands a URI; BuildKit writes "" unless it is told who it is, and so most of
 * the provenance that is there names nobody. That is said of it (`namesNoBuilder`) and is no reason to refuse it.
 */
const builderId: Shape<string> = {
  check: (value, path) => (value === "" ? [] : uri.check(value, path)),
};

// Unset, null and empty mean the same in all versions.
const v1 = object({
  buildDefinition: object({
    buildType: uri,
    externalParameters: unset(anyObject),
    internalParameters: unset(anyObject),
    resolvedDependencies: unset(list(descriptor)),
  }),
  runDetails: object({
    builder: object({
      id: builderId,
      builderDependencies: unset(list(descriptor)),
      version: unset(dictionary(anyText)),
    }),
    metadata: unset(
      object({ invocationId: unset(anyText), startedOn: unset(timestamp), finishedOn: unset(timestamp) }),
    ),
    byproducts: unset(list(descriptor)),
  }),
});

export type ProvenanceV1 = TypeOf<typeof v1>;

/** https://slsa.dev/spec/v1.2/build-provenance; the type is the same for v1.0, v1.1 and v1.2. */
export const provenanceV1: PredicateDefinition<ProvenanceV1> = {
  predicateType: "https://slsa.dev/provenance/v1",
  what: "SLSA provenance v1",
  specification: "https://slsa.dev/spec/v1.2/build-provenance",
  shape: v1,
};

/** The specification's own examples have URIs that are none (`github_hosted_vm:...`), so they are text here. */
const source = { uri: unset(anyText), digest: unset(dictionary(anyText)) };
const materials = unset(list(object(source)));
const completeness = unset(
  object({ parameters: unset(boolean), environment: unset(boolean), materials: unset(boolean) }),
);
const metadata = {
  buildInvocationId: unset(anyText),
  // As in-toto's Go library spells it, and so BuildKit, cosign and slsa-github-generator.
  buildInvocationID: unset(anyText),
  buildStartedOn: unset(dateTime),
  buildFinishedOn: unset(dateTime),
  reproducible: unset(boolean),
};

const v02 = object({
  builder: object({ id: builderId }),
  // A URI, says the specification; Tekton writes `tekton.dev/v1beta1/TaskRun`.
  buildType: text,
  invocation: unset(
    object({
      configSource: unset(object({ ...source, entryPoint: unset(anyText) })),
      parameters: unset(anyValue),
      environment: unset(anyValue),
    }),
  ),
  buildConfig: unset(anyValue),
  metadata: unset(object({ ...metadata, completeness })),
  materials,
});

export type ProvenanceV02 = TypeOf<typeof v02>;

/** https://slsa.dev/spec/v0.2/provenance, which cosign's `--type slsaprovenance` and older BuildKit write. */
export const provenanceV02: PredicateDefinition<ProvenanceV02> = {
  predicateType: "https://slsa.dev/provenance/v0.2",
  what: "SLSA provenance v0.2",
  specification: "https://slsa.dev/spec/v0.2/provenance",
  shape: v02,
};

const v01 = object({
  builder: object({ id: builderId }),
  recipe: unset(
    object({
      type: text,
      definedInMaterial: unset(anyValue),
      entryPoint: unset(anyText),
      arguments: unset(anyValue),
      environment: unset(anyValue),
    }),
  ),
  metadata: unset(anyObject),
  materials,
});

/** https://slsa.dev/spec/v0.1/provenance, under both names that it had. */
export const provenanceV01: readonly PredicateDefinition<unknown>[] = [
  "https://slsa.dev/provenance/v0.1",
  "https://in-toto.io/Provenance/v0.1",
].map((predicateType) => ({
  predicateType,
  what: "SLSA provenance v0.1",
  specification: "https://slsa.dev/spec/v0.1/provenance",
  shape: v01,
}));

/** SLSA provenance, of any version, that leaves open who built. */
export function namesNoBuilder(predicateType: string, predicate: unknown): boolean {
  const versions: readonly PredicateDefinition<unknown>[] = [provenanceV1, provenanceV02, ...provenanceV01];
  if (!versions.some((one) => one.predicateType === predicateType) || !isObject(predicate)) return false;
  const details = predicate["runDetails"] ?? predicate;
  const builder = isObject(details) ? details["builder"] : undefined;
  return isObject(builder) && builder["id"] === "";
}
