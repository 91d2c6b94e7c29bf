/** Digests of trees and files as values: over names, kinds, contents and metadata. */
import { createHash } from "node:crypto";

import { identity } from "./edit.js";
import type { FileEntry, Tree } from "./types.js";

export function treeDigest(tree: Tree): string {
  const hash = createHash("sha256");
  for (const [path, entry] of tree) hash.update(`${JSON.stringify([path, ...identity(entry)])}\n`);
  return `sha256:${hash.digest("hex")}`;
}

/** As Dagger's File.digest: not the sha256 of the content alone. */
export function fileDigest(name: string, entry: FileEntry, excludeMetadata: boolean): string {
  const subject = excludeMetadata ? ["content", entry.sha256] : [name, ...identity(entry)];
  return `sha256:${createHash("sha256").update(JSON.stringify(subject)).digest("hex")}`;
}
