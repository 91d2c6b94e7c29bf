/** What writers leave in a layout that are killed: what they wrote lies below other names until it is whole. */
import { lstat, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

import { namesIn, partialPrefix } from "../../statement/files.js";

/** Milliseconds without a byte after which nobody writes there any more: a transfer that stands still is given up before. */
const longestSilence = 3_600_000;

/** Removes what killed writers left in the directories of a layout, and nothing that may still be written. */
export async function removeLeftovers(directory: string): Promise<void> {
  const blobs = join(directory, "blobs");
  const algorithms = (await namesIn(blobs)).map((name) => join(blobs, name));
  const left = await Promise.all([directory, ...algorithms].map(partialsIn));
  const paths = left.flat();
  if (paths.length === 0) return;
  const now = await clockOf(directory);
  for (const path of paths)
    if (now - (await lastWrite(path)) > longestSilence) await rm(path, { recursive: true, force: true });
}

async function partialsIn(directory: string): Promise<string[]> {
  const names = await namesIn(directory);
  return names.filter((name) => name.startsWith(partialPrefix)).map((name) => join(directory, name));
}

/** The time of the directory's own file system, which may be another machine's. */
async function clockOf(directory: string): Promise<number> {
  const made = await mkdtemp(join(directory, partialPrefix));
  try {
    return (await lstat(made)).mtimeMs;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** When something in it was written last; what vanishes meanwhile was written just now. */
async function lastWrite(path: string): Promise<number> {
  const within = (await namesIn(path)).map((name) => join(path, name));
  const times = [path, ...within].map(async (one) => (await lstat(one)).mtimeMs);
  return Math.max(...(await Promise.all(times).catch(() => [Infinity])));
}
