/** Waits for a lock between processes, and shows out of it who is gone. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { expel, holdersOf, tryLock, type Release } from "../../src/statement/lock.js";
import { isForeign, isOwnerAlive, ownerName } from "./owner.js";

const pauseMs = 50;
/** Nothing takes so long under a lock: an owner that can't be seen from here is gone by then. */
const longestMs = 3_600_000;

/** Waits until the lock is free; returns its release. A lock whose owner is gone is free. */
export async function acquireLock(path: string): Promise<Release> {
  const waiting = `${path}.${ownerName()}.${process.hrtime.bigint()}`;
  for (;;) {
    const release = await tryLock(path, waiting, ownerName());
    if (release !== undefined) return release;
    for (const owner of await holdersOf(path)) if (await isGone(path, owner)) await expel(path, owner);
    await setTimeout(pauseMs);
  }
}

async function isGone(path: string, owner: string): Promise<boolean> {
  return !isOwnerAlive(owner) || (isForeign(owner) && (await isOld(join(path, owner))));
}

async function isOld(entry: string): Promise<boolean> {
  const made = await stat(entry).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > longestMs;
}
