import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { isErrno } from "../store/store.js";

/**
 * Makes a directory that a user named, with those above it. Node's own recursive mkdir never ends below `/proc`, where
 * the kernel answers that there is no such directory to whoever wants to make one.
 */
export async function makeUserDirectory(path: string): Promise<void> {
  const refused = await tryMake(path);
  if (refused === undefined) return;
  if (!isErrno(refused, "ENOENT") || dirname(path) === path) throw refused;
  await makeUserDirectory(dirname(path));
  const stillRefused = await tryMake(path);
  if (stillRefused !== undefined) throw stillRefused;
}

/** @returns why it is not there now */
async function tryMake(path: string): Promise<Error | undefined> {
  try {
    await mkdir(path);
    return undefined;
  } catch (error) {
    const found = isErrno(error, "EEXIST") ? await stat(path).catch(() => undefined) : undefined;
    if (found?.isDirectory()) return undefined;
    return error instanceof Error ? error : new Error(String(error));
  }
}
