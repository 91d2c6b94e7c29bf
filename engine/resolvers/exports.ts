/** Where exports go, and what they answer. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { withFiles } from "../../src/statement/file-error.js";
import { mountTreeAt } from "../container/mounts.js";
import type { Client } from "../graph/types.js";
import type { EngineServices } from "../services.js";
import { makeUserDirectory } from "../tree/make-user-directory.js";
import type { Tree } from "../tree/types.js";

/** As Dagger answers: the absolute path on the host; a function gets its own path back. */
export function exportTarget(client: Client, target: string, asked: string): string {
  return client.main ? target : asked;
}

/** Exports, and says of a path that can't be written to what the system says of it. */
export function exporting(target: string, work: () => Promise<void>): Promise<void> {
  return withFiles(`can't export to ${target}`, work, target);
}

export async function wipeDirectory(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

/**
 * Shows a function a directory in its own one, where nothing else stands. It is unmounted when the function has
 * ended. A copy of tens of thousands of files would take longer than anything else that a function does.
 */
export async function mountExport(services: EngineServices, tree: Tree, target: string): Promise<boolean> {
  await makeUserDirectory(target);
  const isEmpty = (await readdir(target)).length === 0;
  return isEmpty && mountTreeAt(services, tree, target);
}
