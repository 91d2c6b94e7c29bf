/** A lock between processes: a directory that only one can make, with its owner's name inside. */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { isForeign, isOwnerAlive, ownerName } from "./owner.js";
import { isErrno } from "./store.js";

const pauseMs = 50;
/** Nothing takes so long under a lock: an owner that can't be seen from here is gone by then. */
const longestMs = 3_600_000;

/** Waits until the lock is free; returns its release. A lock whose owner is gone is free. */
export async function acquireLock(path: string): Promise<() => Promise<void>> {
  const mine = `${path}.${ownerName()}.${process.hrtime.bigint()}`;
  await mkdir(join(mine, ownerName()), { recursive: true });
  for (;;) {
    try {
      // Fails while a directory with something in it is there.
      await rename(mine, path);
      return () => rm(path, { recursive: true, force: true });
    } catch (error) {
      if (!isErrno(error, "ENOTEMPTY") && !isErrno(error, "EEXIST")) throw error;
    }
    await breakStale(path);
    await setTimeout(pauseMs);
  }
}

async function breakStale(path: string): Promise<void> {
  let owners: string[];
  try {
    owners = await readdir(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw error;
  }
  for (const owner of owners) {
    const entry = join(path, owner);
    const isGone = !isOwnerAlive(owner) || (isForeign(owner) && (await isOld(entry)));
    // Only the dead owner's entry goes: an empty directory is taken over by the next rename.
    if (isGone) await rm(entry, { recursive: true, force: true });
  }
}

async function isOld(entry: string): Promise<boolean> {
  const made = await stat(entry).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > longestMs;
}
