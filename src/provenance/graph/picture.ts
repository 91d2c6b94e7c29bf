/** What a picture of a build shows: the steps that do something, what comes in, what goes out, and how they hang together. */
import { completenessOf } from "../slsa/completeness.js";
import {
  detailOf,
  digestFacts,
  type Fact,
  listFact,
  stepFacts,
  timingFacts,
  titleOf,
  usageFacts,
} from "./facts.js";
import type { Completeness } from "../slsa/types.js";
import type { Evidence } from "../evidence.js";
import type { EvidenceSource, Exactness } from "../evidence/found.js";
import type { Material } from "../evidence/material.js";
import type { Step, StepKind } from "../evidence/step.js";
import type { Timing, Usage } from "../evidence/use.js";

/** One box. */
export type PictureNode = {
  readonly title: string;
  readonly source: EvidenceSource;
  readonly exactness: Exactness;
  /** What is missing or went wrong, in a few words. */
  readonly problem?: string;
  readonly facts: readonly Fact[];
};

export type PictureStep = PictureNode & {
  readonly kind: StepKind;
  readonly milliseconds?: number;
  readonly memoryBytes?: number;
  readonly outcome?: Timing["outcome"];
};

/** An edge between positions in two lists. */
export type Edge = { readonly from: number; readonly to: number };

export type Picture = {
  readonly inputs: readonly PictureNode[];
  readonly steps: readonly PictureStep[];
  readonly outputs: readonly PictureNode[];
  readonly inputEdges: readonly Edge[];
  readonly stepEdges: readonly Edge[];
  readonly outputEdges: readonly Edge[];
  readonly completeness: Completeness;
};

/** Steps of these kinds are boxes; the others are details of the next box that builds on them. */
const shownKinds: ReadonlySet<StepKind> = new Set(["exec", "file", "opaque", "function", "publish"]);

/** Boxes and materials that lie before a step, past the steps that are only details. */
type Before = { readonly boxes: readonly number[]; readonly materials: readonly number[] };
const nothing: Before = { boxes: [], materials: [] };

/**
 * The picture of merged evidence. Linear in steps and edges.
 * @param completeness what a statement says of itself; by default what the evidence amounts to.
 */
export function pictureOf(evidence: Evidence, completeness = completenessOf(evidence)): Picture {
  const { materials, root } = evidence;
  const usage = new Map(evidence.usage.map((one) => [one.step, one]));
  const timing = new Map(evidence.timing.map((one) => [one.step, one]));
  const materialsAt = materialsByStep(materials);
  const before = new Map<string, Before>();
  const details = new Map<string, string[]>();
  const steps: PictureStep[] = [];
  const stepEdges: Edge[] = [];
  const inputEdges: Edge[] = [];
  for (const step of evidence.steps) {
    const behind = joined(step, before, materialsAt.get(step.digest));
    const settings = takeDetails(step, details);
    if (!isShown(step)) {
      before.set(step.digest, behind);
      settings.push(detailOf(step));
      details.set(step.digest, settings);
      continue;
    }
    const box = steps.length;
    steps.push(boxOf(step, timing.get(step.digest), usage.get(step.digest), settings));
    for (const from of behind.boxes) stepEdges.push({ from, to: box });
    for (const from of behind.materials) inputEdges.push({ from, to: box });
    before.set(step.digest, { boxes: [box], materials: [] });
  }
  const last = (root === undefined ? undefined : before.get(root)) ?? nothing;
  const value = root === undefined ? [] : [valueOf(evidence, details.get(root) ?? [])];
  const publications = evidence.outputs.map((output): PictureNode => ({
    title: output.address,
    source: output.source,
    exactness: output.exactness,
    facts: [["pushed to", output.address], ...digestFacts(output.digests)],
  }));
  const pushEdges = evidence.outputs.flatMap((output, index) =>
    (before.get(output.step)?.boxes ?? []).map((from) => ({ from, to: value.length + index })),
  );
  return {
    inputs: materials.map((material) => inputOf(material, timing)),
    steps,
    outputs: [...value, ...publications],
    inputEdges,
    stepEdges,
    outputEdges: [...(value.length === 0 ? [] : last.boxes.map((from) => ({ from, to: 0 }))), ...pushEdges],
    completeness,
  };
}

