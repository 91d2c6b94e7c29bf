/**
 * Stands in a function's process for the SDK's introspector: what was scanned when the module was loaded.
 * Node.js runs this file itself.
 */
import { readFile } from "node:fs/promises";
import { createRequire, registerHooks } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { replayScan } from "./scan-record.ts";

let record = "";

const modules = join(
  dirname(createRequire(import.meta.url).resolve("@dagger.io/dagger")),
  "module",
  "introspector",
);
const introspector = pathToFileURL(join(modules, "index.js")).href;

/** From now on the SDK finds the recorded scan. Call it before the SDK is imported. */
export function replaceIntrospector(): void {
  registerHooks({
    load: (url, context, next) =>
      url === introspector
        ? {
            format: "module",
            shortCircuit: true,
            source: `export { scan } from ${JSON.stringify(import.meta.url)};`,
          }
        : next(url, context),
  });
}

export function useRecord(path: string): void {
  record = path;
}

/** Called by the SDK's entry point in place of its own. */
export async function scan(): Promise<unknown> {
  const classes = (await import(pathToFileURL(join(modules, "dagger_module", "index.js")).href)) as Record<
    string,
    unknown
  >;
  const kept = JSON.parse(await readFile(record, "utf8")) as { readonly scan: unknown };
  return replayScan(kept.scan, classes);
}
