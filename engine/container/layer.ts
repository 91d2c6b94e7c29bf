/** Turns changes of files into an image layer. */
import { posix } from "node:path";

import { EngineError } from "../graph/error.js";
import type { EngineServices } from "../services.js";
import { memoKey, recall, remember } from "../store/memo.js";
import { identity } from "../tree/edit.js";
import { treeDigest } from "../tree/digest.js";
import { applyChange } from "./rootfs.js";
import type { Change, Root } from "./types.js";

/** The image that a root is; made when its changes have none yet. */
export async function imageOf(services: EngineServices, root: Root): Promise<string> {
  const { store, buildah } = services;
  if (root.image !== undefined && root.changes.length === 0) return root.image;
  const key = memoKey("layer", [root.image ?? null, root.changes.map(changeKey)]);
  const known = await recall(store, key, isImage);
  if (known !== undefined && buildah.has(known.image)) return known.image;
  const working = await buildah.working(root.image);
  try {
    for (const change of root.changes) await applyChange(store, working.root, change);
    const image = await working.commit();
    await remember(store, key, { image });
    return image;
  } finally {
    await working.remove();
  }
}

/** The same root with nothing left to do. */
export async function settledRoot(
  services: EngineServices,
  root: Root,
): Promise<Root & { readonly image: string }> {
  const image = await imageOf(services, root);
  if (root.image === image) return { ...root, image };
  return { image, changes: [], history: [...root.history, { created_by: changesLine(root.changes) }] };
}

/** As Dagger's engine describes a layer. It makes one for each change, where here several may be in one. */
function changesLine(changes: readonly Change[]): string {
  return changes.map(changeLine).join(", ") || "scratch";
}

function changeLine(change: Change): string {
  const path = posix.join("/", change.path);
  switch (change.kind) {
    case "tree":
      return "Directory.withDirectory";
    case "file":
      return `withfile ${path} ${posix.basename(path)}`;
    case "link":
      return `symlink ${path} -> ${change.target}`;
    case "remove":
      return `without ${path}`;
  }
}

function changeKey(change: Change): unknown {
  switch (change.kind) {
    case "tree":
      return [change.kind, change.path, treeDigest(change.tree), change.owner];
    case "file":
      return [change.kind, change.path, identity(change.entry), change.owner];
    case "link":
      return [change.kind, change.path, change.target];
    case "remove":
      return [change.kind, change.path];
  }
}

function isImage(value: unknown): value is { image: string } {
  return typeof value === "object" && value !== null && "image" in value && typeof value.image === "string";
}

export function requireAbsolute(path: string): string {
  if (!path.startsWith("/")) throw new EngineError(`${path}: an absolute path expected`);
  return path;
}
