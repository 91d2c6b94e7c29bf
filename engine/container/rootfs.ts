/** Work on the root of a container, as it lies on the machine: no link in it may lead out of it. */
import { lstatSync, mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, chown, lchown, lutimes, rm, symlink, utimes, copyFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";

import { EngineError } from "../graph/error.js";
import { objectPath } from "../store/objects.js";
import { type Store, isErrno } from "../store/store.js";
import { copyInto } from "../tree/checkout.js";
import type { Entry, Tree } from "../tree/types.js";
import type { Change } from "./types.js";

/**
 * The place on the machine of a path in the container. Links are followed as the container would, the last
 * part's only when asked for; parts that are missing are taken as they are.
 */
export function placeOf(root: string, path: string, followLast = true): string {
  let waiting = posix
    .normalize(`/${path}`)
    .split("/")
    .filter((part) => part !== "");
  let at: string[] = [];
  for (let links = 0; waiting.length > 0;) {
    const [part = "", ...rest] = waiting;
    waiting = rest;
    if (part === "..") {
      at = at.slice(0, -1);
      continue;
    }
    const target = followLast || rest.length > 0 ? linkTarget(join(root, ...at, part)) : undefined;
    if (target === undefined) {
      at = [...at, part];
      continue;
    }
    if (++links > 40) throw new EngineError(`${path}: too many links`);
    if (target.startsWith("/")) at = [];
    waiting = [...target.split("/").filter((each) => each !== "" && each !== "."), ...rest];
  }
  return join(root, ...at);
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isErrno(error, "EINVAL") || isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return undefined;
    throw error;
  }
}

export function kindAt(path: string): "file" | "directory" | "link" | "other" | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "link" : "other";
}

export async function applyChange(store: Store, root: string, change: Change): Promise<void> {
  switch (change.kind) {
    case "tree": {
      const target = placeOf(root, change.path);
      makeDirectory(root, target);
      await copyInto(store, ownedTree(change.tree, ownerIn(root, change.owner)), target);
      return;
    }
    case "file": {
      const target = placeOf(root, change.path);
      makeDirectory(root, dirname(target));
      if (kindAt(target) === "directory") throw new EngineError(`${change.path}: is a directory`);
      await rm(target, { force: true });
      await copyFile(objectPath(store, change.entry.object), target);
      const owner = ownerIn(root, change.owner);
      await chown(target, owner?.uid ?? change.entry.uid, owner?.gid ?? change.entry.gid);
      await chmod(target, change.entry.mode);
      await utimes(target, change.entry.mtime, change.entry.mtime);
      return;
    }
    case "link": {
      const target = placeOf(root, change.path, false);
      makeDirectory(root, dirname(target));
      await rm(target, { force: true, recursive: true });
      await symlink(change.target, target);
      await lchown(target, 0, 0);
      await lutimes(target, 0, 0);
      return;
    }
    case "remove": {
      const target = placeOf(root, change.path, false);
      if (target === root) throw new EngineError("the root can't be removed");
      await rm(target, { recursive: true, force: true });
    }
  }
}

/** Makes a directory and its parents. A file in the way is an error. */
export function makeDirectory(root: string, path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw new EngineError(`${path.slice(root.length) || "/"}: not a directory`, {}, error);
  }
}

export type Owner = { readonly uid: number; readonly gid: number };

/** Reads `user[:group]`, names or numbers; undefined for "". Without a group, it is the user's own number. */
export function ownerIn(root: string, owner: string): Owner | undefined {
  if (owner === "") return undefined;
  const [user = "", group] = owner.split(":");
  const uid = idOf(root, "/etc/passwd", user);
  return { uid, gid: group === undefined || group === "" ? uid : idOf(root, "/etc/group", group) };
}

function idOf(root: string, file: string, name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  let lines: string[] = [];
  try {
    lines = readFileSync(placeOf(root, file), "utf8").split("\n");
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
  const id = lines.map((line) => line.split(":")).find((fields) => fields[0] === name)?.[2];
  if (id === undefined)
    throw new EngineError(`owner ${JSON.stringify(name)} is not in the container's ${file}`);
  return Number(id);
}

export function ownedTree(tree: Tree, owner: Owner | undefined): Tree {
  if (owner === undefined) return tree;
  return new Map([...tree].map(([path, entry]): [string, Entry] => [path, { ...entry, ...owner }]));
}
