/** Files as streams: read in pieces, written under another name first. */
import { createHash } from "node:crypto";
import { mkdtemp, open, readdir, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { AttestError } from "../error.js";
import { isAbsent, withFiles } from "./file-error.js";
import type { ByteRange } from "./types.js";

/** A file that was written: digest of its bytes in lower-case hex, and their number. */
export type WrittenFile = { readonly sha256: string; readonly size: number };

/** Takes bytes for a file and counts and hashes them on the way. */
export type FileWriter = { write(bytes: Uint8Array): Promise<void> };

const pieceBytes = 1024 * 1024;

/** How the names of directories begin in which files are written before they are whole. */
export const partialPrefix = ".partial-";

/** What is in a directory; nothing where there is none. */
export async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
}

/**
 * Opens a file for reading while `use` runs.
 * @throws AttestError ARGUMENT_INVALID when it can't be opened or is no regular file: a pipe or device
 * has no size and may never end.
 */
export async function withFile<T>(
  path: string,
  use: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  const file = await openToRead(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) {
      throw new AttestError("ARGUMENT_INVALID", `${path} is no regular file`, {
        next: "Name a file; copy the content of a pipe or device to one first.",
      });
    }
    return await use(file, stats.size);
  } finally {
    await file.close();
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "unknown reason";
    throw new AttestError("ARGUMENT_INVALID", `can't open ${path}: ${reason}`, {
      next: "Name a file that exists and can be read.",
      cause,
    });
  }
}

/** The bytes of a range in pieces. A piece is valid until the next one is asked for. */
export async function* pieces(file: FileHandle, range: ByteRange): AsyncGenerator<Uint8Array, void> {
  const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, Math.max(1, range.end - range.start)));
  let position = range.start;
  while (position < range.end) {
    const wanted = Math.min(buffer.length, range.end - position);
    const { bytesRead } = await file.read(buffer, 0, wanted, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

/** The bytes of a range at once, for parts whose size was checked. */
export async function bytesOf(file: FileHandle, range: ByteRange): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const piece of pieces(file, range)) parts.push(Buffer.from(piece));
  return Buffer.concat(parts);
}

/**
 * Creates or replaces a file at once: what `produce` writes goes to a new directory beside it first
 * and is renamed when everything is written; nothing stays behind when `produce` throws.
 * @throws AttestError FILE_FAILED when the system does not let it be written
 */
export async function writeWhole(
  path: string,
  produce: (writer: FileWriter) => Promise<void>,
): Promise<WrittenFile> {
  return withFiles(`can't write ${basename(path)}`, async () => {
    const directory = await mkdtemp(join(dirname(path), partialPrefix));
    try {
      const partial = join(directory, basename(path));
      const written = await writeNew(partial, produce);
      await rename(partial, path);
      return written;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
}

async function writeNew(path: string, produce: (writer: FileWriter) => Promise<void>): Promise<WrittenFile> {
  const sha256 = createHash("sha256");
  let size = 0;
  const file = await open(path, "wx");
  try {
    await produce({
      write: async (bytes) => {
        sha256.update(bytes);
        size += bytes.length;
        await writeAll(file, bytes);
      },
    });
  } finally {
    await file.close();
  }
  return { sha256: sha256.digest("hex"), size };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await file.write(bytes, written, bytes.length - written)).bytesWritten;
  }
}
