import { lstatSync, readlinkSync } from "node:fs";
import { readdir } from "node:fs/promises";

import { AttestError, type Problem } from "../error.js";

/**
 * A path below the directory with "/" between names, one character per byte (latin1): names on disk are
 * bytes, not always UTF-8, and comparing these strings compares the bytes.
 */
export type BytePath = string;

export type DirectoryEntry =
  | { readonly kind: "directory"; readonly path: BytePath }
  | { readonly kind: "file"; readonly path: BytePath; readonly size: number; readonly isExecutable: boolean }
  | { readonly kind: "link"; readonly path: BytePath; readonly target: BytePath };

type Found = { readonly path: BytePath; readonly kind: DirectoryEntry["kind"] };

/**
 * Everything below a directory, ordered by the bytes of the path; links are not followed.
 * @throws AttestError DIRECTORY_INVALID with all sockets, pipes and devices.
 */
export async function listDirectory(root: string): Promise<Found[]> {
  const found: Found[] = [];
  const problems: Problem[] = [];
  const pending: BytePath[] = [""];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const entries = await readdir(onDisk(root, directory), { withFileTypes: true, encoding: "buffer" });
    for (const entry of entries) {
      const name = entry.name.toString("latin1");
      const path = directory === "" ? name : `${directory}/${name}`;
      if (entry.isDirectory()) pending.push(path);
      const kind = kindOf(entry);
      if (kind === undefined) {
        problems.push({
          path: shown(path),
          expected: "a file, directory or symbolic link",
          got: nameKind(entry),
        });
      } else {
        found.push({ path, kind });
      }
    }
  }
  if (problems.length > 0) {
    throw new AttestError("DIRECTORY_INVALID", "the directory holds what no digest describes", {
      problems: problems.sort((a, b) => (a.path < b.path ? -1 : 1)),
      next: "Leave these out of the directory.",
    });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What the digests need to know about an entry besides its content. */
export function readEntry(root: string, { path, kind }: Found): DirectoryEntry {
  switch (kind) {
    case "directory":
      return { kind, path };
    case "link":
      return { kind, path, target: readlinkSync(onDisk(root, path), "buffer").toString("latin1") };
    case "file": {
      const { size, mode } = lstatSync(onDisk(root, path));
      return { kind, path, size, isExecutable: (mode & 0o100) !== 0 };
    }
  }
}

/** Where an entry stands on disk, in bytes. */
export function onDisk(root: string, path: BytePath): Buffer {
  const base = Buffer.from(root);
  return path === "" ? base : Buffer.concat([base, Buffer.from(`/${path}`, "latin1")]);
}

/** A path as people read it. */
export function shown(path: BytePath): string {
  return Buffer.from(path, "latin1").toString("utf8");
}

type EntryType = {
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
  isSocket(): boolean;
  isFIFO(): boolean;
};

function kindOf(entry: EntryType): DirectoryEntry["kind"] | undefined {
  if (entry.isDirectory()) return "directory";
  if (entry.isFile()) return "file";
  return entry.isSymbolicLink() ? "link" : undefined;
}

function nameKind(entry: EntryType): string {
  if (entry.isSocket()) return "a socket";
  return entry.isFIFO() ? "a named pipe" : "a device";
}
