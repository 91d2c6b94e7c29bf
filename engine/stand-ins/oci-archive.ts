/**
 * Writes a one-layer image as an OCI archive: a tar of an OCI image layout
 * (https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md).
 * The same input gives the same bytes: times are 0, nothing is compressed.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

import type { Pack } from "tar-stream";

import { addBytes, addFile, writeTar } from "../tar.js";

/** Something in the layer: a directory, or a file whose content is given or is that of a local file. */
export type LayerEntry = { readonly name: string; readonly mode: number } & (
  | { readonly kind: "directory" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "copy"; readonly from: string }
);

export type ImageConfig = {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly WorkingDir?: string;
};

export type OciArchive = {
  readonly architecture: string;
  readonly config: ImageConfig;
  readonly entries: readonly LayerEntry[];
  /** Adds the manifest.json of docker archives, so that `docker load` and its like read it too. */
  readonly dockerManifest?: boolean;
};

type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

/** Writes the image to `path`. The layer goes through `layerPath`, which the caller removes. */
export async function writeOciArchive(image: OciArchive, path: string, layerPath: string): Promise<void> {
  await writeTar(layerPath, (tar) => addLayerEntries(tar, image.entries));
  const layer = {
    mediaType: "application/vnd.oci.image.layer.v1.tar",
    digest: await fileDigest(layerPath),
    size: (await stat(layerPath)).size,
  };
  const config = jsonBlob("application/vnd.oci.image.config.v1+json", {
    created: "1970-01-01T00:00:00Z",
    architecture: image.architecture,
    os: "linux",
    config: image.config,
    rootfs: { type: "layers", diff_ids: [layer.digest] },
    history: [{ created: "1970-01-01T00:00:00Z", created_by: "attest: stand-in for the registry's image" }],
  });
  const manifestType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = jsonBlob(manifestType, {
    schemaVersion: 2,
    mediaType: manifestType,
    config: config.descriptor,
    layers: [layer],
  });
  await writeTar(path, async (tar) => {
    await addBytes(tar, "oci-layout", json({ imageLayoutVersion: "1.0.0" }));
    await addBytes(tar, "index.json", json({ schemaVersion: 2, manifests: [manifest.descriptor] }));
    for (const blob of [config, manifest]) await addBytes(tar, blobName(blob.descriptor), blob.bytes);
    await addFile(tar, blobName(layer), layerPath);
    if (image.dockerManifest === true) {
      const entry = { Config: blobName(config.descriptor), RepoTags: null, Layers: [blobName(layer)] };
      await addBytes(tar, "manifest.json", json([entry]));
    }
  });
}

async function addLayerEntries(tar: Pack, entries: readonly LayerEntry[]): Promise<void> {
  for (const entry of entries) {
    const { name, mode } = entry;
    switch (entry.kind) {
      case "directory":
        await addBytes(tar, name, Buffer.alloc(0), { type: "directory", mode });
        break;
      case "text":
        await addBytes(tar, name, Buffer.from(entry.text), { mode });
        break;
      case "copy":
        await addFile(tar, name, entry.from, { mode });
    }
  }
}

function jsonBlob(mediaType: string, value: unknown): { descriptor: Descriptor; bytes: Buffer } {
  const bytes = json(value);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function blobName({ digest }: Descriptor): string {
  return `blobs/${digest.replace(":", "/")}`;
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest("hex")}`;
}
