/**
 * Serves a module on an engine: its types join the schema, its functions become resolvers, and the
 * clients of its processes find their call under `currentFunctionCall`.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";

import { type FunctionCall, ModuleHost } from "./host.js";
import { scannedTypes, writeClientStub } from "./introspect.js";
import { constructorName } from "./names.js";
import { isObjectRef, type ObjectRef, type Resolver, type Resolvers } from "../graph/types.js";
import { type CallSlot, runtimeResolvers, runtimeSchema } from "./runtime-api.js";
import { ModuleRunner, removeLeftovers } from "./runner.js";
import { moduleSchema } from "./schema.js";
import { bundledSdk } from "./sdk-bundle.js";
import { type ServedModules, servedModules, servedSchema } from "./served.js";
import { readModuleSource } from "./source.js";
import type { FunctionType, JsonValue, ModuleTypes, ObjectType, TypeReference } from "./types.js";

/** What serving a module needs of an engine. */
export type ServingEngine = {
  readonly port: number;
  newClient(options: { workdir: string; data: unknown }): { readonly token: string; close(): void };
  extend(extension: { typeDefs: string; resolvers: Resolvers; close?: () => Promise<void> }): void;
};

export type ServeOptions = {
  readonly engine: ServingEngine;
  /** Directory of the module: where dagger.json is. */
  readonly directory: string;
  /** Directory for what was scanned and compiled before. */
  readonly cache: string;
  /** Takes each line that a function prints. */
  readonly onOutput: (line: string) => void;
  /** How many calls will come, where the caller knows: the first process is then started at once. */
  readonly expectedCalls?: number;
};

/** An object of the module: nothing but its state, as the SDK sends it and takes it. */
type ModuleObject = { readonly state: JsonValue };

/** Loads the module and adds it to the engine. `close` ends its processes. */
export async function serveModule(
  options: ServeOptions,
): Promise<{ readonly types: ModuleTypes; close(): Promise<void> }> {
  const source = await readModuleSource(options.directory);
  const { types, record } = await scannedTypes(source, options.cache);
  const clientStub = join(options.cache, "types", "client.gen.ts");
  await writeClientStub(clientStub);
  const calls = join(options.cache, "calls");
  await removeLeftovers(calls);
  const runner = new ModuleRunner(source, {
    calls,
    onOutput: options.onOutput,
    clientStub,
    scan: record,
    sdk: await bundledSdk(options.cache),
    compileCache: join(options.cache, "compiled"),
    ...(options.expectedCalls === undefined ? {} : { expectedCalls: options.expectedCalls }),
  });
  // While the caller's directories and images are read.
  if (options.expectedCalls !== undefined) runner.prepare();
  const host = new ModuleHost(types, runner, (call, workdir) => openClient(options.engine, call, workdir));
  const served = extendOnce(options);
  const close = async (): Promise<void> => {
    await host.close();
    await served?.close();
  };
  options.engine.extend({
    typeDefs: moduleSchema(types, constructorName(source.name)),
    resolvers: moduleResolvers(host, constructorName(source.name)),
    close,
  });
  return { types, close };
}

const extended = new WeakSet<ServingEngine>();

/** What every module's processes ask for joins an engine's schema with the first module. */
function extendOnce(options: ServeOptions): ServedModules | undefined {
  const { engine } = options;
  if (extended.has(engine)) return undefined;
  extended.add(engine);
  const { cache, onOutput } = options;
  const served = servedModules((directory) => serveModule({ engine, directory, cache, onOutput }));
  engine.extend({
    typeDefs: `${runtimeSchema}${servedSchema}`,
    resolvers: { ...runtimeResolvers(), ...served.resolvers },
  });
  return served;
}

function openClient(engine: ServingEngine, call: FunctionCall, workdir: string) {
  const slot: CallSlot = { key: randomUUID(), call, result: undefined };
  const client = engine.newClient({ workdir, data: slot });
  return {
    port: engine.port,
    token: client.token,
    result: () => slot.result,
    close: () => {
      client.close();
    },
  };
}

function moduleResolvers(host: ModuleHost, constructor: string): Resolvers {
  const construct: Resolver = {
    eager: true,
    once: true,
    resolve: async ({ args }) => ({ state: await host.construct(await argumentValues(host.types, args)) }),
  };
  // As on Dagger a call with the same arguments is not repeated, unless the function says "never".
  const resolverOf = (object: ObjectType, called: FunctionType): Resolver => ({
    eager: true,
    once: called.cache !== "never",
    resolve: async ({ receiver, args, context }) => {
      const { state } = receiver as ModuleObject;
      const result = await host.call(object.name, state, called, await argumentValues(host.types, args));
      return await resultValue(host.types, called.returns, result, (id) => context.load(id));
    },
  });
  const entries = host.types.objects.flatMap((object) => [
    ...object.fields.map(({ name, type }): [string, Resolver] => [
      `${object.name}.${name}`,
      // Eager, so that a core object keeps the id that it has in the state.
      {
        eager: true,
        resolve: ({ receiver, context }) => {
          const value = host.field((receiver as ModuleObject).state, name, type);
          return resultValue(host.types, type, value, (id) => context.load(id));
        },
      },
    ]),
    ...object.functions.map((called): [string, Resolver] => [
      `${object.name}.${called.name}`,
      resolverOf(object, called),
    ]),
  ]);
  return { [`Query.${constructor}`]: construct, ...Object.fromEntries(entries) };
}

/** Arguments as the SDK takes them: core objects by id, objects of the module as their state. */
async function argumentValues(
  types: ModuleTypes,
  args: Readonly<Record<string, unknown>>,
): Promise<Record<string, JsonValue>> {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const values = await Promise.all(given.map(([, value]) => argumentValue(types, value)));
  return Object.fromEntries(given.map(([name], index) => [name, values[index] ?? null]));
}

async function argumentValue(types: ModuleTypes, value: unknown): Promise<JsonValue> {
  if (Array.isArray(value)) return await Promise.all(value.map((item) => argumentValue(types, item)));
  if (!isObjectRef(value)) return value as JsonValue;
  // Only a module's object is asked for its value: a container's would be built for it.
  return isOwn(types, value.type) ? ((await value.value()) as ModuleObject).state : await value.id();
}

function isOwn(types: ModuleTypes, name: string): boolean {
  return types.objects.some((object) => object.name === name);
}

/** A result as the engine takes it: core objects loaded from their ids, own ones around their state. */
async function resultValue(
  types: ModuleTypes,
  type: TypeReference,
  value: JsonValue,
  load: (id: string) => Promise<ObjectRef>,
): Promise<unknown> {
  if (value === null) return null;
  if (type.kind === "list" && Array.isArray(value)) {
    return await Promise.all(value.map((item: JsonValue) => resultValue(types, type.of, item, load)));
  }
  if (type.kind !== "object") return value;
  if (isOwn(types, type.name)) return { state: value };
  if (typeof value !== "string") throw new Error(`${type.name}: an id expected, got ${typeof value}`);
  return await load(value);
}
