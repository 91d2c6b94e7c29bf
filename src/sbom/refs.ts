/**
 * Trivy gives a random UUID as bom-ref to each component without a unique purl, and sorts by it. Here
 * such references are named by content instead: by the component itself and its place in the graph
 * of dependencies, so that the same input gives the same references in the same order.
 */
import { createHash } from "node:crypto";

import { isObject } from "../statement/json-value.js";
import { canonicalOrder } from "./canonical-order.js";
import { byCodeUnits, mapObjects, mapStrings, objectsIn, push, stringsIn, update } from "./edit.js";
import type { SbomDocument } from "./types.js";
import { nameBasedUuid } from "./uuid.js";

type Component = Readonly<Record<string, unknown>>;
type Names = ReadonlyMap<string, string>;

const randomRef = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The CycloneDX document with random references renamed; the same document where there are none. */
export function nameRandomRefs(document: SbomDocument, namespace: string): SbomDocument {
  const components = randomlyNamed(document);
  if (components.size === 0) return document;
  const names = nameAll(components, edgesOf(document), namespace);
  const renamed = mapStrings(document, (text) => names.get(text) ?? text);
  return isObject(renamed) ? sorted(renamed) : document;
}

function randomlyNamed(document: SbomDocument): Map<string, Component> {
  const found = new Map<string, Component>();
  const visit = (component: Component): void => {
    const ref = component["bom-ref"];
    if (typeof ref === "string" && randomRef.test(ref)) found.set(ref, component);
    objectsIn(component["components"]).forEach(visit);
  };
  const metadata = document["metadata"];
  if (isObject(metadata) && isObject(metadata["component"])) visit(metadata["component"]);
  visit(document);
  return found;
}

type Edges = { readonly below: Map<string, string[]>; readonly above: Map<string, string[]> };

function edgesOf(document: SbomDocument): Edges {
  const edges: Edges = { below: new Map(), above: new Map() };
  for (const { ref, dependsOn } of objectsIn(document["dependencies"])) {
    if (typeof ref !== "string") continue;
    for (const target of stringsIn(dependsOn)) {
      push(edges.below, ref, target);
      push(edges.above, target, ref);
    }
  }
  return edges;
}

/** Each reference's new name: from what the component says, and its number among those that say the same. */
function nameAll(components: ReadonlyMap<string, Component>, edges: Edges, namespace: string): Names {
  const contents = new Map([...components].map(([ref, component]) => [ref, hash(contentOf(component))]));
  const counts = new Map<string, number>();
  const names = new Map<string, string>();
  for (const ref of canonicalOrder({ contents, ...edges })) {
    const content = contents.get(ref) ?? "";
    const number = counts.get(content) ?? 0;
    counts.set(content, number + 1);
    names.set(ref, nameBasedUuid(namespace, [`${content} ${number}`]));
  }
  return names;
}

function contentOf(component: Component): string {
  return JSON.stringify(component, (key, value: unknown) => (key === "bom-ref" ? undefined : value));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function sorted(document: SbomDocument): SbomDocument {
  const byKey = (key: string) => (value: unknown) =>
    Array.isArray(value) ? value.toSorted((a, b) => byCodeUnits(textOf(a, key), textOf(b, key))) : value;
  const sortStrings = (value: unknown): unknown => stringsIn(value).sort(byCodeUnits);
  return update(document, {
    components: byKey("bom-ref"),
    dependencies: (value) =>
      byKey("ref")(mapObjects(value, (dependency) => update(dependency, { dependsOn: sortStrings }))),
  });
}

function textOf(value: unknown, key: string): string {
  const text = isObject(value) ? value[key] : undefined;
  return typeof text === "string" ? text : "";
}
