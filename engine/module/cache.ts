/** Small files that cost seconds to make, kept by what they were made from. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { isErrno } from "../store/store.js";

/** The JSON that `make` gave for the same `key` before, else what it gives now. */
export async function cachedJson<T>(
  directory: string,
  key: readonly string[],
  make: () => Promise<T>,
): Promise<T> {
  const path = cachePath(directory, key);
  const known = await readIfPresent(path);
  if (known !== undefined) return JSON.parse(known) as T;
  const made = await make();
  await writeWhole(path, JSON.stringify(made));
  return made;
}

/** Where {@link cachedJson} keeps it. */
export function cachePath(directory: string, key: readonly string[]): string {
  const digest = createHash("sha256").update(JSON.stringify(key)).digest("hex");
  return join(directory, `${digest}.json`);
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** All or nothing: a reader never sees half a file, and of two writers one wins. */
export async function writeWhole(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // Two at once, in one process or several, write apart.
  const partial = `${path}.${randomUUID()}.partial`;
  await writeFile(partial, content);
  await rename(partial, path);
}
