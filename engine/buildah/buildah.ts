/**
 * Images and containers through Buildah, on a storage of the store's own: nothing of the user's is
 * touched. Buildah locks its storage itself, so several engines may use it at once.
 */
import { existsSync, mkdirSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { once } from "../store/memo.js";
import { isOwnerAlive, ownerName } from "../store/owner.js";
import type { Store } from "../store/store.js";
import {
  type CommandOptions,
  type CommandResult,
  CommandError,
  commandOutput,
  runCommand,
} from "./command.js";

/** A container that can be mounted and run; it is no value, it is a tool. */
export type Working = {
  readonly name: string;
  /** Path of its root on the machine. */
  readonly root: string;
  /** Directory where Buildah keeps its configuration. */
  readonly state: string;
  /** Its state as an image, by id. Times are fixed, so the same content gives the same id. */
  readonly commit: () => Promise<string>;
  readonly remove: () => Promise<void>;
};

export type Buildah = {
  output(args: readonly string[], options?: CommandOptions): Promise<string>;
  run(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Whether an image is in the storage. */
  has(image: string): boolean;
  /** A container of an image, or an empty one. */
  working(image: string | undefined): Promise<Working>;
  /** The root of an image, to read from; one per image and session. */
  root(image: string): Promise<string>;
  /** Removes the containers of processes that are gone. */
  removeStale(): Promise<void>;
  close(): Promise<void>;
};

export function openBuildah(store: Store, env: NonNullable<CommandOptions["env"]>): Buildah {
  const storage = store.path("containers", "storage");
  const configuration = store.path("containers", "run");
  mkdirSync(storage, { recursive: true, mode: 0o700 });
  const globals = ["--root", storage, "--runroot", configuration, "--storage-driver", "overlay"];
  const owned = new Set<string>();
  const roots = new Map<string, () => Promise<string>>();
  let count = 0;

  const output: Buildah["output"] = (args, options) =>
    labelled(args, commandOutput("buildah", [...globals, ...args], { env, ...options }));
  const run: Buildah["run"] = (args, options) =>
    runCommand("buildah", [...globals, ...args], { env, ...options });

  const working = async (image: string | undefined): Promise<Working> => {
    const name = `attest-${ownerName()}-${++count}-${store.work.slice(-8)}`;
    owned.add(name);
    const idFile = store.temporary("container-id");
    await output([
      "from",
      "--quiet",
      "--pull=never",
      "--cidfile",
      idFile,
      "--name",
      name,
      image ?? "scratch",
    ]);
    const id = (await readFile(idFile, "utf8")).trim();
    await rm(idFile, { force: true });
    const root = (await output(["mount", name])).trim();
    const remove = async (): Promise<void> => {
      await output(["rm", name]);
      owned.delete(name);
    };
    const state = join(storage, "overlay-containers", id, "userdata");
    return { name, root, state, remove, commit: () => commit(name) };
  };

  const commit = async (name: string): Promise<string> => {
    const idFile = store.temporary("image-id");
    await output([
      "commit",
      "--quiet",
      "--format",
      "oci",
      "--timestamp",
      "0",
      "--omit-history",
      "--iidfile",
      idFile,
      name,
    ]);
    const id = (await readFile(idFile, "utf8")).trim().replace("sha256:", "");
    await rm(idFile, { force: true });
    return id;
  };

  const root = (image: string): Promise<string> => {
    const known = roots.get(image) ?? once(async () => (await working(image)).root);
    roots.set(image, known);
    return known();
  };

  const remove = async (names: readonly string[]): Promise<void> => {
    for (const name of names) await run(["rm", name]);
  };

  return {
    output,
    run,
    has: (image) => existsSync(join(storage, "overlay-images", image)),
    working,
    root,
    removeStale: async () => {
      const names = (await output(["containers", "--format", "{{.ContainerName}}"])).split("\n");
      await remove(
        names.filter((name) => name.startsWith("attest-") && !isOwnerAlive(name.slice("attest-".length))),
      );
    },
    close: async () => {
      await remove([...owned]);
      owned.clear();
      roots.clear();
    },
  };
}

/** Buildah's errors name its subcommand, not the options that every call has. */
async function labelled(args: readonly string[], work: Promise<string>): Promise<string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CommandError) throw new CommandError("buildah", args[0] ?? "", error.output);
    throw error;
  }
}
