/** New trees from old ones. Nothing here touches the disk. */
import { posix } from "node:path";

import { EngineError } from "../graph/error.js";
import {
  type DirectoryEntry,
  type Entry,
  type FileEntry,
  type LinkEntry,
  type Tree,
  fixedTime,
} from "./types.js";

export const emptyTree: Tree = new Map();

/** "" for the root. Leading slashes and dots go; a path out of the tree is refused. */
export function normalPath(path: string): string {
  const normal = posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, "");
  const depth = path
    .split("/")
    .reduce(
      (at, part) =>
        part === "" || part === "."
          ? at
          : part === ".."
            ? { now: at.now - 1, low: Math.min(at.low, at.now - 1) }
            : { ...at, now: at.now + 1 },
      { now: 0, low: 0 },
    );
  if (depth.low < 0 && !path.startsWith("/"))
    throw new EngineError(`path ${JSON.stringify(path)} leaves the directory`);
  return normal;
}

export function directoryEntry(mode = 0o755, uid = 0, gid = 0): DirectoryEntry {
  return { type: "directory", mode, uid, gid, mtime: fixedTime };
}

/** Follows links in all but, if `followLast` is false, the last part. Returns the real path; undefined when nothing is there. */
export function resolvePath(tree: Tree, path: string, followLast = true): string | undefined {
  let waiting = normalPath(path)
    .split("/")
    .filter((part) => part !== "");
  let at = "";
  for (let links = 0; waiting.length > 0;) {
    const [part = "", ...rest] = waiting;
    waiting = rest;
    if (part === ".") continue;
    if (part === "..") {
      at = at.includes("/") ? at.slice(0, at.lastIndexOf("/")) : "";
      continue;
    }
    const next = at === "" ? part : `${at}/${part}`;
    const entry = tree.get(next);
    if (entry === undefined) return undefined;
    if (entry.type === "link" && (rest.length > 0 || followLast)) {
      if (++links > 40) return undefined;
      if (entry.target.startsWith("/")) at = "";
      waiting = [...entry.target.split("/").filter((each) => each !== ""), ...rest];
      continue;
    }
    at = next;
  }
  return at;
}

export function childPrefix(path: string): string {
  return path === "" ? "" : `${path}/`;
}

/** The directory at a path, as a tree of its own. */
export function subTree(tree: Tree, path: string): Tree {
  const at = resolvePath(tree, path);
  const entry = at === undefined ? undefined : at === "" ? directoryEntry() : tree.get(at);
  if (at === undefined || entry === undefined) throw new EngineError(`${path}: no such file or directory`);
  if (entry.type !== "directory") throw new EngineError(`${path}: not a directory`);
  if (at === "") return tree;
  const prefix = childPrefix(at);
  return new Map(
    [...tree].flatMap(([name, each]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), each]] : [])),
  );
}

export function fileAt(tree: Tree, path: string): FileEntry {
  const at = resolvePath(tree, path);
  const entry = at === undefined ? undefined : tree.get(at);
  if (entry === undefined) {
    throw new EngineError(
      at === "" ? `${path}: is a directory, not a file` : `${path}: no such file or directory`,
    );
  }
  if (entry.type !== "file") throw new EngineError(`${path}: is a directory, not a file`);
  return entry;
}

/** Puts entries into a tree; what stood at their paths goes, directories merge. */
export function withEntries(tree: Tree, added: Iterable<readonly [string, Entry]>): Tree {
  const result = new Map(tree);
  for (const [path, entry] of added) put(result, path, entry);
  return sorted(result);
}

export function withFileEntry(tree: Tree, path: string, entry: FileEntry | LinkEntry): Tree {
  return withEntries(tree, [[targetPath(tree, path), entry]]);
}

export function withTree(
  tree: Tree,
  path: string,
  source: Tree,
  root: DirectoryEntry = directoryEntry(),
): Tree {
  const at = targetPath(tree, path);
  const prefix = childPrefix(at);
  const moved = [...source].map(([name, entry]): [string, Entry] => [`${prefix}${name}`, entry]);
  return withEntries(tree, at === "" ? moved : [[at, root], ...moved]);
}

/** Removes what is at a path, below it too; nothing there is no error. */
export function withoutPath(tree: Tree, path: string): Tree {
  const at = targetPath(tree, path);
  if (at === "") return emptyTree;
  const prefix = childPrefix(at);
  return new Map([...tree].filter(([name]) => name !== at && !name.startsWith(prefix)));
}

/** Where a path is written to: links in its parents are followed, missing parents are not. */
function targetPath(tree: Tree, path: string): string {
  const normal = normalPath(path);
  const parts = normal.split("/");
  for (let kept = parts.length - 1; kept > 0; kept--) {
    const parent = resolvePath(tree, parts.slice(0, kept).join("/"));
    if (parent !== undefined) return `${childPrefix(parent)}${parts.slice(kept).join("/")}`;
  }
  return normal;
}

function put(tree: Map<string, Entry>, path: string, entry: Entry): void {
  if (path === "") return;
  const parts = path.split("/");
  for (let depth = 1; depth < parts.length; depth++) {
    const parent = parts.slice(0, depth).join("/");
    const there = tree.get(parent);
    if (there === undefined) tree.set(parent, directoryEntry());
    else if (there.type !== "directory") throw new EngineError(`${parent}: not a directory`);
  }
  const replaced = tree.get(path);
  if (replaced?.type === "directory" && entry.type !== "directory") {
    throw new EngineError(`${path}: is a directory; remove it before a file takes its place`);
  }
  tree.set(path, entry);
}

/** By path, so that the same entries give the same listing whatever their history. */
export function sorted(tree: ReadonlyMap<string, Entry>): Tree {
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** What is in `other` and not the same in `tree`: the new and the changed, with their parents. */
export function differenceOf(tree: Tree, other: Tree): Tree {
  const changed = [...other].filter(([path, entry]) => {
    const before = tree.get(path);
    return before === undefined || (entry.type !== "directory" && !isSame(before, entry));
  });
  return withEntries(emptyTree, changed);
}

function isSame(a: Entry, b: Entry): boolean {
  return JSON.stringify(identity(a)) === JSON.stringify(identity(b));
}

/** What counts of an entry: not which object happens to hold its content. */
export function identity(entry: Entry): readonly unknown[] {
  switch (entry.type) {
    case "file":
      return ["f", entry.sha256, entry.size, entry.mode, entry.uid, entry.gid, entry.mtime];
    case "directory":
      return ["d", entry.mode, entry.uid, entry.gid, entry.mtime];
    case "link":
      return ["l", entry.target, entry.uid, entry.gid, entry.mtime];
  }
}
