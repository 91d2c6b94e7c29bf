/** Trees laid out on disk. */
import { randomBytes } from "node:crypto";
import { existsSync, linkSync } from "node:fs";
import {
  chmod,
  chown,
  constants,
  copyFile,
  lchown,
  lutimes,
  mkdir,
  rename,
  rm,
  symlink,
  utimes,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { objectOf, objectPath } from "../store/objects.js";
import { type Store, moveWhole } from "../store/store.js";
import { treeDigest } from "./digest.js";
import { makeUserDirectory } from "./make-user-directory.js";
import { type Entry, type FileEntry, type Tree, fixedTime } from "./types.js";

/** What is being laid out: a function and an exec often ask for the same directory at once. */
const unfinished = new Map<string, Promise<string>>();

/**
 * A directory that holds the tree, made once. Its files are the store's own objects: it may be read,
 * or be the lower layer of an overlay, and must never be written to.
 */
export function checkout(store: Store, tree: Tree): Promise<string> {
  const path = store.path("checkouts", treeDigest(tree).replace("sha256:", ""));
  const begun = unfinished.get(path) ?? makeCheckout(store, tree, path);
  unfinished.set(path, begun);
  return begun.finally(() => unfinished.delete(path));
}

async function makeCheckout(store: Store, tree: Tree, path: string): Promise<string> {
  if (existsSync(path)) return path;
  const temporary = store.temporary("checkout");
  await mkdir(temporary, { mode: 0o755 });
  // Without waiting for each: a tree of tens of thousands of files is made of links alone.
  await layOut(tree, temporary, (entry, target) => linkSync(objectOf(store, entry), target));
  await moveWhole(temporary, path);
  return path;
}

/**
 * Writes a tree into the root of a container, as files of their own. What is there and not in the tree stays.
 */
export async function copyInto(store: Store, tree: Tree, directory: string): Promise<void> {
  await layOut(tree, directory, async (entry, target) => {
    await rm(target, { recursive: true, force: true });
    await copyFile(objectPath(store, entry.object), target);
    await applyMetadata(target, entry);
  });
}

/** Writes a tree into a directory of the user's. A file is replaced whole: it never stands there half-written. */
export async function exportTree(store: Store, tree: Tree, directory: string): Promise<void> {
  await makeUserDirectory(directory);
  await layOut(tree, directory, (entry, target) => exportFile(store, entry, target));
}

export async function exportFile(store: Store, entry: FileEntry, target: string): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString("hex")}`);
  try {
    await copyFile(objectPath(store, entry.object), temporary, constants.COPYFILE_FICLONE);
    await chmod(temporary, entry.mode);
    if (entry.mtime === fixedTime) await utimes(temporary, new Date(), new Date());
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

const entriesPerTurn = 256;

async function layOut(
  tree: Tree,
  root: string,
  placeFile: (entry: FileEntry, target: string) => Promise<void> | void,
): Promise<void> {
  const directories: [string, Entry][] = [];
  let placed = 0;
  for (const [path, entry] of tree) {
    if (++placed % entriesPerTurn === 0) await setImmediate();
    const target = join(root, path);
    if (entry.type === "directory") {
      await mkdir(target, { recursive: true });
      directories.push([target, entry]);
    } else if (entry.type === "link") {
      await rm(target, { recursive: true, force: true });
      await symlink(entry.target, target);
      await lchown(target, entry.uid, entry.gid);
      await lutimes(target, entry.mtime, entry.mtime);
    } else {
      await placeFile(entry, target);
    }
  }
  // Last, and the deepest first: writing into a directory changes its time, and its mode may forbid it.
  for (const [target, entry] of directories.reverse()) await applyMetadata(target, entry);
}

async function applyMetadata(target: string, entry: Entry): Promise<void> {
  if (entry.type === "link") return;
  await chown(target, entry.uid, entry.gid);
  await chmod(target, entry.mode);
  await utimes(target, entry.mtime, entry.mtime);
}
