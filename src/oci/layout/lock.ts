/** One writer at a time for a layout's list, also among processes. */
import { mkdtemp } from "node:fs/promises";
import { basename, join } from "node:path";

import { AttestError } from "../../error.js";
import { partialPrefix } from "../../statement/files.js";
import { expel, holdersOf, tryLock, type Release } from "../../statement/lock.js";
import type { Timing } from "../timing.js";

const lockAttempts = 600;
const lockPause = 50;
/** A change takes milliseconds: whoever holds one and the same lock for so many attempts was killed. */
const staleAttempts = 200;

/** Does something to a layout while no other process does. */
export async function locked(directory: string, timing: Timing, work: () => Promise<void>): Promise<void> {
  const release = await acquire(directory, timing);
  try {
    await work();
  } finally {
    await release();
  }
}

async function acquire(directory: string, timing: Timing): Promise<Release> {
  const path = join(directory, "index.json.lock");
  let holder = "";
  let since = 0;
  for (let attempt = 0; attempt < lockAttempts; attempt += 1) {
    const [seen = ""] = await holdersOf(path);
    const release = seen === "" ? await tryOnce(directory, path) : undefined;
    if (release !== undefined) return release;
    if (seen !== holder || seen === "") since = attempt;
    holder = seen;
    if (attempt - since >= staleAttempts) await expel(path, holder);
    else await timing.sleep(lockPause * (0.5 + timing.random()));
  }
  throw new AttestError("IMAGE_INVALID", `${path} is held by another writer`, {
    next: "Wait for the other writer; when none runs any more, remove it and try again.",
  });
}

async function tryOnce(directory: string, path: string): Promise<Release | undefined> {
  const waiting = await mkdtemp(join(directory, partialPrefix));
  return tryLock(path, waiting, basename(waiting));
}
