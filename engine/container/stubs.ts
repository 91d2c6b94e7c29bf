/** Traces that running a command leaves in a root: files and directories that exist only to be mounted over. */
import { rmdirSync, rmSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, posix } from "node:path";

import { kindAt, placeOf } from "./rootfs.js";

const runnerPaths = [
  "/dev",
  "/proc",
  "/sys",
  "/etc/hosts",
  "/etc/hostname",
  "/etc/resolv.conf",
  "/run/.containerenv",
];

/** Call before the command runs; `remove` afterwards takes away what it did not find and what is still empty. */
export function noteStubs(root: string, mountPaths: readonly string[]): { remove(): void } {
  const absent = [...new Set([...runnerPaths, ...mountPaths].flatMap(withParents))]
    .map((path) => placeOf(root, path, false))
    .filter((place) => kindAt(place) === undefined)
    .sort((a, b) => b.length - a.length);
  return {
    remove: () => {
      absent.forEach(removeIfEmpty);
    },
  };
}

function withParents(path: string): string[] {
  const paths: string[] = [];
  for (let at = posix.normalize(path); at !== "/" && at !== "."; at = posix.dirname(at)) paths.push(at);
  return paths;
}

function removeIfEmpty(place: string): void {
  const kind = kindAt(place);
  if (kind === "file" && (statSync(place).size === 0 || place.endsWith("/run/.containerenv"))) rmSync(place);
  if (kind !== "directory") return;
  try {
    rmdirSync(place);
  } catch {
    // Something else is in it: it stays.
  }
}

export async function redirectOutput(place: string, output: Uint8Array): Promise<void> {
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, output);
}
