/** A Dagger module on disk: its name, its source files and a digest of them. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";

export type ModuleSource = {
  /** Absolute path of the directory that holds dagger.json. */
  readonly directory: string;
  readonly name: string;
  /** Every .ts and .mts file under src/, absolute, in a fixed order. */
  readonly files: readonly string[];
  /** sha256 over the name and the files' paths and contents. */
  readonly digest: string;
};

const sourceExtensions = new Set([".ts", ".mts"]);

/** Reads dagger.json and src/. */
export async function readModuleSource(directory: string): Promise<ModuleSource> {
  const config = JSON.parse(await readFile(join(directory, "dagger.json"), "utf8")) as { name: string };
  const found = await readdir(join(directory, "src"), { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile() && sourceExtensions.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash("sha256").update(`${config.name}\n`);
  const contents = await Promise.all(files.map((file) => readFile(file)));
  for (const [index, content] of contents.entries()) {
    hash.update(`${relative(directory, files[index] ?? "")} ${content.length}\n`).update(content);
  }
  return { directory, name: config.name, files, digest: hash.digest("hex") };
}
