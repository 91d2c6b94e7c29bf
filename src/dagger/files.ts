/**
 * Between Dagger's files and this function's own disk. Large content passes through the disk only:
 * `File.contents` is limited to 128 MiB and would be one JavaScript string.
 */
import { mkdtemp } from "node:fs/promises";
import { basename, join, relative } from "node:path";

import { dag, type Container, type Directory, type File } from "@dagger.io/dagger";

/**
 * A fresh directory below the working directory, relative to it: `workdirFile` takes nothing else.
 */
export async function scratchDirectory(): Promise<string> {
  return relative(process.cwd(), await mkdtemp(join(process.cwd(), "attest-")));
}

/** Writes a file's content to disk; returns the path. It keeps its own name, by which errors call it. */
export async function localFile(file: File): Promise<string> {
  const path = join(await scratchDirectory(), basename(await file.name()) || "file");
  await file.export(path);
  return path;
}

/** Writes a directory's content to disk; returns the path. */
export async function localDirectory(directory: Directory): Promise<string> {
  const path = join(await scratchDirectory(), "directory");
  await directory.export(path);
  return path;
}

/**
 * Writes an image as an OCI archive to disk; returns the path. The options stay unset on purpose:
 * `Container.publish` without options pushes the very digests that this archive shows. Not by `asTarball`: Dagger
 * keeps that archive when it is restarted, but dates the image's layers anew, and with them what it publishes.
 */
export async function localImage(container: Container, platformVariants: Container[] = []): Promise<string> {
  const path = join(await scratchDirectory(), "image.tar");
  // The SDK puts ids in the place of the objects in a list that it is given: it is given a copy.
  const variants = [...platformVariants];
  await container.export(path, variants.length === 0 ? {} : { platformVariants: variants });
  return path;
}

/**
 * The image as an OCI archive, still a value of the engine: for its content and its recipe, since its digest may
 * be an old one.
 */
export function imageArchive(container: Container, platformVariants: Container[] = []): File {
  if (platformVariants.length === 0) return container.asTarball();
  return container.asTarball({ platformVariants: [...platformVariants] });
}

/** A file on this function's disk as a Dagger file, named as on disk. */
export function returnedFile(path: string): File {
  return dag.currentModule().workdirFile(path);
}

/** A directory on this function's disk as a Dagger directory. */
export function returnedDirectory(path: string): Directory {
  return dag.currentModule().workdir(path);
}
