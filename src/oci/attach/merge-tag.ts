import { bareDescriptor, type Annotations, type Descriptor } from "../descriptor.js";
import { manifestDocument, type ImageManifest, type StoredManifest } from "../manifest.js";
import type { ContentStore } from "../store.js";
import type { Timing } from "../timing.js";
import { changeTag } from "./tag.js";

/**
 * Sets a tag of older cosign versions to a manifest; where it names another one already, to the layers of
 * both, so that neither side's attestations are lost.
 */
export async function mergeTag(
  store: ContentStore,
  tag: string,
  manifest: StoredManifest,
  timing: Timing,
): Promise<void> {
  const { content } = manifest;
  // Something else at such a tag is no list of attestations: it is moved as it is.
  if (content.kind === "index") return store.pushManifest(manifest, tag);
  await changeTag(store, tag, (current) => mergedManifest(current, manifest, content), timing);
}

function mergedManifest(current: StoredManifest | undefined, manifest: StoredManifest, added: ImageManifest) {
  if (current?.content.kind !== "manifest") return manifest;
  const layers = unitedLayers(current.content.layers, added.layers);
  if (layers.length === current.content.layers.length) return undefined;
  if (layers.length === added.layers.length) return manifest;
  return layeredManifest(current.content, layers);
}

/** The layers of the first, then those of the second that are not among them. */
export function unitedLayers(first: readonly Descriptor[], second: readonly Descriptor[]): Descriptor[] {
  const key = ({ digest, annotations }: Descriptor) => `${digest} ${JSON.stringify(annotations ?? {})}`;
  const known = new Set(first.map(key));
  return [...first, ...second.filter((layer) => !known.has(key(layer)))];
}

/** A manifest with other layers and all else as it was. */
function layeredManifest({ config, annotations }: ImageManifest, layers: readonly Descriptor[]) {
  return manifestDocument({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: bareDescriptor(config),
    layers: layers.map((layer) => ({
      ...bareDescriptor(layer),
      ...annotated(layer.annotations),
    })),
    ...annotated(annotations),
  });
}

function annotated(annotations: Annotations | undefined) {
  return annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations };
}
