/** A local engine for a test, on a store of its own, spoken to over GraphQL. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { sendQuery } from "../../cli/client.js";
import { type ProgressEvent, type StandIn, startEngine } from "../../engine/index.js";

export const run = promisify(execFile);

export type TestEngine = {
  readonly port: number;
  readonly token: string;
  /** Directory of the main client. */
  readonly workdir: string;
  readonly store: string;
  readonly events: readonly ProgressEvent[];
  query(text: string): Promise<unknown>;
  /** The one value at the end of a chain of fields. */
  value(chain: string): Promise<unknown>;
  /** Ends the engine and leaves its store. */
  closeEngine(): Promise<void>;
  close(): Promise<void>;
};

export type TestEngineOptions = {
  readonly store?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly standIn?: StandIn;
};

export async function startTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const workdir = await mkdtemp(join(tmpdir(), "attest-engine-"));
  const store = options.store ?? join(workdir, "store");
  const events: ProgressEvent[] = [];
  const engine = await startEngine({
    store,
    workdir,
    env: { ...process.env, ...options.env },
    progress: (event) => events.push(event),
    ...(options.standIn === undefined ? {} : { standIn: options.standIn }),
  });
  const query = (text: string): Promise<unknown> => sendQuery(engine, text);
  return {
    port: engine.port,
    token: engine.token,
    workdir,
    store,
    events,
    query,
    value: async (chain) => innermost(await query(`{ ${chain} ${closing(chain)} }`)),
    closeEngine: async () => {
      await engine.close();
      await rm(workdir, { recursive: true, force: true });
    },
    close: async () => {
      await engine.close();
      await removeStore(store);
      await rm(workdir, { recursive: true, force: true });
    },
  };
}

/** Buildah leaves its storage mounted onto itself. */
export async function removeStore(store: string): Promise<void> {
  const mounts = (await readFile("/proc/self/mounts", "utf8"))
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  for (const mount of mounts.filter((each) => each.startsWith(`${store}/`)).reverse())
    await run("umount", [mount]);
  await rm(store, { recursive: true, force: true });
}

/** The braces that a chain leaves open. */
function closing(chain: string): string {
  return "}".repeat(chain.split("{").length - chain.split("}").length);
}

function innermost(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const values: unknown[] = Object.values(value);
  return values.length === 1 ? innermost(values[0]) : value;
}

/** A string, number or list as it stands in a query. */
export function literal(value: unknown): string {
  return JSON.stringify(value);
}
