/**
 * Measures a command by a control group of its own, below the engine's: processor time, peak of memory
 * (page cache included, as the kernel charges it) and disk, of everything that the command started.
 * https://docs.kernel.org/admin-guide/cgroup-v1/ and https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
import { mkdir, readFile, readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";

import { once } from "../store/memo.js";
import { isOwnerAlive } from "../store/owner.js";
import type { Counters, Meter } from "./types.js";

/** A hierarchy of groups: the engine's own directory in it, and what a group of it tells. */
type Hierarchy = {
  readonly method: "cgroup-v1" | "cgroup-v2";
  readonly directory: string;
  readonly read: (group: string) => Promise<Counters>;
};

const prefix = "attest-";

/** A meter whose group has the name, which begins with that of its owner; undefined where no group can be made. */
export async function openGroupMeter(name: string): Promise<Meter | undefined> {
  const groups: { readonly hierarchy: Hierarchy; readonly path: string }[] = [];
  for (const hierarchy of await hierarchies()) {
    const path = join(hierarchy.directory, name);
    const isMade = await mkdir(path).then(
      () => true,
      () => false,
    );
    if (isMade) groups.push({ hierarchy, path });
  }
  const method = groups[0]?.hierarchy.method;
  if (method === undefined) return undefined;
  return {
    wrap: (command) => ["sh", "-c", joinGroups, "sh", ...groups.map(({ path }) => path), "--", ...command],
    read: async () => {
      const read = await Promise.all(groups.map(({ hierarchy, path }) => hierarchy.read(path)));
      const counters: Counters = Object.fromEntries(read.flatMap((each) => Object.entries(each)));
      return Object.keys(counters).length === 0 ? undefined : { method, counters };
    },
    close: async () => {
      // A process that the command left behind keeps its group: the next engine removes it.
      await Promise.all(groups.map(({ path }) => rmdir(path).catch(() => undefined)));
    },
  };
}

/** Joins the groups that are named before `--` and becomes the command. */
const joinGroups = `while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done 2>/dev/null; shift; exec "$@"`;

/** The hierarchies in which the engine may make groups: those of version 1 where it is there, else the one of version 2. */
const hierarchies = once(async (): Promise<readonly Hierarchy[]> => {
  const [own, mounts] = await Promise.all(
    ["/proc/self/cgroup", "/proc/self/mountinfo"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  const found = hierarchiesIn(own ?? "", mounts ?? "");
  await Promise.all(found.map(({ directory }) => removeStale(directory)));
  return found;
});

/** Reads `/proc/<pid>/cgroup` and `/proc/<pid>/mountinfo`. */
export function hierarchiesIn(own: string, mountinfo: string): readonly Hierarchy[] {
  const mounts = mountinfo.split("\n").flatMap(mountOf);
  const groups = own.split("\n").map((line) => {
    const [, controllers = "", ...path] = line.split(":");
    return { controllers: controllers.split(","), path: path.join(":") };
  });
  const first = Object.entries(controllersV1).flatMap(([controller, read]): Hierarchy[] => {
    const path = groups.find(({ controllers }) => controllers.includes(controller))?.path;
    const mount = mounts.find(({ type, options }) => type === "cgroup" && options.includes(controller));
    return path === undefined || mount === undefined
      ? []
      : [{ method: "cgroup-v1", directory: below(mount, path), read }];
  });
  if (first.length > 0) return first;
  const mount = mounts.find(({ type }) => type === "cgroup2");
  const path = groups.find(({ controllers }) => controllers.join() === "")?.path;
  if (mount === undefined || path === undefined || path === "") return [];
  return [{ method: "cgroup-v2", directory: below(mount, path), read: readV2 }];
}

type MountedAt = {
  readonly root: string;
  readonly place: string;
  readonly type: string;
  readonly options: string[];
};

function mountOf(line: string): MountedAt[] {
  const [before = "", after = ""] = line.split(" - ", 2);
  const [, , , root = "", place = ""] = before.split(" ");
  const [type = "", , options = ""] = after.split(" ");
  return type === "cgroup" || type === "cgroup2" ? [{ root, place, type, options: options.split(",") }] : [];
}

/** Where a group lies: of a mount that begins at a group, only what is below that. */
function below({ root, place }: MountedAt, path: string): string {
  const isInside = root !== "/" && (path === root || path.startsWith(`${root}/`));
  const inside = isInside ? path.slice(root.length) : path;
  return join(place, inside.replace(/^\//, ""));
}

const controllersV1: Readonly<Record<string, Hierarchy["read"]>> = {
  cpuacct: async (group) => {
    const micros = async (file: string): Promise<number> =>
      Math.round((await numberIn(join(group, file))) / 1000);
    return measured({
      "cpustat.usage": await micros("cpuacct.usage"),
      "cpustat.user": await micros("cpuacct.usage_user"),
      "cpustat.system": await micros("cpuacct.usage_sys"),
    });
  },
  memory: async (group) =>
    measured({ "memory.peak": await numberIn(join(group, "memory.max_usage_in_bytes")) }),
  // Writes go to the disk later, in the kernel's name: version 1 does not tell whose they were.
  blkio: async (group) => {
    const text = await textIn(join(group, "blkio.throttle.io_service_bytes_recursive"));
    return text === undefined ? {} : { "iostat.disk.readbytes": sumOf(text, /^\S+ Read (\d+)$/gm) };
  },
};

async function readV2(group: string): Promise<Counters> {
  const [cpu = "", io] = await Promise.all(["cpu.stat", "io.stat"].map((file) => textIn(join(group, file))));
  return {
    ...measured({
      "cpustat.usage": sumOf(cpu, /^usage_usec (\d+)$/gm),
      "cpustat.user": sumOf(cpu, /^user_usec (\d+)$/gm),
      "cpustat.system": sumOf(cpu, /^system_usec (\d+)$/gm),
      "memory.peak": await numberIn(join(group, "memory.peak")),
    }),
    ...(io === undefined
      ? {}
      : {
          "iostat.disk.readbytes": sumOf(io, /\brbytes=(\d+)/g),
          "iostat.disk.writebytes": sumOf(io, /\bwbytes=(\d+)/g),
        }),
  };
}

/** A command always takes time and memory: 0 means that the kernel does not tell, or that it was never in the group. */
function measured(counters: Counters): Counters {
  return Object.fromEntries(Object.entries(counters).filter(([, value]) => value > 0));
}

function sumOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, digits]) => sum + Number(digits), 0);
}

async function numberIn(path: string): Promise<number> {
  return Number((await textIn(path)) ?? 0);
}

function textIn(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

/** Groups of engines that were killed. */
async function removeStale(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const left = names.filter((name) => name.startsWith(prefix) && !isOwnerAlive(name.slice(prefix.length)));
  await Promise.all(left.map((name) => rmdir(join(directory, name)).catch(() => undefined)));
}
