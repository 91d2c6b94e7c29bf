/**
 * Values that were handed to an observed function, among the materials that its calls brought in: a directory of the
 * host that a recipe names by its path and telemetry by the argument is one thing with two names.
 */
import type { Material, MaterialKind } from "../evidence/material.js";
import { handedUri } from "../locators.js";
import { joinItems } from "./items.js";

/** Kinds that a handed value of a kind may be, once its calls are known. */
const kindsOf: Readonly<Record<string, readonly MaterialKind[]>> = {
  directory: ["host-directory"],
  file: ["host-file"],
  image: ["image"],
};

/**
 * The materials with a handed value joined to the one other that has the same content: the other is kept, with the
 * argument's name and, in `alsoAs`, its URI. Equal is what has a digest of one algorithm in common and differs in none.
 * Where others of two names have the content, nobody knows which was handed, and all of them stay.
 */
export function joinHanded(materials: readonly Material[]): Material[] {
  if (!materials.some(isHanded)) return [...materials];
  const byDigest = new Map<string, number[]>();
  for (const [index, material] of materials.entries())
    if (!isHanded(material))
      for (const key of digestsOf(material)) byDigest.set(key, [...(byDigest.get(key) ?? []), index]);
  const joined = new Map(materials.entries());
  for (const [index, material] of materials.entries()) {
    const origins = isHanded(material) ? originsOf(material, materials, byDigest) : [];
    for (const at of origins) {
      const origin = joined.get(at);
      if (origin !== undefined) joined.set(at, join(origin, material));
    }
    if (origins.length > 0) joined.delete(index);
  }
  return [...joined.values()];
}

function isHanded({ uri }: Material): boolean {
  return uri.startsWith(handedUri);
}

function* digestsOf({ digests }: Material): Generator<string> {
  for (const algorithm in digests) yield `${algorithm}:${digests[algorithm] ?? ""}`;
}

/** Where it stands: once for each call that brought it in under the same URI. */
function originsOf(
  handed: Material,
  materials: readonly Material[],
  byDigest: ReadonlyMap<string, readonly number[]>,
): number[] {
  const kinds = kindsOf[handed.kind] ?? [];
  const equal = new Set([...digestsOf(handed)].flatMap((key) => byDigest.get(key) ?? []));
  const found = [...equal].filter((index) => {
    const other = materials[index];
    return other !== undefined && kinds.includes(other.kind) && !differs(handed, other);
  });
  const uris = new Set(found.map((index) => materials[index]?.uri));
  return uris.size === 1 ? found : [];
}

function differs(one: Material, other: Material): boolean {
  return Object.entries(one.digests).some(
    ([algorithm, digest]) => other.digests[algorithm] !== undefined && other.digests[algorithm] !== digest,
  );
}

function join(origin: Material, handed: Material): Material {
  const name = origin.name ?? handed.name;
  return {
    ...joinItems(origin, handed),
    ...(name === undefined ? {} : { name }),
    digests: { ...handed.digests, ...origin.digests },
    alsoAs: [...(origin.alsoAs ?? []), handed.uri],
    steps: [...new Set([...origin.steps, ...handed.steps])],
  };
}
