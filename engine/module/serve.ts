/**
 * Serves a module on an engine: its types join the schema, its functions become resolvers, and the
 * clients of its processes find their call under `currentFunctionCall`.
 */
import { join } from "node:path";

import { type FunctionCall, ModuleHost } from "./host.js";
import { moduleTypes, writeClientStub } from "./introspect.js";
import type { ObjectRef, Resolver, Resolvers } from "./resolver.js";
import { type CallSlot, runtimeResolvers, runtimeSchema } from "./runtime-api.js";
import { ModuleRunner } from "./runner.js";
import { moduleSchema } from "./schema.js";
import { readModuleSource } from "./source.js";
import type { FunctionType, JsonValue, ModuleTypes, ObjectType, TypeReference } from "./types.js";

/** What serving a module needs of an engine. */
export type ServingEngine = {
  readonly port: number;
  newClient(options: { workdir: string; data: unknown }): { readonly token: string; close(): void };
  extend(extension: { typeDefs: string; resolvers: Resolvers }): void;
};

export type ServeOptions = {
  readonly engine: ServingEngine;
  /** Directory of the module: where dagger.json is. */
  readonly directory: string;
  /** Directory for what was scanned and compiled before. */
  readonly cache: string;
  /** Takes each line that a function prints. */
  readonly onOutput: (line: string) => void;
};

/** An object of the module: nothing but its state, as the SDK sends it and takes it. */
type ModuleObject = { readonly state: JsonValue };

/** Loads the module and adds it to the engine. `close` ends its processes. */
export async function serveModule(
  options: ServeOptions,
): Promise<{ readonly types: ModuleTypes; close(): Promise<void> }> {
  const source = await readModuleSource(options.directory);
  const types = await moduleTypes(source, options.cache);
  const clientStub = join(options.cache, "types", "client.gen.ts");
  await writeClientStub(clientStub);
  const runner = new ModuleRunner(source, {
    onOutput: options.onOutput,
    clientStub,
    compileCache: join(options.cache, "compiled"),
  });
  const host = new ModuleHost(types, runner, (call, workdir) => openClient(options.engine, call, workdir));
  options.engine.extend({
    typeDefs: `${runtimeSchema}\n${moduleSchema(types, source.name)}`,
    resolvers: { ...runtimeResolvers(), ...moduleResolvers(host, source.name) },
  });
  return { types, close: () => host.close() };
}

function openClient(engine: ServingEngine, call: FunctionCall, workdir: string) {
  const slot: CallSlot = { call, outcome: undefined };
  const client = engine.newClient({ workdir, data: slot });
  return {
    port: engine.port,
    token: client.token,
    outcome: () => slot.outcome,
    close: () => {
      client.close();
    },
  };
}

function moduleResolvers(host: ModuleHost, constructorName: string): Resolvers {
  const construct: Resolver = {
    eager: true,
    resolve: async ({ args }) => ({ state: await host.construct(await argumentValues(host.types, args)) }),
  };
  const resolverOf = (object: ObjectType, called: FunctionType): Resolver => ({
    eager: true,
    resolve: async ({ receiver, args, context }) => {
      const { state } = receiver as ModuleObject;
      const result = await host.call(object.name, state, called, await argumentValues(host.types, args));
      return await resultValue(host.types, called.returns, result, (id) => context.load(id));
    },
  });
  const entries = host.types.objects.flatMap((object) => [
    ...object.fields.map(({ name, type }): [string, Resolver] => [
      `${object.name}.${name}`,
      ({ receiver, context }) =>
        resultValue(host.types, type, host.field((receiver as ModuleObject).state, name, type), (id) =>
          context.load(id),
        ),
    ]),
    ...object.functions.map((called): [string, Resolver] => [
      `${object.name}.${called.name}`,
      resolverOf(object, called),
    ]),
  ]);
  return { [`Query.${constructorName}`]: construct, ...Object.fromEntries(entries) };
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
  return isOwn(types, value.type) ? ((await value.value()) as ModuleObject).state : value.id();
}

function isOwn(types: ModuleTypes, name: string): boolean {
  return types.objects.some((object) => object.name === name);
}

function isObjectRef(value: unknown): value is ObjectRef {
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "function";
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
  return isOwn(types, type.name) ? { state: value } : await load(String(value));
}
