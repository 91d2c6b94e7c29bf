/**
 * What a function left in its working directory, as values of the engine: copied into the store at once,
 * for the directory goes with the process.
 */
import { basename, isAbsolute, join, normalize } from "node:path";

import type { FieldCall, Outcome } from "../graph/types.js";
import { withContentDigest } from "../resolvers/host.js";
import { saveTree } from "../store/trees.js";
import { ingestDirectory, ingestFile } from "../tree/ingest.js";
import type { DirectoryValue, FileValue } from "../tree/types.js";

/** `currentModule.workdirFile(path)` */
export async function workdirFile({ args, context }: FieldCall): Promise<Outcome> {
  const path = String(args["path"]);
  const entry = await ingestFile(context.services.store, placeOf(context.client.workdir, path), {
    keepOwners: false,
  });
  const value: FileValue = { kind: "file", entry, name: basename(path) };
  return withContentDigest({ value, digest: `sha256:${entry.sha256}` });
}

/** `currentModule.workdir(path, include, exclude)` */
export async function workdirDirectory({ args, context }: FieldCall): Promise<Outcome> {
  const path = String(args["path"]);
  const place = placeOf(context.client.workdir, path);
  const tree = await ingestDirectory(context.services.store, place, {
    keepOwners: false,
    selection: { include: strings(args["include"]), exclude: strings(args["exclude"]) },
  });
  const value: DirectoryValue = { kind: "directory", tree, name: basename(path) };
  return withContentDigest({ value, digest: await saveTree(context.services.store, tree) });
}

/** As on Dagger the path is relative to the working directory and does not leave it. */
function placeOf(workdir: string, path: string): string {
  const inside = normalize(path);
  if (isAbsolute(inside) || inside === ".." || inside.startsWith("../")) {
    throw new Error(`${path}: a path inside the function's working directory expected`);
  }
  return join(workdir, inside);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
