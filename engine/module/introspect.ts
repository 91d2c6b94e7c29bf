/**
 * The types of a module, by the SDK's own introspector. As on Dagger it sees the module's `src/` and
 * the SDK, and no other package: a type from elsewhere in a signature is refused here too.
 */
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import { clientStub } from "./client-stub.js";
import { convertModule } from "./convert.js";
import { locateSdk, scan } from "./introspector.js";
import type { ModuleSource } from "./source.js";
import type { ModuleTypes } from "./types.js";

/** Raise it when the form of the types changes: what was cached before is not read again. */
const format = 1;

/** The module's types, from `cache` where its source was scanned before. A scan takes some seconds. */
export async function moduleTypes(source: ModuleSource, cache: string): Promise<ModuleTypes> {
  const { version } = await locateSdk();
  const key = createHash("sha256").update(`${format} ${version} ${source.digest}`).digest("hex");
  const path = join(cache, "types", `${key}.json`);
  const known = await readIfPresent(path);
  if (known !== undefined) return JSON.parse(known) as ModuleTypes;
  const types = await introspect(source);
  await writeWhole(path, JSON.stringify(types));
  return types;
}

/** Scans the module's source, without a cache. */
export async function introspect(source: ModuleSource): Promise<ModuleTypes> {
  const stage = await mkdtemp(join(tmpdir(), "attest-types-"));
  try {
    const files = await stageSource(source, stage);
    return convertModule(source.name, await scan(files, source.name));
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

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** All or nothing: a reader never sees half a file, and of two writers one wins. */
async function writeWhole(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, content);
  await rename(partial, path);
}
