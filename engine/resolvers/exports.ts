/** Where exports go, and what they answer. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Client } from "../graph/types.js";

/** As Dagger answers: the absolute path on the host; a function gets its own path back. */
export function exportTarget(client: Client, target: string, asked: string): string {
  return client.main ? target : asked;
}

export async function wipeDirectory(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
}
