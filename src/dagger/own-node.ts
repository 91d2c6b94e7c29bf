/** The Node.js that runs this, as a directory of its own: a program for a container that needs no image. */
import { copyFile, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";

/** A directory with Node.js in it, and how to start it where the directory is the root. */
export type OwnNode = { readonly directory: string; readonly command: readonly string[] };

const libraries = "/lib";

/**
 * Copies the running Node.js with the libraries that it has loaded to `directory`, under the names that they were loaded by.
 * It is started by its own dynamic loader, so that it runs wherever it lies, with musl as with glibc.
 */
export async function copyOwnNode(directory: string): Promise<OwnNode> {
  const loaded = sharedObjects();
  await mkdir(join(directory, libraries), { recursive: true });
  for (const path of loaded) await copyFile(path, join(directory, libraries, basename(path)));
  await copyFile(process.execPath, join(directory, "node"));
  const loader = loaded.find((path) => /^ld[-.]/.test(basename(path)));
  const started =
    loader === undefined ? [] : [join(libraries, basename(loader)), "--library-path", libraries];
  return { directory, command: [...started, "/node"] };
}

/** Paths of the libraries; the kernel's own (linux-vdso.so.1) is no file. */
function sharedObjects(): string[] {
  const report = process.report.getReport() as { readonly sharedObjects?: readonly string[] };
  return (report.sharedObjects ?? []).filter((path) => path.startsWith("/"));
}
