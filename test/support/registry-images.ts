/** Small images, made in a store, for the tests of src/oci. */
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";

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

/** An image whose one layer is a real tar, for tools that look into it. */
export async function pushRealImage(store: ContentStore, tag?: string): Promise<Descriptor> {
  const { pack } = await import("tar-stream");
  const archive = pack();
  archive.entry({ name: "app.txt", mtime: new Date(0) }, randomBytes(16).toString("hex"));
  archive.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of archive as AsyncIterable<Uint8Array>) pieces.push(piece);
  const layer = Buffer.concat(pieces);
  const compressed = gzipSync(layer);
  const layers = [await pushBytes(store, compressed, "application/vnd.oci.image.layer.v1.tar+gzip")];
  const rootfs = { type: "layers", diff_ids: [digestOf(layer)] };
  const history = [{ created: "1970-01-01T00:00:00Z", created_by: "test" }];
  const configText = JSON.stringify({ architecture: "amd64", os: "linux", rootfs, history, config: {} });
  const config = await pushBytes(store, Buffer.from(configText), ociConfig);
  const manifest = manifestDocument({ schemaVersion: 2, mediaType: ociManifest, config, layers });
  await store.pushManifest(manifest, tag);
  return manifest.descriptor;
}
