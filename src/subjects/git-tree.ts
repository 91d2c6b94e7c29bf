/**
 * Git tree objects (SHA-1), as `git add --all --force` and `git write-tree` make them of the same
 * content when no attribute or setting converts it.
 * https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
 */
import { createHash, type Hash } from "node:crypto";

import type { BytePath, DirectoryEntry } from "./directory-walk.js";

/** Builds the id of a tree; entries come ordered by path, a directory before what is in it. */
export type GitTreeBuilder = {
  addDirectory(path: BytePath): void;
  /** `id` is the blob's: of a file's content or of a link's target. */
  addBlob(entry: DirectoryEntry, id: Buffer): void;
  /** The tree's id in lower-case hex, or why git can't have one. */
  finish(): { readonly id: string } | { readonly reason: string };
};

type TreeItem = { readonly mode: string; readonly name: BytePath; readonly id: Buffer };

/** Starts the hash of a git object: `<type> SP <size> NUL`, then its content. */
export function gitObjectHash(type: "blob" | "tree", size: number): Hash {
  return createHash("sha1").update(`${type} ${size}\0`);
}

export function gitTreeBuilder(): GitTreeBuilder {
  const trees = new Map<BytePath, TreeItem[]>([["", []]]);
  let reason: string | undefined;
  const takes = (path: BytePath) => {
    if (isInOwnGitDirectory(path)) return false;
    reason ??= whyGitRefuses(path);
    return true;
  };
  return {
    addDirectory: (path) => {
      if (takes(path)) trees.set(path, []);
    },
    addBlob: (entry, id) => {
      if (takes(entry.path)) addItem(trees, entry.path, modeOf(entry), id);
    },
    finish: () => (reason === undefined ? { id: hashTrees(trees).toString("hex") } : { reason }),
  };
}

/** From the deepest tree up. A tree without entries is left out of its parent, since git has none. */
function hashTrees(trees: ReadonlyMap<BytePath, TreeItem[]>): Buffer {
  const paths = [...trees.keys()].reverse();
  for (const path of paths) {
    const items = trees.get(path) ?? [];
    if (path !== "" && items.length > 0) addItem(trees, path, "40000", hashTree(items));
  }
  return hashTree(trees.get("") ?? []);
}

function addItem(trees: ReadonlyMap<BytePath, TreeItem[]>, path: BytePath, mode: string, id: Buffer): void {
  const slash = path.lastIndexOf("/");
  const parent = slash === -1 ? "" : path.slice(0, slash);
  trees.get(parent)?.push({ mode, name: path.slice(slash + 1), id });
}

function hashTree(items: readonly TreeItem[]): Buffer {
  const ordered = items
    .map((item) => ({ item, key: item.mode === "40000" ? `${item.name}/` : item.name }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const content = Buffer.concat(
    ordered.flatMap(({ item }) => [Buffer.from(`${item.mode} ${item.name}\0`, "latin1"), item.id]),
  );
  return gitObjectHash("tree", content.length).update(content).digest();
}

function modeOf(entry: DirectoryEntry): string {
  if (entry.kind === "link") return "120000";
  return entry.kind === "file" && entry.isExecutable ? "100755" : "100644";
}

/** The directory's own repository is not part of its tree. */
function isInOwnGitDirectory(path: BytePath): boolean {
  return path === ".git" || path.startsWith(".git/");
}

/** Git takes no entry of this name, and records a nested repository as a commit that is not known here. */
function whyGitRefuses(path: BytePath): string | undefined {
  const names = path.split("/");
  const at = names.findIndex((name) => name.toLowerCase() === ".git");
  if (at === -1) return undefined;
  const shownPath = Buffer.from(names.slice(0, at + 1).join("/"), "latin1").toString("utf8");
  return `git has no tree with ${JSON.stringify(shownPath)} in it`;
}
