/** Fields of Directory. All but export, sync and asGit are work on listings. */
import { posix, resolve } from "node:path";

import { EngineError } from "../graph/error.js";
import { type Field, fieldsOf } from "../graph/fields.js";
import type { Resolvers } from "../graph/types.js";
import { addContent } from "../store/objects.js";
import { exportTree } from "../tree/checkout.js";
import { treeDigest } from "../tree/digest.js";
import {
  differenceOf,
  directoryEntry,
  fileAt,
  resolvePath,
  sorted,
  subTree,
  withEntries,
  withFileEntry,
  withTree,
  withoutPath,
} from "../tree/edit.js";
import { filterTree, globTree } from "../tree/match.js";
import { type DirectoryValue, type Entry, type FileValue, type Tree, fixedTime } from "../tree/types.js";
import { matchesType, refuseGitignore, statOf } from "./container-files.js";
import { exporting, exportTarget, mountExport, wipeDirectory } from "./exports.js";
import { fileTarget } from "./paths.js";
import { directoryOf, fileOf, isDirectory } from "./values.js";

function changed(self: DirectoryValue, tree: Tree): DirectoryValue {
  return { ...self, tree };
}

function entryAt(tree: Tree, path: string, follow: boolean): Entry | undefined {
  const at = resolvePath(tree, path, follow);
  return at === "" ? directoryEntry() : at === undefined ? undefined : tree.get(at);
}

const readers: Readonly<Record<string, Field<DirectoryValue>>> = {
  sync: () => null,
  name: (self) => (self.name === "/" ? "/" : `${self.name}/`),
  digest: (self) => treeDigest(self.tree),
  entries: (self, args) => {
    const tree = subTree(self.tree, args.optionalText("path") ?? ".");
    return [...tree]
      .filter(([path]) => !path.includes("/"))
      .map(([path, entry]) => (entry.type === "directory" ? `${path}/` : path));
  },
  glob: (self, args) => globTree(self.tree, args.text("pattern")),
  exists: (self, args) =>
    matchesType(
      entryAt(self.tree, args.text("path"), !args.flag("doNotFollowSymlinks")),
      args.optionalText("expectedType"),
    ),
  stat: (self, args) => {
    const entry = entryAt(self.tree, args.text("path"), !args.flag("doNotFollowSymlinks"));
    return entry === undefined ? null : statOf(posix.basename(args.text("path")), entry);
  },
  file: (self, args): FileValue => {
    const path = args.text("path");
    return { kind: "file", entry: fileAt(self.tree, path), name: posix.basename(path) };
  },
  directory: (self, args): DirectoryValue => {
    const path = args.text("path");
    return {
      kind: "directory",
      tree: subTree(self.tree, path),
      name: posix.basename(posix.resolve("/", path)) || "/",
    };
  },
  export: async (self, args, { client, services }) => {
    const target = resolve(client.workdir, args.text("path"));
    const work = async () => {
      if (args.flag("wipe")) await wipeDirectory(target);
      if (client.main || !(await mountExport(services, self.tree, target)))
        await exportTree(services.store, self.tree, target);
    };
    await services.report.during(`export ${args.text("path")}`, () => exporting(target, work));
    return exportTarget(client, target, args.text("path"));
  },
};

const writers: Readonly<Record<string, Field<DirectoryValue>>> = {
  withNewFile: (self, args, { services }) => {
    const entry = addContent(services.store, args.text("contents"), { mode: args.int("permissions") });
    return changed(self, withFileEntry(self.tree, args.text("path"), entry));
  },
  withFile: async (self, args) => {
    const { entry, name } = await fileOf(args.ref("source"));
    const path = fileTarget(args.text("path"), args.text("path"), name);
    const owned = {
      ...entry,
      ...numericOwner(args.text("owner")),
      mode: args.optionalInt("permissions") ?? entry.mode,
    };
    return changed(self, withFileEntry(self.tree, path, owned));
  },
  withFiles: async (self, args) => {
    let { tree } = self;
    for (const ref of args.refs("sources")) {
      const { entry, name } = await fileOf(ref);
      tree = withFileEntry(tree, posix.join(args.text("path"), name), {
        ...entry,
        mode: args.optionalInt("permissions") ?? entry.mode,
      });
    }
    return changed(self, tree);
  },
  withDirectory: async (self, args) => {
    refuseGitignore(args.flag("gitignore"));
    const { tree } = await directoryOf(args.ref("source"));
    const owner = numericOwner(args.text("owner"));
    const selected = filterTree(tree, { include: args.texts("include"), exclude: args.texts("exclude") });
    const owned = sorted(new Map([...selected].map(([path, entry]) => [path, { ...entry, ...owner }])));
    const root = { ...directoryEntry(args.optionalInt("permissions")), ...owner };
    return changed(self, withTree(self.tree, args.text("path"), owned, root));
  },
  withNewDirectory: (self, args) => {
    const entry = directoryEntry(args.int("permissions") | 0o111);
    return changed(self, withEntries(self.tree, [[posix.resolve("/", args.text("path")).slice(1), entry]]));
  },
  withSymlink: (self, args) => {
    const entry = { type: "link", target: args.text("target"), uid: 0, gid: 0, mtime: fixedTime } as const;
    return changed(self, withFileEntry(self.tree, args.text("linkName"), entry));
  },
  withTimestamps: (self, args) => {
    const mtime = args.int("timestamp");
    return changed(self, new Map([...self.tree].map(([path, entry]) => [path, { ...entry, mtime }])));
  },
  withoutFile: (self, args) => changed(self, withoutPath(self.tree, args.text("path"))),
  withoutFiles: (self, args) => changed(self, args.texts("paths").reduce(withoutPath, self.tree)),
  withoutDirectory: (self, args) => changed(self, withoutPath(self.tree, args.text("path"))),
  diff: async (self, args) =>
    changed(self, differenceOf(self.tree, (await directoryOf(args.ref("other"))).tree)),
  filter: (self, args) => {
    refuseGitignore(args.flag("gitignore"));
    return changed(
      self,
      filterTree(self.tree, { include: args.texts("include"), exclude: args.texts("exclude") }),
    );
  },
};

/** A directory has no user database: owners are numbers. */
function numericOwner(owner: string): { uid: number; gid: number } | undefined {
  if (owner === "") return undefined;
  const match = /^(\d+)(?::(\d+))?$/.exec(owner);
  if (match === null)
    throw new EngineError(`owner ${JSON.stringify(owner)}: numbers expected, as in 1000:1000`);
  return { uid: Number(match[1]), gid: Number(match[2] ?? match[1]) };
}

export const directoryResolvers: Resolvers = fieldsOf("Directory", isDirectory, { ...readers, ...writers });
