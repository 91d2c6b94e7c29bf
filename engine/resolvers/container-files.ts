/** Container fields that read or change its files and mounts. */
import { posix } from "node:path";

import { imageOf } from "../container/layer.js";
import { kindAt, placeOf } from "../container/rootfs.js";
import type { Change, ContainerValue, Mount, Root } from "../container/types.js";
import { EngineError } from "../graph/error.js";
import { type Field, fieldsOf } from "../graph/fields.js";
import type { ObjectRef, ResolverContext, Resolvers } from "../graph/types.js";
import type { EngineServices } from "../services.js";
import { memoKey, once, recall, remember } from "../store/memo.js";
import { addContent } from "../store/objects.js";
import { loadTree, saveTree } from "../store/trees.js";
import {
  directoryEntry,
  emptyTree,
  fileAt,
  resolvePath,
  subTree,
  withEntries,
  withTree,
  withoutPath,
} from "../tree/edit.js";
import { ingestDirectory, ingestFile } from "../tree/ingest.js";
import { filterTree } from "../tree/match.js";
import { type DirectoryValue, type Entry, type FileValue, type Tree, fixedTime } from "../tree/types.js";
import { absolutePath, fileTarget, mountAt, pathArgument } from "./paths.js";
import { directoryOf, fileOf, isContainer, later, secretOf } from "./values.js";

/** Files below a mount change the mount; others become a change of the root. */
function withChange(
  self: ContainerValue,
  context: ResolverContext,
  path: string,
  change: () => Promise<Change>,
): ContainerValue {
  const { imageRef: _, ...rest } = self;
  const mount = mountAt(self, path);
  if (mount?.kind === "directory") {
    const tree = once(() =>
      context.located(async () => {
        const made = await change();
        return changedTree(await mount.tree(), made, made.path.slice(mount.path.length));
      }),
    );
    return { ...rest, mounts: self.mounts.map((each) => (each === mount ? { ...mount, tree } : each)) };
  }
  const root = once(() =>
    context.located(async (): Promise<Root> => {
      const before = await self.root();
      return { ...before, changes: [...before.changes, await change()] };
    }),
  );
  return { ...rest, root };
}

