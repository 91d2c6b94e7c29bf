/**
 * Tags of older cosign versions: `sha256-<hex>.att` names a manifest with one layer for each attestation.
 * https://github.com/sigstore/cosign/blob/main/specs/ATTESTATION_SPEC.md
 */
import { bytesSource } from "../../signing/source.js";
import { bareDescriptor, type Annotations, type Descriptor } from "../descriptor.js";
import { digestOf } from "../digest.js";
import { manifestDocument, type ImageManifest, type StoredManifest } from "../manifest.js";
import { ociConfig, ociManifest } from "../media-types.js";
import type { ContentStore, NewManifest } from "../store.js";
import type { Timing } from "../timing.js";
import { changeTag } from "./tag.js";

/**
 * Sets such a tag to a manifest; where it names another one already, to the layers of both, so that neither
 * side's attestations are lost.
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
  await changeTag(store, tag, (current) => mergedManifest(store, current, manifest, content), timing);
}

async function mergedManifest(
  store: ContentStore,
  current: StoredManifest | undefined,
  manifest: StoredManifest,
  { layers }: ImageManifest,
): Promise<NewManifest | undefined> {
  if (current?.content.kind !== "manifest") return manifest;
  const united = unitedLayers(current.content.layers, layers);
  if (united.length === current.content.layers.length) return undefined;
  if (united.length === layers.length) return manifest;
  return pushConfigured(store, united, current.content.annotations);
}

/** Adds layers to what such a tag names; those that are there stay. Their blobs are in the store already. */
export async function addLayers(
  store: ContentStore,
  tag: string,
  added: readonly Descriptor[],
  timing: Timing,
): Promise<void> {
  // What was seen once is wanted from then on: another writer may drop it.
  let wanted: readonly Descriptor[] = added;
  const change = async (current: StoredManifest | undefined): Promise<NewManifest | undefined> => {
    const there = current?.content.kind === "manifest" ? current.content.layers : [];
    wanted = unitedLayers(there, wanted);
    if (wanted.length === there.length) return undefined;
    return pushConfigured(store, wanted, current?.content.annotations);
  };
  await changeTag(store, tag, change, timing);
}

/** The layers of the first, then those of the second that are not among them. */
function unitedLayers(first: readonly Descriptor[], second: readonly Descriptor[]): Descriptor[] {
  const key = ({ digest, annotations = {} }: Descriptor) =>
    `${digest} ${JSON.stringify(Object.entries(annotations).sort())}`;
  const known = new Set(first.map(key));
  return [...first, ...second.filter((layer) => !known.has(key(layer)))];
}

const never = "0001-01-01T00:00:00Z";

/** A manifest of these layers, with a configuration that counts them as the layers of an image. */
async function pushConfigured(
  store: ContentStore,
  layers: readonly Descriptor[],
  annotations: Annotations | undefined,
): Promise<NewManifest> {
  const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => digest) };
  const history = layers.map(() => ({ created: never }));
  const bytes = Buffer.from(
    JSON.stringify({ architecture: "", created: never, history, os: "", rootfs, config: {} }),
  );
  const config = { mediaType: ociConfig, digest: digestOf(bytes), size: bytes.length };
  await store.pushBlob(config, bytesSource(bytes));
  return manifestDocument({
    schemaVersion: 2,
    mediaType: ociManifest,
    config,
    layers: layers.map((layer) => ({ ...bareDescriptor(layer), ...annotated(layer.annotations) })),
    ...annotated(annotations),
  });
}

function annotated(annotations: Annotations | undefined) {
  return annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations };
}
