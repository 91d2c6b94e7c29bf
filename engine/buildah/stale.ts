/** What engines leave behind when they are killed: mounts and work directories. */
import { readFileSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { unmount } from "../container/mounts.js";
import { isOwnerAlive } from "../store/owner.js";
import type { Store } from "../store/store.js";

export async function removeStaleWork(store: Store): Promise<void> {
  await releaseMounts(
    store.root,
    (source) => source.startsWith("attest-") && !isOwnerAlive(source.slice("attest-".length)),
  );
  for (const name of readdirSync(store.path("work"))) {
    if (!isOwnerAlive(name)) await rm(join(store.path("work"), name), { recursive: true, force: true });
  }
}

/** Unmounts what is below a directory and comes from a source that is meant, the last mounted first. */
export async function releaseMounts(
  directory: string,
  isMeant: (source: string) => boolean = () => true,
): Promise<void> {
  const lines = readFileSync("/proc/self/mounts", "utf8").split("\n").reverse();
  for (const line of lines) {
    const [source = "", place = ""] = line.split(" ").map(unescapeMount);
    if (place.startsWith(`${directory}/`) && isMeant(source)) await unmount(place);
  }
}

/** Spaces and the like stand as octal numbers there. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
