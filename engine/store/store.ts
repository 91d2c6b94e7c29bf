/**
 * The store: a directory that engines share. Everything in it is written under a temporary name and
 * renamed when whole; a name that is there is complete.
 *
 *   objects/   contents of files, by sha256 and metadata       trees/    listings of directories, by digest
 *   checkouts/ directories laid out on disk, by digest          memo/     results of expensive work, by key
 *   layouts/   layers of images as blobs, by image              caches/   cache volumes
 *   containers/ Buildah's own storage                           work/     one directory per running engine
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { ownerName } from "./owner.js";

const parts = ["objects", "trees", "checkouts", "memo", "layouts", "caches", "containers", "work"] as const;

export type Store = {
  readonly root: string;
  readonly path: (part: (typeof parts)[number], ...names: string[]) => string;
  /** This engine's own directory, removed when it ends. */
  readonly work: string;
  /** A fresh name in the work directory. */
  readonly temporary: (hint: string) => string;
};

export function openStore(root: string): Store {
  for (const part of parts) mkdirSync(join(root, part), { recursive: true, mode: 0o700 });
  const work = join(root, "work", `${ownerName()}-${randomBytes(4).toString("hex")}`);
  mkdirSync(work, { mode: 0o700 });
  let count = 0;
  return {
    root,
    path: (part, ...names) => join(root, part, ...names),
    work,
    temporary: (hint) => join(work, `${hint}-${++count}`),
  };
}

/** Writes a file that is there whole or not at all, also after a crash. */
export async function writeWhole(store: Store, path: string, content: string | Uint8Array): Promise<void> {
  const temporary = store.temporary("write");
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await mkdir(dirname(path), { recursive: true });
  await rename(temporary, path);
}

/**
 * Moves a directory that was made in the work directory to its name. When another engine was faster,
 * its directory stays: both hold the same.
 */
export async function moveWhole(temporary: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await rename(temporary, path);
  } catch (error) {
    if (!isErrno(error, "ENOTEMPTY") && !isErrno(error, "EEXIST")) throw error;
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The parsed content of a JSON file; undefined when there is none. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
