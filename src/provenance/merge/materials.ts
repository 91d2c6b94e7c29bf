/** Merging of materials: the same call, the same locator, or the same digest. */
import type { Contradiction } from "../evidence.js";
import type { Material } from "../evidence/material.js";
import { joinItems } from "./items.js";

/**
 * One material per thing. Two materials of one list are never joined: a source that tells two names of
 * one image means two. The lockfile is of the whole workspace and of the run before, so it adds digests
 * to materials that others saw, and no materials of its own.
 */
export function mergeMaterials(
  lists: readonly (readonly Material[])[],
  contradictions: Contradiction[],
): Material[] {
  const [only, ...others] = lists.filter((list) => list.length > 0);
  if (only !== undefined && others.length === 0) return only.filter(({ source }) => source !== "lockfile");
  const merged: Material[] = [];
  const index = new Map<string, number>();
  for (const [position, list] of lists.entries()) {
    const kindsToCome = new Set(lists.slice(position + 1).flatMap((later) => later.map(({ kind }) => kind)));
    const touched = new Set<number>();
    for (const material of list) {
      const at = indexOf(material, index);
      const winner = at === undefined ? undefined : merged[at];
      if (at === undefined || winner === undefined || touched.has(at) || isAnother(winner, material)) {
        if (material.source !== "lockfile") touched.add(merged.push(material) - 1);
      } else {
        merged[at] = join(winner, material, contradictions);
        touched.add(at);
      }
    }
    for (const at of touched) {
      const material = merged[at];
      // What has no other of its kind to come will not be looked for.
      if (material !== undefined && kindsToCome.has(material.kind)) addKeys(index, material, at);
    }
  }
  return merged;
}

function indexOf(material: Material, index: ReadonlyMap<string, number>): number | undefined {
  for (const key of keysOf(material)) {
    const at = index.get(key);
    if (at !== undefined) return at;
  }
  return undefined;
}

function addKeys(index: Map<string, number>, material: Material, at: number): void {
  for (const key of keysOf(material)) if (!index.has(key)) index.set(key, at);
}

/** From the surest to the weakest reason to be the same. */
function* keysOf({ kind, uri, digests, steps }: Material): Generator<string> {
  for (const step of steps) yield `step ${kind} ${step}`;
  yield `uri ${kind} ${nameOf(kind, uri)}`;
  for (const algorithm in digests) yield `digest ${kind} ${algorithm}:${digests[algorithm] ?? ""}`;
}

/** The platform of an image's URI is what the engine ran on, not part of what was asked for. */
function nameOf(kind: Material["kind"], uri: string): string {
  return kind === "image" ? (uri.split("?", 1)[0] ?? "") : uri;
}

/** A URI whose query is hidden may stand for several things: other digests then mean another thing. */
function isAnother(winner: Material, other: Material): boolean {
  return (
    winner.uri.includes("***") &&
    conflictingAlgorithm(winner, other) !== undefined &&
    !sharesStep(winner, other)
  );
}

function sharesStep(a: Material, b: Material): boolean {
  return a.steps.some((step) => b.steps.includes(step));
}

function join(winner: Material, other: Material, contradictions: Contradiction[]): Material {
  const algorithm = conflictingAlgorithm(winner, other);
  if (algorithm !== undefined)
    contradictions.push({
      item: winner.uri,
      field: `digest.${algorithm}`,
      kept: { value: winner.digests[algorithm] ?? "", source: winner.digestSource ?? winner.source },
      dropped: { value: other.digests[algorithm] ?? "", source: other.digestSource ?? other.source },
    });
  const steps = [...new Set([...winner.steps, ...other.steps])];
  const { missing, ...joined } = { ...joinItems(winner, other), ...alsoAs(winner, other), steps };
  if (Object.keys(winner.digests).length > 0) return joined;
  if (Object.keys(other.digests).length === 0) return missing === undefined ? joined : { ...joined, missing };
  return { ...joined, digests: other.digests, digestSource: other.digestSource ?? other.source };
}

/**
 * The engine may hand out an equal value that another name led to first: the name that the other source saw is kept
 * beside, and can't take the better source's place, since spans can be forged.
 */
function alsoAs(winner: Material, other: Material): Pick<Material, "alsoAs"> {
  const names = new Set([...(winner.alsoAs ?? []), ...(other.alsoAs ?? [])]);
  const isOther = nameOf(winner.kind, winner.uri) !== nameOf(other.kind, other.uri);
  if (isOther && !other.uri.includes("***")) names.add(other.uri);
  return names.size === 0 ? {} : { alsoAs: [...names] };
}

function conflictingAlgorithm(winner: Material, other: Material): string | undefined {
  return Object.keys(winner.digests).find(
    (algorithm) =>
      other.digests[algorithm] !== undefined && other.digests[algorithm] !== winner.digests[algorithm],
  );
}
