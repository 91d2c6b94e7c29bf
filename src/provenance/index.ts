/** Provenance: collect evidence, merge it, write it down. docs/provenance.md explains the parts. */
export {
  collectDeclared,
  type DeclaredMaterial,
  type DeclaredStep,
  type Declaration,
} from "./collect/declared.js";
export { collectHistory } from "./collect/history.js";
export { collectLockfile } from "./collect/lockfile.js";
export { collectMetadata, type EngineMetadata, type ModuleMetadata } from "./collect/metadata.js";
export { collectSkeleton } from "./collect/skeleton.js";
export type { Collected, Evidence } from "./evidence.js";
export { isUnavailable } from "./evidence.js";
export { mergeEvidence } from "./merge/merge.js";
export { collectRecipe, type RecipeOptions } from "./recipe/collect.js";
export type { LeafFacts, LeafQuestion, ResolveLeaf } from "./recipe/resolve.js";
export { jsonChunks } from "./slsa/json.js";
export { provenancePredicate, type ProvenanceOptions } from "./slsa/predicate.js";
export {
  buildType,
  localBuilderId,
  type Provenance,
  type ProvenanceMode,
  provenancePredicateType,
} from "./slsa/types.js";
export { collectTelemetry, type TelemetryOptions } from "./telemetry/collect.js";
export { parseOtlpBodies, type OtlpBody } from "./telemetry/otlp.js";
export { readEventStream } from "./telemetry/event-stream.js";
export { readTraceFile, traceLine } from "./telemetry/trace-file.js";
export { graph } from "./graph/html.js";
export { mermaid } from "./graph/mermaid.js";
export { readBuild, type Build } from "./graph/read.js";
export type { Answer, EnginePort } from "./gather/engine.js";
export { gatherEvidence, type GatheredValue, type GatherOptions } from "./gather/gather.js";
