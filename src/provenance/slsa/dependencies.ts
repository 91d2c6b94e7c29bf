/** `resolvedDependencies`: materials as resource descriptors. */
import type { JsonValue, ResourceDescriptor } from "../../statement/types.js";
import type { Evidence } from "../evidence.js";
import { furtherSources } from "../evidence/confirmed.js";
import type { Material } from "../evidence/material.js";
import type { ProvenanceMode } from "./types.js";

/** One descriptor per URI and digest, in the order of the evidence; the same image used twice stands once. */
export function dependenciesOf(
  { materials, confirmed }: Evidence,
  mode: ProvenanceMode,
): ResourceDescriptor[] {
  return oneEach(materials).map((material) => {
    const alsoIn = furtherSources(material, material.steps, confirmed);
    return descriptorOf(material, alsoIn, mode);
  });
}

/** Those with one URI and one set of digests joined. Most URIs stand once, and are compared no further. */
function oneEach(materials: readonly Material[]): readonly Material[] {
  const repeated = repeatedUris(materials);
  if (repeated.size === 0) return materials;
  const byIdentity = new Map<unknown, Material>();
  for (const material of materials) {
    const { uri, digests } = material;
    const identity = repeated.has(uri) ? `${uri} ${JSON.stringify(digests)}` : material;
    const same = byIdentity.get(identity);
    byIdentity.set(identity, same === undefined ? material : joined(same, material));
  }
  return [...byIdentity.values()];
}

function joined(one: Material, other: Material): Material {
  const alsoAs = [...new Set([...(one.alsoAs ?? []), ...(other.alsoAs ?? [])])];
  const steps = [...one.steps, ...other.steps];
  return { ...one, ...(alsoAs.length === 0 ? {} : { alsoAs }), steps };
}

function repeatedUris(materials: readonly Material[]): Set<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { uri } of materials)
    if (seen.has(uri)) repeated.add(uri);
    else seen.add(uri);
  return repeated;
}

function descriptorOf(
  material: Material,
  alsoIn: Material["alsoIn"],
  mode: ProvenanceMode,
): ResourceDescriptor {
  const { name, uri, digests, steps } = material;
  // Members one by one, since a build has tens of thousands of materials.
  const annotations: Record<string, JsonValue> = {
    kind: material.kind,
    source: material.source,
    exactness: material.exactness,
  };
  if (alsoIn !== undefined) annotations["alsoIn"] = alsoIn;
  if (material.alsoAs !== undefined) annotations["alsoAs"] = material.alsoAs;
  for (const field of optional) if (material[field] !== undefined) annotations[field] = material[field];
  if (mode === "MAX" && steps.length > 0) annotations["steps"] = steps;
  return {
    ...(name === undefined ? {} : { name }),
    uri,
    ...(Object.keys(digests).length === 0 ? {} : { digest: digests }),
    annotations,
  };
}

const optional = ["digestSource", "requested", "platform", "size", "missing", "unread", "git"] as const;