function isShown(step: Step): boolean {
  return (
    shownKinds.has(step.kind) ||
    step.source === "declared" ||
    (step.inputs.length === 0 && /^[a-z-]+:\d+$/.test(step.digest))
  );
}

function materialsByStep(materials: readonly Material[]): Map<string, number[]> {
  const index = new Map<string, number[]>();
  for (const [position, { steps }] of materials.entries())
    for (const step of steps) {
      const list = index.get(step);
      if (list === undefined) index.set(step, [position]);
      else list.push(position);
    }
  return index;
}

/** Most steps have one input that says something: then nothing is copied. */
function joined(step: Step, before: ReadonlyMap<string, Before>, own: readonly number[] | undefined): Before {
  const inputs = step.inputs.map((input) => before.get(input) ?? nothing).filter((one) => one !== nothing);
  const [only] = inputs;
  if (own === undefined && inputs.length <= 1) return only ?? nothing;
  return {
    boxes: [...new Set(inputs.flatMap(({ boxes }) => boxes))],
    materials: [...new Set([...inputs.flatMap((one) => one.materials), ...(own ?? [])])],
  };
}

/** Details of the inputs, which the first step that builds on them takes along: lists are handed on, not copied. */
function takeDetails(step: Step, details: Map<string, string[]>): string[] {
  let taken: string[] | undefined;
  for (const input of step.inputs) {
    const list = details.get(input);
    if (list === undefined) continue;
    details.delete(input);
    if (taken === undefined) taken = list;
    else taken.push(...list);
  }
  return taken ?? [];
}

function boxOf(
  step: Step,
  timing: Timing | undefined,
  usage: Usage | undefined,
  settings: readonly string[],
): PictureStep {
  const milliseconds =
    timing?.finishedOn === undefined
      ? undefined
      : Date.parse(timing.finishedOn) - Date.parse(timing.startedOn);
  const problem =
    timing?.outcome === "failed" ? "failed" : step.kind === "opaque" ? "can't be looked into" : undefined;
  return {
    title: titleOf(step),
    kind: step.kind,
    source: step.source,
    exactness: step.exactness,
    ...(problem === undefined ? {} : { problem }),
    ...(milliseconds === undefined ? {} : { milliseconds }),
    ...(usage?.memoryPeakBytes === undefined ? {} : { memoryBytes: usage.memoryPeakBytes }),
    ...(timing === undefined ? {} : { outcome: timing.outcome }),
    facts: [
      ...stepFacts(step),
      ...timingFacts(timing),
      ...usageFacts(usage),
      ...listFact("settings before it", settings),
    ],
  };
}

function inputOf(material: Material, timing: ReadonlyMap<string, Timing>): PictureNode {
  const hasDigest = Object.keys(material.digests).length > 0;
  const used = material.steps.map((step) => timing.get(step)).find((one) => one !== undefined);
  return {
    title: material.name ?? material.uri,
    source: material.source,
    exactness: material.exactness,
    ...(hasDigest || material.kind === "module" ? {} : { problem: "no digest" }),
    facts: [
      ["kind", material.kind],
      ["uri", material.uri],
      ...digestFacts(material.digests),
      ...(material.digestSource === undefined ? [] : [["digest from", material.digestSource] satisfies Fact]),
      ...(material.requested === undefined ? [] : [["asked for", material.requested] satisfies Fact]),
      ...(material.missing === undefined ? [] : [["missing", material.missing] satisfies Fact]),
      ...listFact("also as", material.alsoAs ?? []),
      ["seen by", [material.source, ...(material.alsoIn ?? [])].join(", ")],
      ...timingFacts(used),
    ],
  };
}

function valueOf(evidence: Evidence, settings: readonly string[]): PictureNode {
  const root = evidence.steps.find(({ digest }) => digest === evidence.root);
  return {
    title: "the value",
    source: root?.source ?? "declared",
    exactness: root?.exactness ?? "claimed",
    facts: [["id", evidence.root ?? ""], ...listFact("settings", settings)],
  };
}
