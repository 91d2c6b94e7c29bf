/** `resolvedDependencies`: materials as resource descriptors. */
import type { JsonValue, ResourceDescriptor } from "../../statement/types.js";
import { type Evidence, furtherSources, type Material } from "../evidence.js";
import type { ProvenanceMode } from "./types.js";

/** One descriptor per URI and digest, in the order of the evidence; the same image used twice stands once. */
export function dependenciesOf(
  { materials, confirmed }: Evidence,
  mode: ProvenanceMode,
): ResourceDescriptor[] {
  const byIdentity = new Map<string, Material>();
  for (const material of materials) {
    const identity = `${material.uri} ${JSON.stringify(material.digests)}`;
    const same = byIdentity.get(identity);
    const steps = same === undefined ? material.steps : [...same.steps, ...material.steps];
    byIdentity.set(identity, same === undefined ? material : { ...same, steps });
  }
  return [...byIdentity.values()].map((material) => {
    const alsoIn = furtherSources(material, material.steps, confirmed);
    return descriptorOf(material, alsoIn, mode);
  });
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
