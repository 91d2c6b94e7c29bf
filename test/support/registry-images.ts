/** Small images, made in a store, for the tests of src/oci. */
import { randomBytes } from "node:crypto";

import type { Descriptor } from "../../src/oci/descriptor.js";
import { digestOf } from "../../src/oci/digest.js";
import { manifestDocument } from "../../src/oci/manifest.js";
import { ociConfig, ociIndex, ociManifest } from "../../src/oci/media-types.js";
import type { ContentStore } from "../../src/oci/store.js";
import { bytesSource } from "../../src/signing/source.js";

export function descriptorOf(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

export async function pushBytes(
  store: ContentStore,
  bytes: Uint8Array,
  mediaType: string,
): Promise<Descriptor> {
  const descriptor = descriptorOf(bytes, mediaType);
  await store.pushBlob(descriptor, bytesSource(bytes));
  return descriptor;
}

/** A one-layer image of a platform; its content is random unless given. */
export async function pushImage(
  store: ContentStore,
  tag?: string,
  architecture = "amd64",
  layer: Uint8Array = randomBytes(512),
): Promise<Descriptor> {
  const layers = [await pushBytes(store, layer, "application/vnd.oci.image.layer.v1.tar+gzip")];
  const rootfs = { type: "layers", diff_ids: [digestOf(layer)] };
  const configText = JSON.stringify({ architecture, os: "linux", rootfs, config: {} });
  const config = await pushBytes(store, Buffer.from(configText), ociConfig);
  const manifest = manifestDocument({ schemaVersion: 2, mediaType: ociManifest, config, layers });
  await store.pushManifest(manifest, tag);
  return manifest.descriptor;
}

/** An index of two platforms; returns it and its manifests. */
export async function pushIndex(store: ContentStore, tag?: string) {
  const amd64 = await pushImage(store, undefined, "amd64");
  const arm64 = await pushImage(store, undefined, "arm64");
  const manifests = [
    { ...amd64, platform: { architecture: "amd64", os: "linux" } },
    { ...arm64, platform: { architecture: "arm64", os: "linux", variant: "v8" } },
  ];
  const index = manifestDocument({ schemaVersion: 2, mediaType: ociIndex, manifests });
  await store.pushManifest(index, tag);
  return { index: index.descriptor, amd64, arm64 };
}
