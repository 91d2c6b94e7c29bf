/**
 * The types of a module, by the SDK's own introspector. As on Dagger it sees the module's `src/` and
 * the SDK, and no other package: a type from elsewhere in a signature is refused here too.
 */
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { cachePath, cachedJson, writeWhole } from "./cache.js";
import { clientStub } from "./client-stub.js";
import { convertModule } from "./convert.js";
import { locateSdk, scan } from "./introspector.js";
import type { ModuleSource } from "./source.js";
import type { ModuleTypes } from "./types.js";

/** Raise it when the form of what is cached changes: what was cached before is not read again. */
const format = 3;

/** What a scan gives: the types, and the path of the record that functions' processes read. */
export type ScannedTypes = { readonly types: ModuleTypes; readonly record: string };

type Kept = { readonly types: ModuleTypes; readonly scan: unknown };

/** From `cache` where the module's source was scanned before. A scan takes some seconds. */
export async function scannedTypes(source: ModuleSource, cache: string): Promise<ScannedTypes> {
  const { version } = await locateSdk();
  const key = [`module ${format}`, version, source.digest];
  const directory = join(cache, "types");
  const { types } = await cachedJson(directory, key, () => scanSource(source));
  return { types, record: cachePath(directory, key) };
}

/** The module's types alone; cached as {@link scannedTypes}. */
export async function moduleTypes(source: ModuleSource, cache: string): Promise<ModuleTypes> {
  return (await scannedTypes(source, cache)).types;
}

/** Scans the module's source, without a cache. */
export async function introspect(source: ModuleSource): Promise<ModuleTypes> {
  return (await scanSource(source)).types;
}

async function scanSource(source: ModuleSource): Promise<Kept> {
  const stage = await mkdtemp(join(tmpdir(), "attest-types-"));
  try {
    const { found, record } = await scan(await stageSource(source, stage), source.name);
    return { types: convertModule(source.name, found), scan: record };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function stageSource(source: ModuleSource, stage: string): Promise<string[]> {
  const sdk = await locateSdk();
  const scope = join(stage, "node_modules", "@dagger.io");
  await mkdir(scope, { recursive: true });
  await symlink(sdk.directory, join(scope, "dagger"));
  await cp(join(source.directory, "src"), join(stage, "src"), { recursive: true });
  const client = join(stage, "client.gen.ts");
  await writeClientStub(client);
  return [...source.files.map((file) => join(stage, relative(source.directory, file))), client];
}

/** Writes the stub of the generated client where the introspector and the runtime look for it. */
export async function writeClientStub(path: string): Promise<void> {
  const { directory } = await locateSdk();
  const declarations = await readFile(join(directory, "dist", "src", "api", "client.gen.d.ts"), "utf8");
  await writeWhole(path, clientStub(declarations));
}
