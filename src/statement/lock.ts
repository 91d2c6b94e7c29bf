/**
 * A lock between processes: a directory with its holder's name in it. Only one can put it there, and a holder that is gone
 * can be shown out by several at once: each takes away that name alone, never the one of whoever came next.
 */
import { mkdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

import { errorCode } from "../error.js";
import { namesIn } from "./files.js";

export type Release = () => Promise<void>;

/** What the system says of a directory with something in it, and of a file in a directory's place. */
const occupied: readonly string[] = ["ENOTEMPTY", "EEXIST", "ENOTDIR"];

/**
 * Takes the lock when it is free; undefined while somebody is in it.
 * @param waiting a path beside it that nobody else uses
 * @param holder a name that a living holder shares with nobody else who may want this lock
 */
export async function tryLock(path: string, waiting: string, holder: string): Promise<Release | undefined> {
  await mkdir(join(waiting, holder), { recursive: true });
  try {
    // Fails while there is a directory with something in it; an empty one is replaced at once.
    await rename(waiting, path);
  } catch (error) {
    await rm(waiting, { recursive: true, force: true });
    if (occupied.includes(errorCode(error))) return undefined;
    throw error;
  }
  return () => expel(path, holder);
}

/** Who is in the lock: nobody while it is free, and while somebody leaves. */
export async function holdersOf(path: string): Promise<readonly string[]> {
  return namesIn(path);
}

/** Takes a holder's name out of the lock, which is free then; nothing when he is not in it any more. */
export async function expel(path: string, holder: string): Promise<void> {
  await removeEmpty(join(path, holder));
  await removeEmpty(path);
}

/** A directory in which somebody is already stays. */
async function removeEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT" && !occupied.includes(errorCode(error))) throw error;
  }
}
