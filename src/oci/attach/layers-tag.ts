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
import { changeTag, type TagChange } from "./tag.js";

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
  const longer = layersWriter(store);
  const change = changeOfLayers(own, (current, layers) =>
    current === undefined || layers.length === own.length ? manifest : longer(current, layers),
  );
  await changeTag(store, tag, change, timing);
}

/** Adds layers to what such a tag names; those that are there stay. Their blobs are in the store already. */
export async function addLayers(
  store: ContentStore,
  tag: string,
  added: readonly Descriptor[],
  timing: Timing,
): Promise<void> {
  await changeTag(store, tag, changeOfLayers(added.map(writtenEntry), layersWriter(store)), timing);
}

type WriteLayers = (
  current: StoredManifest | undefined,
  layers: readonly WrittenEntry[],
) => NewManifest | Promise<NewManifest>;

/** What was seen once is wanted from then on: another writer may drop it. */
function changeOfLayers(own: readonly WrittenEntry[], write: WriteLayers): TagChange {
  let wanted = own;
  const listedIn = (current: StoredManifest | undefined) =>
    current?.content.kind === "manifest" ? writtenEntries(current.bytes, "layers") : undefined;
  return {
    see: (current) => {
      wanted = unitedLayers(wanted, listedIn(current) ?? []);
    },
    next: (current) => {
      const there = listedIn(current);
      const united = unitedLayers(there ?? [], wanted);
      if (united.length === there?.length) return undefined;
      return write(there === undefined ? undefined : current, united);
    },
  };
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
 * Makes manifests with these layers, and with a configuration that counts them as the layers of an image; all else that
 * they say stays. A configuration is stored once: when the tag is read again, nothing comes between that and writing it.
 */
function layersWriter(store: ContentStore): WriteLayers {
  let stored = "";
  return async (current, layers) => {
    const rootfs = { type: "layers", diff_ids: layers.flatMap(({ descriptor }) => descriptor?.digest ?? []) };
    const history = layers.map(() => ({ created: never }));
    const bytes = Buffer.from(
      JSON.stringify({ architecture: "", created: never, history, os: "", rootfs, config: {} }),
    );
    const config = { mediaType: ociConfig, digest: digestOf(bytes), size: bytes.length };
    if (config.digest !== stored) await store.pushBlob(config, bytesSource(bytes));
    stored = config.digest;
    const members = current === undefined ? emptyManifest : rawMembers(current.bytes);
    return documentOf(
      withList(members, "layers", layers, { config }),
      current?.descriptor.mediaType ?? ociManifest,
    );
  };
}

const emptyManifest = newMembers({ schemaVersion: 2, mediaType: ociManifest, config: {}, layers: [] });
