/**
 * Which object a file of the host was the last time, by what `lstat` says of it. Makes the second
 * snapshot of a directory as cheap as walking it.
 */
import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";

import { holds } from "../store/objects.js";
import { type Store, readJson, writeWhole } from "../store/store.js";
import type { FileEntry } from "./types.js";

export type StatCache = {
  find(path: string, stats: BigIntStats): FileEntry | undefined;
  add(path: string, stats: BigIntStats, entry: FileEntry): void;
  save(): Promise<void>;
};

type Record = readonly [stamp: string, entry: FileEntry];

/**
 * A file that changed less than this before it was read is not remembered: another change within the
 * clock's grain would not show.
 */
const settledAfterNs = 2_000_000_000n;

export async function openStatCache(store: Store, root: string, nowMs: () => number): Promise<StatCache> {
  const name = createHash("sha256").update(root).digest("hex");
  const path = store.path("memo", `stat-${name}.json`);
  const saved = await readJson(path);
  const records = new Map<string, Record>(Array.isArray(saved) ? (saved as [string, Record][]) : []);
  const seen = new Map<string, Record>();
  return {
    find: (file, stats) => {
      const record = records.get(file);
      if (record === undefined || record[0] !== stampOf(stats) || !holds(store, record[1])) return undefined;
      seen.set(file, record);
      return record[1];
    },
    add: (file, stats, entry) => {
      const changed = stats.ctimeNs > stats.mtimeNs ? stats.ctimeNs : stats.mtimeNs;
      if (BigInt(nowMs()) * 1_000_000n - changed > settledAfterNs) seen.set(file, [stampOf(stats), entry]);
    },
    save: () => writeWhole(store, path, JSON.stringify([...seen])),
  };
}

function stampOf(stats: BigIntStats): string {
  return [stats.dev, stats.ino, stats.size, stats.mode, stats.mtimeNs, stats.ctimeNs].join(" ");
}
