/** `resolvedDependencies`: materials as resource descriptors. */
import type { JsonValue, ResourceDescriptor } from "../../statement/types.js";
import type { Material } from "../evidence.js";
import type { ProvenanceMode } from "./types.js";

/** One descriptor per URI and digest, in the order of the evidence; the same image used twice stands once. */
export function dependenciesOf(materials: readonly Material[], mode: ProvenanceMode): ResourceDescriptor[] {
  const byIdentity = new Map<string, Material>();
  for (const material of materials) {
    const identity = `${material.uri} ${JSON.stringify(material.digests)}`;
    const same = byIdentity.get(identity);
    const steps = same === undefined ? material.steps : [...same.steps, ...material.steps];
    byIdentity.set(identity, same === undefined ? material : { ...same, steps });
  }
  return [...byIdentity.values()].map((material) => descriptorOf(material, mode));
}

function descriptorOf(material: Material, mode: ProvenanceMode): ResourceDescriptor {
  const { name, uri, digests, size } = material;
  const annotations: Record<string, JsonValue> = {
    kind: material.kind,
    source: material.source,
    exactness: material.exactness,
    ...given("alsoIn", material.alsoIn),
    ...given("digestSource", material.digestSource),
    ...given("requested", material.requested),
    ...given("platform", material.platform),
    ...given("size", size),
    ...given("missing", material.missing),
    ...given("unread", material.unread),
    ...given("git", material.git),
    ...(mode === "MAX" && material.steps.length > 0 ? { steps: material.steps } : {}),
  };
  return {
    ...(name === undefined ? {} : { name }),
    uri,
    ...(Object.keys(digests).length === 0 ? {} : { digest: digests }),
    annotations,
  };
}

function given(name: string, value: JsonValue | undefined): Record<string, JsonValue> {
  return value === undefined ? {} : { [name]: value };
}
