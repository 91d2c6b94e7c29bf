/**
 * The SDK's own introspector, reached by its path in the package: it is not among the exports. The
 * version of the SDK is pinned for this reason too.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { dirname, join } from "node:path";
import { readFile } from "node:fs/promises";

import { recordScan } from "./scan-record.js";

/** A type as the introspector writes it. `name` stands on objects, enums, scalars; `typeDef` on lists. */
export type ScannedType = { kind: string; name?: string; typeDef?: ScannedType };

export type ScannedArgument = {
  name: string;
  description?: string;
  deprecated?: string;
  type: ScannedType;
  isOptional: boolean;
  defaultValue?: unknown;
  defaultPath?: string;
  defaultAddress?: string;
};

export type ScannedFunction = {
  name: string;
  alias?: string;
  description?: string;
  deprecated?: string;
  cache?: string;
  returnType: ScannedType;
  arguments: Record<string, ScannedArgument>;
};

export type ScannedProperty = {
  name: string;
  alias?: string;
  description?: string;
  deprecated?: string;
  type: ScannedType;
  isExposed: boolean;
};

export type ScannedObject = {
  name: string;
  description?: string;
  /** Of a class with an explicit constructor; see `ownConstructor`. */
  constructor?: unknown;
  methods: Record<string, ScannedFunction>;
  properties: Record<string, ScannedProperty>;
};

export type ScannedEnum = {
  name: string;
  description?: string;
  values: Record<string, { name: string; value?: unknown; description?: string }>;
};

export type ScannedModule = {
  description?: string;
  objects: Record<string, ScannedObject>;
  enums: Record<string, ScannedEnum>;
  interfaces: Record<string, unknown>;
};

type Introspector = {
  scan(files: readonly string[], moduleName: string, loadModule: boolean): Promise<unknown>;
};

function sdkEntry(): string {
  return createRequire(import.meta.url).resolve("@dagger.io/dagger");
}

/** The directory of the installed SDK package, and its version. */
export async function locateSdk(): Promise<{ directory: string; version: string }> {
  const directory = dirname(dirname(dirname(sdkEntry())));
  const manifest = JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as { version: string };
  return { directory, version: manifest.version };
}

export type Scan = {
  readonly found: ScannedModule;
  /** The same for a function's process; see scan-record.ts. */
  readonly record: unknown;
};

/** Scans source files (one of them `client.gen.ts`) for the module's types, as plain JSON. */
export async function scan(files: readonly string[], moduleName: string): Promise<Scan> {
  const path = join(dirname(sdkEntry()), "module", "introspector", "index.js");
  const introspector = (await import(pathToFileURL(path).href)) as Introspector;
  const found = await introspector.scan(files, moduleName, false);
  return { found: JSON.parse(JSON.stringify(found)) as ScannedModule, record: recordScan(found) };
}

/** The constructor's arguments, where the class has one. */
export function ownConstructor(
  object: ScannedObject,
): { arguments: Record<string, ScannedArgument> } | undefined {
  if (!Object.hasOwn(object, "constructor")) return undefined;
  return object.constructor as { arguments: Record<string, ScannedArgument> };
}
