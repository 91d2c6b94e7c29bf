/** A lock between processes: a directory that only one can make, with its owner's name inside. */
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { isOwnerAlive, ownerName } from "./owner.js";
import { isErrno } from "./store.js";

const pauseMs = 50;

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
    // Only the dead owner's entry goes: an empty directory is taken over by the next rename.
    if (!isOwnerAlive(owner)) await rm(join(path, owner), { recursive: true, force: true });
  }
}
