/**
 * The module on an engine, spoken to as any client would: over GraphQL. On a Dagger engine when one
 * is there already (`dagger run npm test` sets DAGGER_SESSION_PORT), on the local engine otherwise.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { sendQuery } from "../../cli/client.js";
import { startEngine } from "../../engine/index.js";
import { serveModule } from "../../engine/module/serve.js";
import { standIn } from "../../engine/stand-ins/index.js";

export const projectRoot = resolve(import.meta.dirname, "../..");

/** Where the scanners and the packages of earlier runs are; tests share it with `./attest`. */
export const storeDirectory =
  process.env["ATTEST_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "attest");

export type ModuleSession = {
  /** A fresh directory, the main client's: paths in queries may be relative to it. */
  readonly workdir: string;
  /** What the functions printed. */
  readonly output: readonly string[];
  /** Sends one query; gives the data, or throws with the first error of the response. */
  query(text: string): Promise<unknown>;
  /** The one value at the end of a chain of fields: `value('attest { version }')`. */
  value(chain: string): Promise<unknown>;
  /** Id of the container, directory or file (on the host) at a path or other address. */
  id(type: "container" | "directory" | "file" | "secret", address: string): Promise<string>;
  /** Id of a file with this content, which is written to the working directory. */
  file(name: string, content: string | Uint8Array): Promise<string>;
  /** Id of a secret with this plaintext, which is read from such a file. */
  secret(name: string, plaintext: string | Uint8Array): Promise<string>;
  close(): Promise<void>;
};

export async function startModule(): Promise<ModuleSession> {
  const workdir = await mkdtemp(join(tmpdir(), "attest-test-"));
  const output: string[] = [];
  const engine = await openEngine(workdir, (line) => output.push(line));
  const query = (text: string): Promise<unknown> => sendQuery(engine, text);
  const id: ModuleSession["id"] = async (type, address) =>
    String(innermost(await query(`{ address(value: ${literal(address)}) { ${type} { id } } }`)));
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(workdir, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  return {
    workdir,
    output,
    query,
    value: async (chain) => innermost(await query(`{ ${chain} }`)),
    id,
    file: async (name, content) => id("file", await write(name, content)),
    secret: async (name, plaintext) => id("secret", `file:${await write(name, plaintext)}`),
    close: async () => {
      await engine.close();
      await rm(workdir, { recursive: true, force: true });
    },
  };
}

type Endpoint = { readonly port: number; readonly token: string; close(): Promise<void> };

async function openEngine(workdir: string, onOutput: (line: string) => void): Promise<Endpoint> {
  const { DAGGER_SESSION_PORT: port, DAGGER_SESSION_TOKEN: token = "" } = process.env;
  if (port !== undefined) {
    const endpoint = { port: Number(port), token, close: () => Promise.resolve() };
    const source = `moduleSource(refString: ${literal(projectRoot)})`;
    await sendQuery(endpoint, `{ ${source} { asModule { serve } } }`);
    return endpoint;
  }
  const engine = await startEngine({
    store: storeDirectory,
    workdir,
    env: process.env,
    progress: () => undefined,
    standIn: (reference) => standIn(reference, onOutput),
  });
  const module = await serveModule({ engine, directory: projectRoot, cache: storeDirectory, onOutput });
  const close = async (): Promise<void> => {
    await module.close();
    await engine.close();
  };
  return { port: engine.port, token: engine.token, close };
}

function innermost(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const values: unknown[] = Object.values(value);
  return values.length === 1 ? innermost(values[0]) : value;
}

/** A value as a GraphQL literal: strings are quoted, everything else is JSON that GraphQL reads too. */
export function literal(value: unknown): string {
  return JSON.stringify(value);
}
