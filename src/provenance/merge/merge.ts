/** Joins what the collectors found: by digest, the most exact source wins, and what it drops is written down. */
import {
  type Collected,
  type Contradiction,
  type Evidence,
  evidenceFrom,
  type Gap,
  isUnavailable,
  type RunFacts,
} from "../evidence.js";
import { type EvidenceSource, type Found, sourceRanking, type SourceReport } from "../evidence/found.js";
import { areOnePerStep, placesOf } from "../evidence/places.js";
import { isModuleCode } from "../locators.js";
import { joinHanded } from "./handed.js";
import { mergeItems } from "./items.js";
import { mergeMaterials } from "./materials.js";
import { mergeSteps } from "./steps.js";

/** One body of evidence from all that was collected. Linear in the number of items. */
export function mergeEvidence(collected: readonly Collected[]): Evidence {
  const found = collected
    .filter((one): one is Evidence => !isUnavailable(one))
    .sort((a, b) => rankOf(a) - rankOf(b));
  const contradictions: Contradiction[] = found.flatMap((one) => one.contradictions);
  const graph = found.find(({ root }) => root !== undefined);
  const pick = <K extends keyof Evidence>(name: K) => found.map((one) => one[name]);
  const steps = mergeSteps(found, graph, contradictions);
  const ofSteps = <T extends Found & { readonly step: string }>(
    lists: readonly (readonly T[])[],
    compared: readonly (keyof T)[],
  ): readonly T[] => mergeOfSteps(lists, steps, compared, contradictions);
  const materials = joinHanded(mergeMaterials(materialsOf(found, graph), contradictions));
  const skeleton = found.find((one) => one.skeleton !== undefined)?.skeleton;
  return {
    ...evidenceFrom("recipe", {}),
    ...(graph?.root === undefined ? {} : { root: graph.root }),
    ...(graph?.chain === undefined ? {} : { chain: graph.chain }),
    ...(graph?.chainOnHanded === true ? { chainOnHanded: true } : {}),
    ...(skeleton === undefined ? {} : { skeleton }),
    steps,
    materials,
    ...confirmedCalls(found),
    functions: mergeItems(pick("functions"), (one) => one.digest, ["output"], contradictions),
    parameters: mergeItems(pick("parameters"), (one) => one.name, ["value"], contradictions),
    usage: ofSteps(pick("usage"), []),
    timing: ofSteps(pick("timing"), ["outcome"]),
    secrets: mergeItems(pick("secrets"), (one) => `${one.step} ${one.name}`, ["provider"], contradictions),
    caches: mergeItems(pick("caches"), (one) => `${one.step} ${one.key}`, [], contradictions),
    services: mergeItems(pick("services"), (one) => `${one.step} ${one.name}`, [], contradictions),
    outputs: mergeItems(pick("outputs"), (one) => one.address, [], contradictions),
    run: mergeRun(found, graph, contradictions),
    gaps: [...gapsOf(found, graph), ...materials.flatMap(digestGap)],
    notes: [...new Set(found.flatMap(({ notes }) => notes))],
    contradictions,
    sources: reportsOf(collected),
  };
}

/** The history numbers its layers, which are no steps where a call graph has the steps. */
function materialsOf(found: readonly Evidence[], graph: Evidence | undefined): Evidence["materials"][] {
  return found.map(({ materials, sources: [report] }) =>
    graph === undefined || report?.source !== "history"
      ? materials
      : materials.map((material) => ({ ...material, steps: [] })),
  );
}

/** One item per step; what is of no step that is known is left out. */
function mergeOfSteps<T extends Found & { readonly step: string }>(
  lists: readonly (readonly T[])[],
  steps: Evidence["steps"],
  compared: readonly (keyof T)[],
  contradictions: Contradiction[],
): readonly T[] {
  const [only, ...more] = lists.filter((list) => list.length > 0);
  if (only === undefined) return [];
  if (more.length === 0 && areOnePerStep(only, steps)) return only;
  const merged = mergeItems(lists, (one) => one.step, compared, contradictions);
  return merged.filter(({ step }) => placesOf(steps).has(step));
}

function confirmedCalls(found: readonly Evidence[]): Pick<Evidence, "confirmed"> {
  const confirmed = found.flatMap((one) => one.confirmed ?? []);
  return confirmed.length === 0 ? {} : { confirmed };
}

function rankOf(evidence: Evidence): number {
  const source = evidence.sources[0]?.source;
  return source === undefined ? sourceRanking.length : sourceRanking.indexOf(source);
}

/** With a call graph, only its own gaps count: a recipe does not suffer from what telemetry missed. */
function gapsOf(found: readonly Evidence[], graph: Evidence | undefined): Gap[] {
  const gaps = (graph === undefined ? found : [graph]).flatMap((one) => one.gaps);
  return gaps.filter(({ code }) => code !== "digest-unknown");
}

/** Asked again after the merge, since another source may have known the digest. A local module is code, not content. */
function digestGap(material: Evidence["materials"][number]): Gap[] {
  if (Object.keys(material.digests).length > 0 || isModuleCode(material)) return [];
  return [
    {
      code: "digest-unknown",
      detail: `${material.kind} ${material.uri}: ${material.missing ?? "no digest"}`,
    },
  ];
}

/**
 * The facts of the most exact source that has them. When and in which trace it ran is told by the source
 * that saw the build run: a trace of another session tells of the build, our own telemetry then of the look at it.
 */
function mergeRun(
  found: readonly Evidence[],
  graph: Evidence | undefined,
  contradictions: Contradiction[],
): RunFacts {
  const trace = found.find(({ sources: [report] }) => report?.source === "host-trace");
  const isOfTrace = trace !== undefined && (graph === trace || rankOf(graph ?? trace) === 0);
  let merged: RunFacts = isOfTrace ? timesOf(trace.run) : {};
  let toldBy: EvidenceSource | undefined;
  for (const {
    run,
    sources: [report],
  } of found) {
    const source = report?.source ?? "declared";
    const [kept, dropped] = [merged.engineVersion, run.engineVersion];
    if (kept === undefined && dropped !== undefined) toldBy = source;
    if (kept !== undefined && dropped !== undefined && kept !== dropped) {
      contradictions.push({
        item: "run",
        field: "engineVersion",
        kept: { value: kept, source: toldBy ?? source },
        dropped: { value: dropped, source },
      });
    }
    merged = { ...run, ...merged };
  }
  return merged;
}

function timesOf({ invocationId, startedOn, finishedOn }: RunFacts): RunFacts {
  return {
    ...(invocationId === undefined ? {} : { invocationId }),
    ...(startedOn === undefined ? {} : { startedOn }),
    ...(finishedOn === undefined ? {} : { finishedOn }),
  };
}

function reportsOf(collected: readonly Collected[]): SourceReport[] {
  return collected.flatMap((one): readonly SourceReport[] =>
    isUnavailable(one) ? [{ source: one.unavailable, available: false, because: one.because }] : one.sources,
  );
}
