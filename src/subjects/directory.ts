import { createHash, type Hash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";

import { AttestError } from "../error.js";
import { dirHashBuilder, type DirHashBuilder } from "./dir-hash.js";
import { listDirectory, onDisk, readEntry, shown, type DirectoryEntry } from "./directory-walk.js";
import { gitObjectHash, gitTreeBuilder, type GitTreeBuilder } from "./git-tree.js";
import { tarEnd, tarHeader, tarPadding } from "./tar-header.js";

/** A digest that the directory can't have, and why. */
export type OmittedDigest = { readonly algorithm: "gitTree" | "dirHash"; readonly reason: string };

/** Digests of a directory in lower-case hex; docs/directory-digest.md says how to reproduce each. */
export type DirectoryDigests = {
  /** Git tree object id (SHA-1), without the directory's own `.git` and without empty directories. */
  readonly gitTree?: string;
  /** Go's dirhash Hash1 of the files. */
  readonly dirHash?: string;
  /** sha256 of a deterministic tar of everything. */
  readonly sha256: string;
  /** Digests that the reference tool can't compute for this content. */
  readonly omitted: readonly OmittedDigest[];
};

type Digesters = {
  readonly tar: { readonly hash: Hash; size: number };
  readonly gitTree: GitTreeBuilder;
  readonly dirHash: DirHashBuilder;
};

/**
 * Files up to this size are read whole and without waiting: of tens of thousands that were just written, more time
 * would go into waiting than into reading. Larger ones are read in pieces.
 */
const smallFileBytes = 256 * 1024;
/** After so many entries others have their turn: a scan of the same directory, for one. */
const entriesPerTurn = 256;

/**
 * Computes the digests of a directory, reading each file once. Names may be any bytes. Symbolic links
 * are described, never followed out of the directory.
 * @throws AttestError DIRECTORY_INVALID when the path is no directory, when a socket, pipe or device is
 * in it, or when a file changes while it is read.
 */
export async function directoryDigests(path: string): Promise<DirectoryDigests> {
  try {
    return await digestsOf(await realpath(path));
  } catch (cause) {
    if (cause instanceof AttestError) throw cause;
    const reason = cause instanceof Error ? cause.message : "unknown reason";
    throw new AttestError("DIRECTORY_INVALID", `can't read the directory ${path}: ${reason}`, {
      next: "Name a directory that exists, can be read and does not change meanwhile.",
      cause,
    });
  }
}

async function digestsOf(root: string): Promise<DirectoryDigests> {
  const digesters: Digesters = {
    tar: { hash: createHash("sha256"), size: 0 },
    gitTree: gitTreeBuilder(),
    dirHash: dirHashBuilder(),
  };
  for (const [index, found] of (await listDirectory(root)).entries()) {
    if (index % entriesPerTurn === 0) await setImmediate();
    await addEntry(root, readEntry(root, found), digesters);
  }
  return finish(digesters);
}

async function addEntry(root: string, entry: DirectoryEntry, to: Digesters): Promise<void> {
  addToTar(to, tarHeader(entry));
  if (entry.kind === "directory") return to.gitTree.addDirectory(entry.path);
  if (entry.kind === "link") {
    const target = Buffer.from(entry.target, "latin1");
    to.gitTree.addBlob(entry, gitObjectHash("blob", target.length).update(target).digest());
    return addLinkToDirHash(root, entry.path, to.dirHash);
  }
  const sha1 = gitObjectHash("blob", entry.size);
  const sha256 = createHash("sha256");
  let size = 0;
  for await (const piece of readContent(root, entry)) {
    sha1.update(piece);
    sha256.update(piece);
    addToTar(to, piece);
    size += piece.length;
  }
  if (size !== entry.size) refuseChanged(entry.path, entry.size, size);
  addToTar(to, tarPadding(size, "block"));
  to.gitTree.addBlob(entry, sha1.digest());
  to.dirHash.addFile(entry.path, sha256.digest("hex"));
}

function readContent(
  root: string,
  entry: DirectoryEntry & { kind: "file" },
): AsyncIterable<Buffer> | Buffer[] {
  if (entry.size > smallFileBytes) return readPieces(root, entry.path);
  return [readFileSync(onDisk(root, entry.path))];
}

function readPieces(root: string, path: string): AsyncIterable<Buffer> {
  return createReadStream(onDisk(root, path), { highWaterMark: 1024 * 1024 });
}

function addToTar({ tar }: Digesters, bytes: Uint8Array): void {
  tar.hash.update(bytes);
  tar.size += bytes.length;
}

/** Go's tool opens a link as if it were the file; a link elsewhere must not pull foreign files in. */
async function addLinkToDirHash(root: string, path: string, dirHash: DirHashBuilder): Promise<void> {
  const name = JSON.stringify(shown(path));
  const target = await realpath(onDisk(root, path), "buffer").catch(() => undefined);
  if (target === undefined) return dirHash.fail(`the link ${name} leads nowhere`);
  if (!target.toString("latin1").startsWith(`${Buffer.from(root).toString("latin1")}/`)) {
    return dirHash.fail(`the link ${name} leads out of the directory`);
  }
  if (!(await stat(target)).isFile()) return dirHash.fail(`the link ${name} leads to a directory`);
  const sha256 = createHash("sha256");
  for await (const piece of readPieces(root, path)) sha256.update(piece);
  dirHash.addFile(path, sha256.digest("hex"));
}

function refuseChanged(path: string, expected: number, got: number): never {
  throw new AttestError("DIRECTORY_INVALID", "a file changed while it was read", {
    problems: [{ path: shown(path), expected: `${expected} bytes`, got: `${got}` }],
    next: "Give a directory that nothing writes to.",
  });
}

function finish({ tar, gitTree, dirHash }: Digesters): DirectoryDigests {
  addToTar({ tar, gitTree, dirHash }, tarEnd());
  tar.hash.update(tarPadding(tar.size, "record"));
  const tree = gitTree.finish();
  const files = dirHash.finish();
  return {
    ...("id" in tree ? { gitTree: tree.id } : {}),
    ...("id" in files ? { dirHash: files.id } : {}),
    sha256: tar.hash.digest("hex"),
    omitted: [
      ...("reason" in tree ? [{ algorithm: "gitTree" as const, reason: tree.reason }] : []),
      ...("reason" in files ? [{ algorithm: "dirHash" as const, reason: files.reason }] : []),
    ],
  };
}
