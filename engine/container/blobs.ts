/** Layers of images as the blobs that registries and layouts hold: compressed once, and kept by digest. */
import { existsSync, statSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { EngineServices } from "../services.js";
import { memoKey, recall, remember } from "../store/memo.js";
import type { Store } from "../store/store.js";

export type Compression = "gzip" | "zstd" | "none";

export type LayerBlob = {
  readonly digest: string;
  readonly size: number;
  /** Digest of the layer's tar before it was compressed. */
  readonly diffId: string;
};

export function blobPath(store: Store, digest: string): string {
  return store.path("layouts", "blobs", digest.replace(":", "/"));
}

/** The layers of an image of the storage, the lowest first. */
export async function layerBlobs(
  services: EngineServices,
  image: string,
  compression: Compression,
): Promise<readonly LayerBlob[]> {
  const { store } = services;
  const key = memoKey("layers", [image, compression]);
  const known = await recall(store, key, areBlobs);
  if (known?.every((blob) => isThere(store, blob))) return known;
  const layout = store.temporary("layout");
  try {
    await services.report.during("compress layers", () =>
      services.buildah.output([
        ...["push", "--quiet", "--format", "oci"],
        ...(compression === "none" ? ["--disable-compression"] : ["--compression-format", compression]),
        ...[image, `oci:${layout}:image`],
      ]),
    );
    const blobs = await readLayers(layout);
    for (const { digest } of blobs) await keepBlob(store, layout, digest);
    await remember(store, key, blobs);
    return blobs;
  } finally {
    await rm(layout, { recursive: true, force: true });
  }
}

type Layout = {
  readonly index: { readonly manifests: readonly [{ readonly digest: string }] };
  readonly manifest: {
    readonly config: { readonly digest: string };
    readonly layers: readonly { readonly digest: string; readonly size: number }[];
  };
  readonly config: { readonly rootfs: { readonly diff_ids: readonly string[] } };
};

/** Reads what Buildah wrote; its form is Buildah's promise. */
async function readLayers(layout: string): Promise<LayerBlob[]> {
  const read = async (path: string): Promise<unknown> =>
    JSON.parse(await readFile(join(layout, path), "utf8"));
  const blob = (digest: string): Promise<unknown> => read(`blobs/${digest.replace(":", "/")}`);
  const index = (await read("index.json")) as Layout["index"];
  const manifest = (await blob(index.manifests[0].digest)) as Layout["manifest"];
  const config = (await blob(manifest.config.digest)) as Layout["config"];
  return manifest.layers.map(({ digest, size }, at) => ({
    digest,
    size,
    diffId: config.rootfs.diff_ids[at] ?? digest,
  }));
}

/** A layer that stands twice in an image has one blob. */
async function keepBlob(store: Store, layout: string, digest: string): Promise<void> {
  const from = join(layout, "blobs", digest.replace(":", "/"));
  if (!existsSync(from)) return;
  await mkdir(dirname(blobPath(store, digest)), { recursive: true });
  await rename(from, blobPath(store, digest));
}

function isThere(store: Store, { digest, size }: LayerBlob): boolean {
  return statSync(blobPath(store, digest), { throwIfNoEntry: false })?.size === size;
}

function areBlobs(value: unknown): value is readonly LayerBlob[] {
  return (
    Array.isArray(value) &&
    value.every((each) => typeof each === "object" && each !== null && "diffId" in each)
  );
}
