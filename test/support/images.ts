/**
 * Small real images for tests, assembled from given files: an OCI archive, with the manifest.json of
 * docker archives beside the layout where asked, as Dagger's asTarball writes it.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { writeOciArchive, type LayerEntry } from "../../engine/stand-ins/oci-archive.js";

/** Content of an image by path: text, or the local file that is copied in. */
export type ImageFiles = Readonly<Record<string, string | { readonly from: string }>>;

export type ImageOptions = {
  readonly architecture?: string;
  readonly dockerManifest?: boolean;
};

/** Writes a one-layer Linux image with these files to `path`; the same files give the same bytes. */
export async function imageArchive(
  path: string,
  files: ImageFiles,
  options: ImageOptions = {},
): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const layerPath = `${path}.layer`;
  const { architecture = "amd64", dockerManifest = false } = options;
  const image = { architecture, config: { WorkingDir: "/" }, entries: layerEntries(files), dockerManifest };
  await writeOciArchive(image, path, layerPath);
  await rm(layerPath);
  return path;
}

function layerEntries(files: ImageFiles): LayerEntry[] {
  const entries = new Map<string, LayerEntry>();
  for (const [name, content] of Object.entries(files)) {
    for (const folder of foldersOf(name))
      entries.set(folder, { kind: "directory", name: folder, mode: 0o755 });
    const entry =
      typeof content === "string"
        ? ({ kind: "text", text: content } as const)
        : ({ kind: "copy", from: content.from } as const);
    entries.set(name, { ...entry, name, mode: 0o755 });
  }
  return [...entries.values()];
}

function foldersOf(name: string): string[] {
  const folders = name.split("/").slice(0, -1);
  return folders.map((_, index) => folders.slice(0, index + 1).join("/"));
}

/** Files below a directory, as image content. */
export async function filesBelow(directory: string): Promise<ImageFiles> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const from = join(entry.parentPath, entry.name);
      return [from.slice(directory.length + 1), { from }];
    }),
  );
}