function changedTree(tree: Tree, change: Change, path: string): Tree {
  switch (change.kind) {
    case "tree":
      return withTree(tree, path, change.tree);
    case "file":
      return withEntries(tree, [[path.replace(/^\//, ""), change.entry]]);
    case "link":
      return withEntries(tree, [[path.replace(/^\//, ""), linkTo(change.target)]]);
    case "remove":
      return withoutPath(tree, path);
  }
}

function linkTo(target: string): Entry {
  return { type: "link", target, uid: 0, gid: 0, mtime: fixedTime };
}

function withMount(self: ContainerValue, mount: Mount): ContainerValue {
  const { imageRef: _, ...rest } = self;
  return { ...rest, mounts: [...self.mounts.filter((each) => each.path !== mount.path), mount] };
}

async function fileChange(
  ref: ObjectRef,
  target: (name: string) => string,
  owner: string,
  mode: number | undefined,
): Promise<Change> {
  const { entry, name } = await fileOf(ref);
  return { kind: "file", path: target(name), entry: { ...entry, mode: mode ?? entry.mode }, owner };
}

const written: Readonly<Record<string, Field<ContainerValue>>> = {
  withFile: (self, args, context) => {
    const asked = pathArgument(self, args);
    // The name of a file is known without evaluating it only when the target says it.
    const target = (name: string): string => fileTarget(args.text("path"), asked, name);
    return withChange(self, context, asked, () =>
      fileChange(args.ref("source"), target, args.text("owner"), args.optionalInt("permissions")),
    );
  },
  withFiles: (self, args, context) =>
    args.refs("sources").reduce((container, source) => {
      const directory = pathArgument(self, args);
      const change = (): Promise<Change> =>
        fileChange(
          source,
          (name) => posix.join(directory, name),
          args.text("owner"),
          args.optionalInt("permissions"),
        );
      return withChange(container, context, directory, change);
    }, self),
  withNewFile: (self, args, context) => {
    const path = pathArgument(self, args);
    return withChange(self, context, path, () => {
      const entry = addContent(context.services.store, args.text("contents"), {
        mode: args.int("permissions"),
      });
      return Promise.resolve({ kind: "file", path, entry, owner: args.text("owner") });
    });
  },
  withDirectory: (self, args, context) => {
    const path = pathArgument(self, args);
    return withChange(self, context, path, async () => {
      const { tree } = await directoryOf(args.ref("source"));
      const selection = { include: args.texts("include"), exclude: args.texts("exclude") };
      refuseGitignore(args.flag("gitignore"));
      return { kind: "tree", path, tree: filterTree(tree, selection), owner: args.text("owner") };
    });
  },
  withSymlink: (self, args, context) => {
    const path = pathArgument(self, args, "linkName");
    return withChange(self, context, path, () =>
      Promise.resolve({ kind: "link", path, target: args.text("target") }),
    );
  },
  withoutFile: (self, args, context) => withoutAt(self, context, pathArgument(self, args)),
  withoutFiles: (self, args, context) =>
    args.texts("paths").reduce((at, path) => withoutAt(at, context, absolutePath(self, path)), self),
  withoutDirectory: (self, args, context) => withoutAt(self, context, pathArgument(self, args)),
  withRootfs: (self, args, context) => {
    const { imageRef: _, ...rest } = self;
    const root = once(() =>
      context.located(async (): Promise<Root> => {
        const { tree } = await directoryOf(args.ref("directory"));
        return { image: undefined, changes: [{ kind: "tree", path: "", tree, owner: "" }], history: [] };
      }),
    );
    return { ...rest, root };
  },
};

function withoutAt(self: ContainerValue, context: ResolverContext, path: string): ContainerValue {
  return withChange(self, context, path, () => Promise.resolve({ kind: "remove", path }));
}

export function refuseGitignore(asked: boolean): void {
  if (asked) throw new EngineError("gitignore: true is not in the local engine; run with Dagger");
}

const mounted: Readonly<Record<string, Field<ContainerValue>>> = {
  mounts: (self) => self.mounts.map((mount) => mount.path),
  withMountedDirectory: (self, args) => {
    const source = later(directoryOf, args.ref("source"));
    const [path, owner, readOnly] = [pathArgument(self, args), args.text("owner"), args.flag("readOnly")];
    return withMount(self, {
      kind: "directory",
      path,
      owner,
      readOnly,
      tree: async () => (await source()).tree,
    });
  },
  withMountedFile: (self, args) => {
    const source = later(fileOf, args.ref("source"));
    const [path, owner] = [pathArgument(self, args), args.text("owner")];
    return withMount(self, { kind: "file", path, owner, entry: async () => (await source()).entry });
  },
  withMountedCache: (self, args) => {
    const [path, owner, sharing] = [pathArgument(self, args), args.text("owner"), args.text("sharing")];
    const key = args.ref("cache").node.args["key"];
    return withMount(self, { kind: "cache", path, owner, sharing, key: typeof key === "string" ? key : "" });
  },
  withMountedSecret: (self, args) => {
    const secret = later(secretOf, args.ref("source"));
    const [path, owner, mode] = [pathArgument(self, args), args.text("owner"), args.int("mode")];
    return withMount(self, { kind: "secret", path, owner, mode, secret });
  },
  withMountedTemp: (self, args) =>
    withMount(self, { kind: "temp", path: pathArgument(self, args), owner: "" }),
  withoutMount: (self, args) => {
    const path = pathArgument(self, args);
    const { imageRef: _, ...rest } = self;
    return { ...rest, mounts: self.mounts.filter((mount) => mount.path !== path) };
  },
};

/** A directory of the root; what was read once of an image is known from then on. */
async function rootTree(services: EngineServices, self: ContainerValue, path: string): Promise<Tree> {
  const image = await imageOf(services, await self.root());
  const key = memoKey("directory", [image, path]);
  const known = await recall(services.store, key, isDigest);
  const tree = known === undefined ? undefined : await loadTree(services.store, known.digest);
  if (tree !== undefined) return tree;
  const root = await services.buildah.root(image);
  const place = placeOf(root, path);
  if (kindAt(place) === undefined) throw new EngineError(`${path}: no such file or directory`);
  if (kindAt(place) !== "directory") throw new EngineError(`${path}: not a directory`);
  const read = await ingestDirectory(services.store, place, { keepOwners: true });
  await remember(services.store, key, { digest: await saveTree(services.store, read) });
  return read;
}

function isDigest(value: unknown): value is { digest: string } {
  return typeof value === "object" && value !== null && "digest" in value && typeof value.digest === "string";
}

async function directoryIn(
  services: EngineServices,
  self: ContainerValue,
  path: string,
): Promise<DirectoryValue> {
  const mount = mountAt(self, path);
  const name = posix.basename(path) || "/";
  if (mount === undefined) return { kind: "directory", tree: await rootTree(services, self, path), name };
  if (mount.kind !== "directory") throw new EngineError(`${path}: a ${mount.kind} mount can't be read`);
  return { kind: "directory", tree: subTree(await mount.tree(), path.slice(mount.path.length)), name };
}

async function fileIn(services: EngineServices, self: ContainerValue, path: string): Promise<FileValue> {
  const mount = mountAt(self, path);
  const name = posix.basename(path);
  if (mount?.kind === "file") return { kind: "file", entry: await mount.entry(), name };
  if (mount?.kind === "directory") {
    return { kind: "file", entry: fileAt(await mount.tree(), path.slice(mount.path.length)), name };
  }
  if (mount !== undefined) throw new EngineError(`${path}: a ${mount.kind} mount can't be read`);
  const root = await services.buildah.root(await imageOf(services, await self.root()));
  const place = placeOf(root, path);
  if (kindAt(place) === undefined) throw new EngineError(`${path}: no such file or directory`);
  return { kind: "file", entry: await ingestFile(services.store, place, { keepOwners: true }), name };
}

/** The entry at a path, as `stat` and `exists` need it; undefined when nothing is there. */
async function entryIn(
  services: EngineServices,
  self: ContainerValue,
  path: string,
  follow: boolean,
): Promise<Entry | undefined> {
  const parent = posix.dirname(path);
  try {
    if (path === "/") return directoryEntry();
    const { tree } = await directoryIn(services, self, parent);
    const at = resolvePath(tree, posix.basename(path), false);
    const entry = at === undefined ? undefined : tree.get(at);
    if (entry?.type !== "link" || !follow) return entry;
    return await entryIn(services, self, posix.resolve(parent, entry.target), follow);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

const read: Readonly<Record<string, Field<ContainerValue>>> = {
  directory: (self, args, context) => directoryIn(context.services, self, pathArgument(self, args)),
  rootfs: async (self, _, context): Promise<DirectoryValue> => {
    const { changes, image } = await self.root();
    if (image === undefined && changes.length === 0) return { kind: "directory", tree: emptyTree, name: "/" };
    return { kind: "directory", tree: await rootTree(context.services, self, "/"), name: "/" };
  },
  file: (self, args, context) => fileIn(context.services, self, pathArgument(self, args)),
  exists: async (self, args, context) => {
    const entry = await entryIn(
      context.services,
      self,
      pathArgument(self, args),
      !args.flag("doNotFollowSymlinks"),
    );
    return matchesType(entry, args.optionalText("expectedType"));
  },
  stat: async (self, args, context) => {
    const path = absolutePath(self, args.text("path"));
    const entry = await entryIn(context.services, self, path, !args.flag("doNotFollowSymlinks"));
    return entry === undefined ? null : statOf(posix.basename(path), entry);
  },
};

const types = { file: "REGULAR_TYPE", directory: "DIRECTORY_TYPE", link: "SYMLINK_TYPE" } as const;

export function matchesType(entry: Entry | undefined, expected: string | undefined): boolean {
  return entry !== undefined && (expected === undefined || types[entry.type] === expected);
}

export function statOf(name: string, entry: Entry): Readonly<Record<string, unknown>> {
  return {
    name,
    fileType: types[entry.type].replace("_TYPE", ""),
    size: entry.type === "file" ? entry.size : 0,
    permissions: entry.type === "link" ? 0o777 : entry.mode,
  };
}

/** Runs and makes everything that the container's files depend on. */
const sync: Field<ContainerValue> = async (self, _, context) => {
  const root = await self.root();
  if (root.changes.length > 0) await imageOf(context.services, root);
  return null;
};

export const containerFileResolvers: Resolvers = fieldsOf("Container", isContainer, {
  ...written,
  ...mounted,
  ...read,
  sync,
});
