/**
 * Modules that a client serves while the engine runs: `Directory.asModule`, `Module.serve`. On Dagger only
 * the client that serves a module sees it; here the whole session does.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { EngineError } from "../graph/error.js";
import type { FieldCall, Resolvers } from "../graph/types.js";
import { isDirectory } from "../resolvers/values.js";
import type { Store } from "../store/store.js";
import { exportTree } from "../tree/checkout.js";
import type { Tree } from "../tree/types.js";
import { locateSdk } from "./introspector.js";
import { readModuleSource } from "./source.js";

export const servedSchema = `
extend type Directory {
  asModule(sourceRootPath: String = "."): Module!
}

type Module implements Node {
  id: ID!
  name: String!
  serve(includeDependencies: Boolean, entrypoint: Boolean): Void
}
`;

/** Serves the module in a directory of the machine. */
type Serve = (directory: string) => Promise<{ close(): Promise<void> }>;

type ModuleValue = { readonly kind: "module"; readonly tree: Tree; readonly path: string };

export type ServedModules = { readonly resolvers: Resolvers; close(): Promise<void> };

/** The resolvers of a session, and what ends all that it serves. */
export function servedModules(serve: Serve): ServedModules {
  const served = new Map<string, Promise<{ close(): Promise<void> }>>();
  const serveOnce = async ({ receiver, context }: FieldCall): Promise<null> => {
    const { tree, path } = moduleOf(receiver);
    const directory = await layOut(context.services.store, tree, path);
    // By its source alone: what else lies in the directory makes no other module.
    const { digest } = await readModuleSource(directory);
    const serving = served.get(digest) ?? serve(directory);
    served.set(digest, serving);
    try {
      await serving;
    } catch (error) {
      served.delete(digest);
      throw error;
    }
    return null;
  };
  return {
    resolvers: {
      "Directory.asModule": ({ receiver, args }): ModuleValue => {
        if (!isDirectory(receiver)) throw new Error("asModule asked of no directory");
        return { kind: "module", tree: receiver.tree, path: String(args["sourceRootPath"]) };
      },
      "Module.name": async ({ receiver, context }) => {
        const { tree, path } = moduleOf(receiver);
        return (await configOf(await layOut(context.services.store, tree, path))).name;
      },
      "Module.serve": serveOnce,
    },
    close: async () => {
      const all = await Promise.allSettled(served.values());
      await Promise.all(all.flatMap((one) => (one.status === "fulfilled" ? [one.value.close()] : [])));
    },
  };
}

function moduleOf(value: unknown): ModuleValue {
  if (typeof value === "object" && value !== null && "kind" in value && value.kind === "module")
    return value as ModuleValue;
  throw new Error("asked of no module");
}

type Config = { readonly name: string; readonly source: string };

/**
 * A copy of the module that its processes can load: with the SDK in reach, and compiled as Dagger does,
 * whatever its own tsconfig.json says of paths that Dagger generates.
 */
async function layOut(store: Store, tree: Tree, path: string): Promise<string> {
  const context = store.temporary("module");
  await exportTree(store, tree, context);
  const root = join(context, path);
  const { source } = await configOf(root);
  const directory = join(root, source);
  if (directory !== root) await copyFile(join(root, "dagger.json"), join(directory, "dagger.json"));
  await writeFile(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  await mkdir(join(directory, "node_modules", "@dagger.io"), { recursive: true });
  await rm(join(directory, "node_modules", "@dagger.io", "dagger"), { recursive: true, force: true });
  await symlink((await locateSdk()).directory, join(directory, "node_modules", "@dagger.io", "dagger"));
  return directory;
}

const compilerOptions = { target: "ES2022", moduleResolution: "Node", experimentalDecorators: true };

async function configOf(root: string): Promise<Config> {
  const file = join(root, "dagger.json");
  if (!existsSync(file)) throw new EngineError("no module: there is no dagger.json in the directory");
  const config = JSON.parse(await readFile(file, "utf8")) as Partial<Config> & {
    readonly sdk?: string | { readonly source?: string };
    readonly dependencies?: readonly unknown[];
  };
  const sdk = typeof config.sdk === "string" ? config.sdk : (config.sdk?.source ?? "none");
  if (sdk !== "typescript")
    throw new EngineError(`modules in ${sdk} are not in the local engine; run with Dagger`);
  if ((config.dependencies ?? []).length > 0)
    throw new EngineError("dependencies of a module are not in the local engine; run with Dagger");
  return { name: config.name ?? "", source: config.source ?? "." };
}
