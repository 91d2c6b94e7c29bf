/**
 * Stands in a function's process for the SDK's package, and in the SDK for its introspector: what was
 * scanned when the module was loaded. Node.js runs this file itself.
 */
import { readFile } from "node:fs/promises";
import { registerHooks } from "node:module";

import { replayName, replayScan } from "./scan-record.ts";

/** From now on `@dagger.io/dagger` is the file at `url`, for the module as for the process itself. */
export function replaceSdk(url: string): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "@dagger.io/dagger"
        ? { url, format: "module", shortCircuit: true }
        : next(specifier, context),
  });
}

/** From now on the SDK's scan finds what the record at `path` holds. */
export function useRecord(path: string): void {
  const scan = async (classes: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const kept = JSON.parse(await readFile(path, "utf8")) as { readonly scan: unknown };
    return replayScan(kept.scan, classes);
  };
  Object.assign(globalThis, { [Symbol.for(replayName)]: scan });
}
