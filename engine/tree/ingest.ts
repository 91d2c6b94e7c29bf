/** Directories and files of the machine as values: what is read is copied into the store. */
import { type BigIntStats, type Dirent, lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { EngineError } from "../graph/error.js";
import { addContent, addFile } from "../store/objects.js";
import { type Store, isErrno } from "../store/store.js";
import { directoryEntry, sorted } from "./edit.js";
import { type Selection, selectorOf } from "./match.js";
import type { StatCache } from "./stat-cache.js";
import { type Entry, type FileEntry, type Tree, fixedTime } from "./types.js";

export type IngestOptions = {
  /** Owners are kept in containers; what comes from the host belongs to root. */
  readonly keepOwners: boolean;
  readonly selection?: Selection;
  readonly cache?: StatCache;
};

const smallFile = 1n << 20n;
const entriesPerTurn = 256;

/**
 * Reads a directory. Sockets, pipes, devices and the store itself are left out; hard links become files of
 * their own.
 */
export async function ingestDirectory(store: Store, root: string, options: IngestOptions): Promise<Tree> {
  const tree = new Map<string, Entry>();
  const selector = selectorOf(options.selection ?? { include: [], exclude: [] });
  const parents = new Map<string, Entry>();
  const waiting = [""];
  let read = 0;
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    for (const item of readDirectory(join(root, directory))) {
      if (++read % entriesPerTurn === 0) await setImmediate();
      const path = directory === "" ? item.name : `${directory}/${item.name}`;
      const wanted = selector.wants(path);
      const enters = item.isDirectory() && selector.entersDirectory(path);
      if ((!wanted && !enters) || join(root, path) === store.root) continue;
      const entry = await ingestEntry(store, join(root, path), item, options);
      if (entry === undefined) continue;
      if (enters) waiting.push(path);
      if (wanted) keepWithParents(tree, parents, path, entry);
      else parents.set(path, entry);
    }
  }
  return sorted(tree);
}

/** Directories that are not wanted themselves stand in the tree when something below them does. */
function keepWithParents(
  tree: Map<string, Entry>,
  parents: ReadonlyMap<string, Entry>,
  path: string,
  entry: Entry,
): void {
  tree.set(path, entry);
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const parent = path.slice(0, end);
    const above = parents.get(parent);
    if (above !== undefined && !tree.has(parent)) tree.set(parent, above);
  }
}

/** Reads one file, following links. */
export async function ingestFile(
  store: Store,
  path: string,
  options: Pick<IngestOptions, "keepOwners" | "cache">,
): Promise<FileEntry> {
  let stats: BigIntStats;
  try {
    stats = lstatSync(path, { bigint: true });
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) {
      throw new EngineError(`${path}: no such file or directory`, {}, error);
    }
    throw error;
  }
  if (!stats.isFile())
    throw new EngineError(`${path}: ${stats.isDirectory() ? "is a directory" : "is no regular file"}`);
  return ingestContent(store, path, stats, options);
}

async function ingestEntry(
  store: Store,
  path: string,
  item: Dirent,
  options: IngestOptions,
): Promise<Entry | undefined> {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return vanished(path, item);
  const [uid, gid] = ownersOf(stats, options.keepOwners);
  if (item.isDirectory()) return directoryEntry(Number(stats.mode & 0o7777n), uid, gid);
  if (item.isSymbolicLink()) return { type: "link", target: readlinkSync(path), uid, gid, mtime: fixedTime };
  if (item.isFile()) return ingestContent(store, path, stats, options);
  return undefined;
}

/**
 * Removed since its name was read; or never reached, because the name is no UTF-8 and was read with
 * replacement characters: to leave that out would be to attest less than what is there.
 */
function vanished(path: string, item: Dirent): undefined {
  if (!item.name.includes("\ufffd")) return undefined;
  throw new EngineError(
    `${path}: a name in UTF-8 expected; rename it, or leave it out with an exclude pattern`,
  );
}

async function ingestContent(
  store: Store,
  path: string,
  stats: BigIntStats,
  { keepOwners, cache }: Pick<IngestOptions, "keepOwners" | "cache">,
): Promise<FileEntry> {
  const known = cache?.find(path, stats);
  if (known !== undefined) return known;
  const [uid, gid] = ownersOf(stats, keepOwners);
  const metadata = { mode: Number(stats.mode & 0o7777n), uid, gid };
  const entry =
    stats.size <= smallFile
      ? addContent(store, readFileSync(path), metadata)
      : await addFile(store, path, metadata);
  cache?.add(path, stats, entry);
  return entry;
}

function ownersOf(stats: BigIntStats, keepOwners: boolean): [number, number] {
  return keepOwners ? [Number(stats.uid), Number(stats.gid)] : [0, 0];
}

function readDirectory(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, "ENOENT")) throw new EngineError(`${path}: no such file or directory`, {}, error);
    if (isErrno(error, "ENOTDIR")) throw new EngineError(`${path}: not a directory`, {}, error);
    throw error;
  }
}
