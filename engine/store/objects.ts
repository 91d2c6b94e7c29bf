/**
 * Contents of files. An object is a file named by its sha256 and its metadata, and it has that metadata:
 * checkouts are hard links to objects, so what shares an inode must agree on all of it.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  createReadStream,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { Readable } from "node:stream";

import { type FileEntry, fixedTime } from "../tree/types.js";
import { type Store, isErrno } from "./store.js";

export type Metadata = Pick<FileEntry, "mode" | "uid" | "gid" | "mtime">;

const plain: Metadata = { mode: 0o644, uid: 0, gid: 0, mtime: fixedTime };

export function objectPath(store: Store, object: string): string {
  return store.path("objects", object.slice(0, 2), object);
}

/** Keeps content that is at hand. Synchronous: a tree of many small files comes through here. */
export function addContent(
  store: Store,
  content: string | Uint8Array,
  metadata: Partial<Metadata> = {},
): FileEntry {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const entry = entryOf(sha256, bytes.length, { ...plain, ...metadata });
  if (!holds(store, entry)) {
    const temporary = store.temporary("object");
    writeFileSync(temporary, bytes, { mode: 0o600, flag: "wx" });
    settle(store, temporary, entry);
  }
  return entry;
}

/** Keeps a copy of a file. The copy is what is hashed: the file may change meanwhile. */
export async function addFile(
  store: Store,
  path: string,
  metadata: Partial<Metadata> = {},
): Promise<FileEntry> {
  return addStream(store, createReadStream(path, { highWaterMark: 1 << 20 }), metadata);
}

export async function addStream(
  store: Store,
  source: Readable,
  metadata: Partial<Metadata> = {},
): Promise<FileEntry> {
  const temporary = store.temporary("object");
  const hash = createHash("sha256");
  let size = 0;
  const file = await open(temporary, "wx", 0o600);
  try {
    for await (const chunk of source) {
      if (!(chunk instanceof Uint8Array)) throw new Error("a stream of bytes expected");
      hash.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  const entry = entryOf(hash.digest("hex"), size, { ...plain, ...metadata });
  settle(store, temporary, entry);
  return entry;
}

/** Keeps a file of the work directory by moving it. */
export async function adoptFile(
  store: Store,
  path: string,
  metadata: Partial<Metadata> = {},
): Promise<FileEntry> {
  const temporary = store.temporary("object");
  await rename(path, temporary);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(temporary, { highWaterMark: 1 << 20 })) {
    if (chunk instanceof Uint8Array) hash.update(chunk);
  }
  const entry = entryOf(hash.digest("hex"), statSync(temporary).size, { ...plain, ...metadata });
  settle(store, temporary, entry);
  return entry;
}

/** The path of an object that has the entry's content and its metadata. */
export function objectOf(store: Store, entry: FileEntry): string {
  const wanted = entryOf(entry.sha256, entry.size, entry);
  if (!holds(store, wanted)) {
    const temporary = store.temporary("object");
    copyFileSync(objectPath(store, entry.object), temporary);
    settle(store, temporary, wanted);
  }
  return objectPath(store, wanted.object);
}

/** Whether the entry's content is there. A file cut short by a power failure counts as absent. */
export function holds(store: Store, entry: FileEntry): boolean {
  try {
    return statSync(objectPath(store, entry.object)).size === entry.size;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

function entryOf(sha256: string, size: number, { mode, uid, gid, mtime }: Metadata): FileEntry {
  const object = `${sha256}.${mode.toString(8)}.${uid}.${gid}.${mtime}`;
  return { type: "file", sha256, size, mode, uid, gid, mtime, object };
}

function settle(store: Store, temporary: string, entry: FileEntry): void {
  const path = objectPath(store, entry.object);
  if (holds(store, entry)) {
    rmSync(temporary, { force: true });
    return;
  }
  chownSync(temporary, entry.uid, entry.gid);
  chmodSync(temporary, entry.mode);
  utimesSync(temporary, entry.mtime, entry.mtime);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  renameSync(temporary, path);
}
