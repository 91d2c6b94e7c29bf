/** Where steps stand: what is known of a step beside the step itself is found by its place. */
import type { Step } from "./step.js";

/**
 * Places of steps in their list, by digest; of two with one digest, that of the last. Made once per list: collecting,
 * merging and writing ask for it, and a build has tens of thousands of steps.
 */
export function placesOf(steps: readonly Step[]): ReadonlyMap<string, number> {
  const known = madePlaces.get(steps);
  if (known !== undefined) return known;
  const places = new Map<string, number>();
  for (let place = 0; place < steps.length; place++) places.set(steps[place]?.digest ?? "", place);
  madePlaces.set(steps, places);
  return places;
}

const madePlaces = new WeakMap<readonly Step[], ReadonlyMap<string, number>>();

export function areDistinct(steps: readonly Step[]): boolean {
  return placesOf(steps).size === steps.length;
}

/** Items of steps, each at its step's place; of two of one step the last. What is of no step is left out. */
export function atPlaces<T extends { readonly step: string }>(
  items: readonly T[],
  steps: readonly Step[],
): readonly (T | undefined)[] {
  const placed = new Array<T | undefined>(items.length === 0 ? 0 : steps.length);
  if (items.length === 0) return placed;
  const places = placesOf(steps);
  for (const item of items) {
    const place = places.get(item.step);
    if (place !== undefined) placed[place] = item;
  }
  return placed;
}

/** True when each item is of a step, and no two are of one. */
export function areOnePerStep(items: readonly { readonly step: string }[], steps: readonly Step[]): boolean {
  const places = placesOf(steps);
  const isTaken = new Uint8Array(steps.length);
  for (const { step } of items) {
    const place = places.get(step);
    if (place === undefined || isTaken[place] === 1) return false;
    isTaken[place] = 1;
  }
  return true;
}
