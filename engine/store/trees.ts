/** Listings of directories on disk, by their digest. */
import { treeDigest } from "../tree/digest.js";
import type { Entry, Tree } from "../tree/types.js";
import { holds } from "./objects.js";
import { type Store, readJson, writeWhole } from "./store.js";

export async function saveTree(store: Store, tree: Tree): Promise<string> {
  const digest = treeDigest(tree);
  await writeWhole(store, treePath(store, digest), JSON.stringify([...tree]));
  return digest;
}

/** The tree, when its listing and all its contents are there. */
export async function loadTree(store: Store, digest: string): Promise<Tree | undefined> {
  const listing = await readJson(treePath(store, digest));
  if (!Array.isArray(listing)) return undefined;
  const tree: Tree = new Map(listing as [string, Entry][]);
  const complete = [...tree.values()].every((entry) => entry.type !== "file" || holds(store, entry));
  return complete && treeDigest(tree) === digest ? tree : undefined;
}

function treePath(store: Store, digest: string): string {
  return store.path("trees", `${digest.replace("sha256:", "")}.json`);
}
