/** Merging of steps. The call graph of the most exact source is the frame; others fill in, they do not add to it. */
import type { Contradiction, Evidence } from "../evidence.js";
import { areDistinct, placesOf } from "../evidence/places.js";
import type { Step } from "../evidence/step.js";
import { mergeItems } from "./items.js";

/** Steps by digest. With a call graph, steps of other sources that it lacks are kept only when declared or a push. */
export function mergeSteps(
  found: readonly Evidence[],
  graph: Evidence | undefined,
  contradictions: Contradiction[],
): readonly Step[] {
  if (graph === undefined)
    return mergeItems(
      found.map(({ steps }) => steps),
      keyOf,
      compared,
      contradictions,
    );
  recordRoots(found, graph, contradictions);
  const others = found.filter((one) => one !== graph && one.steps.length > 0);
  if (others.length === 0 && areDistinct(graph.steps)) return graph.steps;
  const inGraph = placesOf(graph.steps);
  const hasHistory = found.some(({ sources: [report] }) => report?.source === "history");
  const byCommand = hasHistory ? commandsOf(graph.steps) : new Map<string, string>();
  const fittingSteps = others.map(({ steps }) => steps.flatMap((step) => fitting(step, inGraph, byCommand)));
  return mergeItems([graph.steps, ...fittingSteps], keyOf, compared, contradictions);
}

const compared: readonly (keyof Step)[] = ["argv", "content"];

function keyOf(step: Step): string {
  return step.digest;
}

function fitting(
  step: Step,
  inGraph: ReadonlyMap<string, number>,
  byCommand: ReadonlyMap<string, string>,
): Step[] {
  if (inGraph.has(step.digest) || step.source === "declared" || step.kind === "publish") return [step];
  const command = step.source === "history" ? step.arguments?.["command"] : undefined;
  const digest = typeof command === "string" ? byCommand.get(command) : undefined;
  return digest === undefined ? [] : [{ ...step, digest }];
}

/** The image's history names a command by its words only: the step of the graph that has the same words. */
function commandsOf(steps: readonly Step[]): Map<string, string> {
  const execs = steps.filter(({ argv }) => argv !== undefined);
  return new Map(execs.map(({ argv, digest }) => [(argv ?? []).join(" "), digest]));
}

function recordRoots(found: readonly Evidence[], graph: Evidence, contradictions: Contradiction[]): void {
  for (const other of found) {
    if (other === graph || other.root === undefined || other.root === graph.root) continue;
    contradictions.push({
      item: "value",
      field: "root",
      kept: { value: graph.root ?? "", source: graph.sources[0]?.source ?? "recipe" },
      dropped: { value: other.root, source: other.sources[0]?.source ?? "telemetry" },
    });
  }
}
