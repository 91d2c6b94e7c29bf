/** The honesty block. `complete` is earned by the rule in docs/provenance.md; nothing else may say it. */
import type { Evidence } from "../evidence.js";
import type { EvidenceSource } from "../evidence/found.js";
import type { Material } from "../evidence/material.js";
import type { Step } from "../evidence/step.js";
import { isModuleCode } from "../locators.js";
import { codeNotes, isCommand, isHermetic } from "./code.js";
import type { Completeness } from "./types.js";

/** Sources that saw the build itself; history, lockfile, metadata and declarations did not. */
const witnesses: ReadonlySet<EvidenceSource> = new Set(["recipe", "telemetry", "host-trace"]);

/** Gaps that mean that steps are missing, not only digests. */
const stepGaps: ReadonlySet<string> = new Set([
  "function-cache-hit",
  "opaque-step",
  "unexplained-operations",
  "built-before-observation",
  "missing-call",
  "untied-trace",
  "unfinished",
]);

/** The block for merged evidence. */
export function completenessOf(evidence: Evidence): Completeness {
  const explained = explainedOperations(evidence);
  const gaps = [...evidence.gaps, ...unexplainedGap(evidence, explained)];
  const materials = materialsLevel(evidence, gaps);
  const steps = stepsLevel(evidence, gaps);
  const unavailable = evidence.sources.filter(({ available }) => !available);
  return {
    materials,
    steps,
    usage: usageLevel(evidence, steps),
    hermetic: materials === "complete" && isHermetic(evidence),
    sources: [...new Set(evidence.sources.filter(({ available }) => available).map(({ source }) => source))],
    ...(unavailable.length === 0
      ? {}
      : {
          unavailable: Object.fromEntries(
            unavailable.map(({ source, because }) => [source, because ?? "unknown"]),
          ),
        }),
    ...(evidence.skeleton === undefined
      ? {}
      : { skeletonOps: evidence.skeleton.length, explainedOps: explained }),
    gaps: gaps.map(({ code, detail }) => `${code}: ${detail}`),
    notes: [...evidence.notes, ...codeNotes(evidence)],
    ...(evidence.contradictions.length === 0
      ? {}
      : { contradictions: evidence.contradictions.map(contradictionText) }),
  };
}

/** A witness saw the graph of the value, and nobody says that the value or a call of it is another one. */
function hasGraph({ root: value, steps, contradictions }: Evidence): boolean {
  const root = steps.find(({ digest }) => digest === value);
  const isDisputed = contradictions.some(({ field }) => field === "root" || field === "call");
  return root !== undefined && witnesses.has(root.source) && !isDisputed;
}

function materialsLevel(evidence: Evidence, gaps: Evidence["gaps"]): Completeness["materials"] {
  const { materials, contradictions } = evidence;
  const isDisputed = contradictions.some(({ field }) => field.startsWith("digest."));
  if (hasGraph(evidence) && gaps.length === 0 && !isDisputed && materials.every(isProven)) return "complete";
  if (materials.length === 0) return "none";
  return materials.every(({ source }) => source === "declared") ? "declared" : "partial";
}

/**
 * A digest that a witness told. A local module's code has none, and is no content of the value. What the
 * author adds to a graph that is whole takes nothing away from it, and layers belong to an image.
 */
function isProven(material: Material): boolean {
  const { kind, source, digests, digestSource } = material;
  if (isModuleCode(material) || (source === "history" && kind === "other")) return true;
  if (Object.keys(digests).length === 0) return false;
  return source === "declared" || witnesses.has(digestSource ?? source);
}

function stepsLevel(evidence: Evidence, gaps: Evidence["gaps"]): Completeness["steps"] {
  if (hasGraph(evidence) && !gaps.some(({ code }) => stepGaps.has(code))) return "complete";
  if (evidence.steps.length === 0) return "none";
  return evidence.steps.every(({ source }) => source === "declared") ? "declared" : "partial";
}

/**
 * Commands that a cache answered have no usage, and need none; those that nobody saw may have run. An engine
 * without cgroups tells network bytes alone, which is not all.
 */
function usageLevel({ steps, usage, timing }: Evidence, seen: Completeness["steps"]): Completeness["usage"] {
  const measured = new Set(usage.map(({ step }) => step));
  const whole = new Set(usage.filter(isWhole).map(({ step }) => step));
  const cached = new Set(timing.filter(({ outcome }) => outcome === "cached").map(({ step }) => step));
  const execs = steps.filter((step) => isCommand(step) && !cached.has(step.digest));
  if (!execs.some(({ digest }) => measured.has(digest))) return "none";
  return seen === "complete" && execs.every(({ digest }) => whole.has(digest)) ? "complete" : "partial";
}

function isWhole({ cpuTotalMicros, memoryPeakBytes }: Evidence["usage"][number]): boolean {
  return cpuTotalMicros !== undefined && memoryPeakBytes !== undefined;
}

/** How many names of the skeleton the chain, or else steps with their arguments, account for. */
function explainedOperations({ skeleton = [], chain, chainOnHanded, steps }: Evidence): number {
  if (chain !== undefined && chainOnHanded === true) {
    // What made the handed value stands before: its content is a material.
    const isTail = chain.every((name, at) => name === skeleton[skeleton.length - chain.length + at]);
    return isTail ? skeleton.length : 0;
  }
  if (chain !== undefined) {
    let at = 0;
    for (const name of chain) if (name === skeleton[at]) at++;
    return at;
  }
  const known = new Map<string, number>();
  for (const step of steps.filter(isExplained)) {
    const field = step.operation.slice(step.operation.indexOf(".") + 1);
    known.set(field, (known.get(field) ?? 0) + 1);
  }
  return skeleton.filter((name) => {
    const left = known.get(name) ?? 0;
    known.set(name, left - 1);
    return left > 0;
  }).length;
}

function isExplained(step: Step): boolean {
  return step.source !== "declared" && (step.argv !== undefined || step.arguments !== undefined);
}

function unexplainedGap({ skeleton }: Evidence, explained: number): Evidence["gaps"] {
  if (skeleton === undefined || explained >= skeleton.length) return [];
  const detail = `${skeleton.length - explained} of ${skeleton.length} operations of the value's chain`;
  return [{ code: "unexplained-operations", detail }];
}

function contradictionText({ item, field, kept, dropped }: Evidence["contradictions"][number]): string {
  return `${item} ${field}: ${kept.source} says ${kept.value}, ${dropped.source} says ${dropped.value}`;
}
