/**
 * Tags of older cosign versions: `sha256-<hex>.att` names a manifest with one layer for each attestation.
 * https://github.com/sigstore/cosign/blob/main/specs/ATTESTATION_SPEC.md
 */
import { rawMembers } from "../../json/raw.js";
import { bytesSource } from "../../signing/source.js";
import { annotationsText, type Descriptor } from "../descriptor.js";
import { digestOf } from "../digest.js";
import { newMembers, withList, writtenEntries, writtenEntry, type WrittenEntry } from "../list-text.js";
import { documentOf, type StoredManifest } from "../manifest.js";
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
  const own = writtenEntries(manifest.bytes, "layers");
  const change = async (current: StoredManifest | undefined): Promise<NewManifest | undefined> => {
    if (current?.content.kind !== "manifest") return manifest;
    const there = writtenEntries(current.bytes, "layers");
    const united = unitedLayers(there, own);
    if (united.length === there.length) return undefined;
    if (united.length === own.length) return manifest;
    return withLayers(store, current, united);
  };
  await changeTag(store, tag, change, timing);
}

/** Adds layers to what such a tag names; those that are there stay. Their blobs are in the store already. */
export async function addLayers(
  store: ContentStore,
  tag: string,
  added: readonly Descriptor[],
  timing: Timing,
): Promise<void> {
  // What was seen once is wanted from then on: another writer may drop it.
  let wanted: readonly WrittenEntry[] = added.map(writtenEntry);
  const change = async (current: StoredManifest | undefined): Promise<NewManifest | undefined> => {
    const isManifest = current?.content.kind === "manifest";
    const there = isManifest ? writtenEntries(current.bytes, "layers") : [];
    wanted = unitedLayers(there, wanted);
    if (wanted.length === there.length) return undefined;
    return withLayers(store, isManifest ? current : undefined, wanted);
  };
  await changeTag(store, tag, change, timing);
}

/** The layers of the first, then those of the second that are not among them. */
function unitedLayers(first: readonly WrittenEntry[], second: readonly WrittenEntry[]): WrittenEntry[] {
  const key = ({ text, descriptor }: WrittenEntry) => {
    if (descriptor === undefined) return text;
    const { digest, annotations = {} } = descriptor;
    return `${digest} ${annotationsText(annotations)}`;
  };
  const known = new Set(first.map(key));
  return [...first, ...second.filter((layer) => !known.has(key(layer)))];
}

const never = "0001-01-01T00:00:00Z";

/**
 * The manifest with these layers, and with a configuration that counts them as the layers of an image; all else that it
 * says stays.
 */
async function withLayers(
  store: ContentStore,
  current: StoredManifest | undefined,
  layers: readonly WrittenEntry[],
): Promise<NewManifest> {
  const rootfs = { type: "layers", diff_ids: layers.flatMap(({ descriptor }) => descriptor?.digest ?? []) };
  const history = layers.map(() => ({ created: never }));
  const bytes = Buffer.from(
    JSON.stringify({ architecture: "", created: never, history, os: "", rootfs, config: {} }),
  );
  const config = { mediaType: ociConfig, digest: digestOf(bytes), size: bytes.length };
  await store.pushBlob(config, bytesSource(bytes));
  const members = current === undefined ? emptyManifest : rawMembers(current.bytes);
  return documentOf(
    withList(members, "layers", layers, { config }),
    current?.descriptor.mediaType ?? ociManifest,
  );
}

const emptyManifest = newMembers({ schemaVersion: 2, mediaType: ociManifest, config: {}, layers: [] });
