/** What a program changed in a directory. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

import type { Store } from "../store/store.js";
import { sorted } from "./edit.js";
import { ingestDirectory } from "./ingest.js";
import { treeDigest } from "./digest.js";
import type { Entry, Tree } from "./types.js";

/**
 * The tree as it is now. `upper` holds what was written (an overlay's upper layer), `merged` shows the
 * whole. Only directories that were written to are looked at. Undefined when nothing differs.
 */
export async function ingestChanges(
  store: Store,
  before: Tree,
  upper: string,
  merged: string,
): Promise<Tree | undefined> {
  const written = await ingestDirectory(store, upper, { keepOwners: true });
  const after = new Map(before);
  const touched = [
    "",
    ...[...written].filter(([, entry]) => entry.type === "directory").map(([path]) => path),
  ];
  for (const directory of touched)
    removeMissing(after, directory, new Set(readdirSync(join(merged, directory))));
  for (const [path, entry] of written) place(after, path, entry);
  const tree = sorted(after);
  return treeDigest(tree) === treeDigest(before) ? undefined : tree;
}

/** Takes out children that the merged directory no longer has. */
function removeMissing(tree: Map<string, Entry>, directory: string, present: ReadonlySet<string>): void {
  const prefix = directory === "" ? "" : `${directory}/`;
  for (const path of [...tree.keys()]) {
    if (!path.startsWith(prefix) || path === directory) continue;
    const [child = ""] = path.slice(prefix.length).split("/");
    if (!present.has(child)) tree.delete(path);
  }
}

function place(tree: Map<string, Entry>, path: string, entry: Entry): void {
  const replaced = tree.get(path);
  if (replaced?.type === "directory" && entry.type !== "directory") removeMissing(tree, path, new Set());
  tree.set(path, entry);
}
