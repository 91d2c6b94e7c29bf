/** Directories and files as values: listings whose contents are objects in the store. */

export type FileEntry = {
  readonly type: "file";
  /** Hex sha256 of the content. */
  readonly sha256: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. Values have one fixed time unless a pipeline sets another. */
  readonly mtime: number;
  /** Name of an object that holds the content, maybe with other metadata. */
  readonly object: string;
};

export type DirectoryEntry = {
  readonly type: "directory";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
};

export type LinkEntry = {
  readonly type: "link";
  readonly target: string;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
};

export type Entry = FileEntry | DirectoryEntry | LinkEntry;

/** Relative paths ("a/b", no dots) to entries; every parent is listed. Sorted by path. */
export type Tree = ReadonlyMap<string, Entry>;

export type DirectoryValue = {
  readonly kind: "directory";
  readonly tree: Tree;
  /** Last part of the path that it was taken from; "/" for a root. */
  readonly name: string;
};

export type FileValue = {
  readonly kind: "file";
  readonly entry: FileEntry;
  readonly name: string;
};

/** The time that files have unless a pipeline sets one: same input, same bytes. */
export const fixedTime = 0;
