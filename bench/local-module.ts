/** The module on a local engine with a store of its own, with the most memory that its functions' processes had. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { sendQuery } from "../cli/client.js";
import { startEngine } from "../engine/index.js";
import { serveModule } from "../engine/module/serve.js";

export type LocalModule = {
  /** The main client's directory. */
  readonly workdir: string;
  /** The one value at the end of a chain of fields. */
  value(chain: string): Promise<unknown>;
  /** The most, in KiB, that a function's process had since this was asked before. */
  peak(): number;
  close(): Promise<void>;
};

export async function startLocalModule(): Promise<LocalModule> {
  const workdir = await mkdtemp(join(tmpdir(), "attest-bench-"));
  const store = join(workdir, "store");
  const engine = await startEngine({ store, workdir });
  const directory = resolve(import.meta.dirname, "..");
  await serveModule({ engine, directory, cache: store, onOutput: (line) => console.error(line) });
  let highest = 0;
  const poll = setInterval(() => {
    void peakOfFunctions().then((peak) => (highest = Math.max(highest, peak)));
  }, 10);
  return {
    workdir,
    value: async (chain) => innermost(await sendQuery(engine, `{ ${chain} }`)),
    peak: () => {
      const peak = highest;
      highest = 0;
      return peak;
    },
    close: async () => {
      clearInterval(poll);
      await engine.close();
      await rm(workdir, { recursive: true });
    },
  };
}

async function peakOfFunctions(): Promise<number> {
  const children = await read(`/proc/self/task/${process.pid}/children`);
  const pids = children.trim().split(" ").filter(Boolean);
  const peaks = await Promise.all(
    pids.map(async (pid) => {
      const isFunction = (await read(`/proc/${pid}/cmdline`)).includes("entrypoint.ts");
      return isFunction ? Number(/VmHWM:\s*(\d+)/.exec(await read(`/proc/${pid}/status`))?.[1] ?? 0) : 0;
    }),
  );
  return Math.max(0, ...peaks);
}

/** A process may end between two looks. */
async function read(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => "");
}

function innermost(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const values: unknown[] = Object.values(value);
  return values.length === 1 ? innermost(values[0]) : value;
}
