/** What an exec sees below its mount points: writable, and never the store itself. */
import { readdirSync } from "node:fs";
import { chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";

import { runCommand } from "../buildah/command.js";
import { EngineError } from "../graph/error.js";
import type { EngineServices } from "../services.js";
import type { Store } from "../store/store.js";
import { checkout } from "../tree/checkout.js";
import { ingestChanges } from "../tree/changes.js";
import type { Tree } from "../tree/types.js";
import { acquireLock } from "../store/lock.js";
import { ownerName } from "../store/owner.js";
import type { Owner } from "./rootfs.js";

/** A mount for one exec: its place on the machine, and what to do afterwards. */
export type Prepared = {
  readonly path: string;
  readonly place: string;
  readonly readOnly: boolean;
  /** The tree after the exec; undefined when nothing changed in it. */
  readonly changed?: () => Promise<Tree | undefined>;
  readonly release: () => Promise<void>;
};

/** Lays a tree out so that a program may write: an overlay over its checkout, or a copy where there is none. */
export async function mountTree(
  services: EngineServices,
  tree: Tree,
): Promise<{
  place: string;
  readonly changed: () => Promise<Tree | undefined>;
  readonly release: () => Promise<void>;
}> {
  const { store } = services;
  const lower = await checkout(store, tree);
  const base = store.temporary("mount");
  const merged = join(base, "merged");
  await mkdir(merged, { recursive: true, mode: 0o755 });
  const upper = await overlay(lower, base, merged);
  if (upper !== undefined) {
    return {
      place: merged,
      changed: async () =>
        readdirSync(upper).length === 0 ? undefined : ingestChanges(store, tree, upper, merged),
      release: async () => {
        await unmount(merged);
        await rm(base, { recursive: true, force: true });
      },
    };
  }
  await copyDirectory(lower, merged);
  return {
    place: merged,
    changed: () => ingestChanges(store, tree, merged, merged),
    release: () => rm(base, { recursive: true, force: true }),
  };
}

/**
 * Shows a tree at a place without copying it; what is written there stays apart. False where that can't be
 * had. Whoever asks unmounts the place.
 */
export async function mountTreeAt(services: EngineServices, tree: Tree, place: string): Promise<boolean> {
  const lower = await checkout(services.store, tree);
  return (await overlay(lower, services.store.temporary("mount"), place)) !== undefined;
}

/** Mounts an overlay; returns the directory with what is written to it, or undefined where none can be had. */
async function overlay(lower: string, base: string, merged: string): Promise<string | undefined> {
  if (/[,:\\]/.test(base + lower)) return undefined;
  const [upper, work] = [join(base, "upper"), join(base, "work")];
  for (const directory of [upper, work]) await mkdir(directory, { recursive: true, mode: 0o755 });
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},redirect_dir=off,metacopy=off,index=off`;
  const mounted = await runCommand("mount", ["-t", "overlay", mountSource(), "-o", options, merged]);
  return mounted.exitCode === 0 ? upper : undefined;
}

async function copyDirectory(from: string, to: string): Promise<void> {
  const copied = await runCommand("cp", ["-a", `${from}/.`, to]);
  if (copied.exitCode !== 0)
    throw new EngineError(`a mount can't be laid out: ${copied.stderr.toString().trim()}`);
}

export async function unmount(path: string): Promise<void> {
  const result = await runCommand("umount", [path]);
  // Something of a killed program may still hold it: detach it, it goes when that ends.
  if (result.exitCode !== 0) await runCommand("umount", ["-l", path]);
}

/** Stands in the list of mounts, so that those of a killed engine can be told. */
export function mountSource(): string {
  return `attest-${ownerName()}`;
}

/** A directory in memory, for what must not be written to a disk. */
export async function mountMemory(
  store: Store,
): Promise<{ place: string; readonly release: () => Promise<void> }> {
  const place = store.temporary("memory");
  await mkdir(place, { mode: 0o700 });
  await mountMemoryAt(place);
  return {
    place,
    release: async () => {
      await unmount(place);
      await rm(place, { recursive: true, force: true });
    },
  };
}

/** Covers a directory with memory: what it held is back when it is unmounted. */
export async function mountMemoryAt(place: string): Promise<void> {
  const mounted = await runCommand("mount", ["-t", "tmpfs", "-o", "mode=700,size=64m", mountSource(), place]);
  if (mounted.exitCode !== 0) {
    throw new EngineError(
      `secrets need memory to lie in, and tmpfs can't be mounted: ${mounted.stderr.toString().trim()}`,
    );
  }
}

export async function placeSecret(
  directory: string,
  index: number,
  plaintext: string,
  mode: number,
  owner: Owner | undefined,
): Promise<string> {
  const place = join(directory, `secret-${index}`);
  await writeFile(place, plaintext, { mode: 0o600 });
  await chown(place, owner?.uid ?? 0, owner?.gid ?? 0);
  await chmod(place, mode);
  return place;
}

/** The directory of a cache volume. Engines share it; LOCKED and PRIVATE ones are used by one exec at a time. */
export async function mountCache(
  store: Store,
  key: string,
  sharing: string,
  owner: Owner | undefined,
): Promise<{ place: string; readonly release: () => Promise<void> }> {
  const name = createHash("sha256").update(key).digest("hex");
  const place = store.path("caches", name, "data");
  await mkdir(place, { recursive: true, mode: 0o755 });
  if (owner !== undefined) await chown(place, owner.uid, owner.gid);
  if (sharing === "SHARED") return { place, release: () => Promise.resolve() };
  return { place, release: await acquireLock(store.path("caches", name, "lock")) };
}

export async function mountTemporary(
  store: Store,
): Promise<{ place: string; readonly release: () => Promise<void> }> {
  const place = store.temporary("temporary");
  await mkdir(place);
  await chmod(place, 0o1777);
  return { place, release: () => rm(place, { recursive: true, force: true }) };
}
