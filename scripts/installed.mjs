// Exit code 0 when a directory's node_modules holds what its package-lock.json says. npm writes what it
// installed to node_modules/.package-lock.json; packages for other platforms are not among it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const directory = process.argv[2] ?? ".";
const packagesOf = (path) => JSON.parse(readFileSync(join(directory, path), "utf8")).packages;
const wanted = Object.entries(packagesOf("package-lock.json")).filter(([path]) => path !== "");
const installed = packagesOf("node_modules/.package-lock.json");
const missing = wanted.filter(([path, { version, optional }]) => {
  const found = installed[path];
  if (found === undefined) return optional !== true;
  return found.version !== version || !existsSync(join(directory, path));
});
const extra = Object.keys(installed).filter((path) => !wanted.some(([name]) => name === path));
process.exitCode = missing.length === 0 && extra.length === 0 ? 0 : 1;
