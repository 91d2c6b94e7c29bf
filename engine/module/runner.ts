/**
 * Processes for function calls. Each serves one call and starts from nothing but the state that it is
 * sent, as on Dagger. The next one is started while the present one works, to save its start-up.
 */
import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { releaseMounts } from "../buildah/stale.js";
import { isOwnerAlive, ownerName } from "../store/owner.js";
import type { StartMessage } from "./entrypoint.js";
import type { ModuleSource } from "./source.js";

export type RunnerOptions = {
  /** Takes each line that a function prints. */
  readonly onOutput: (line: string) => void;
  /** Path of the stub of the generated client. */
  readonly clientStub: string;
  /** Path of what the scan of the module's source found. */
  readonly scan: string;
  /** Path of the SDK in one file. */
  readonly sdk: string;
  /** Directory for compiled code that the processes share. */
  readonly compileCache: string;
  /** Directory for the calls' own directories. On a disk: a function's files may be large. */
  readonly calls: string;
  /** How many calls will come, where that is known: no process is started ahead for one more. */
  readonly expectedCalls?: number;
};

/** How a process ended: its exit code and the last lines that it printed. */
export type Exit = { readonly code: number | null; readonly lastLines: readonly string[] };

export type FunctionProcess = {
  /** The function's working directory: fresh, removed with the process. */
  readonly workdir: string;
  /** Serves the call that the session's engine holds for it. Resolves when the process has ended. */
  run(session: { readonly port: number; readonly token: string }): Promise<Exit>;
  /** Ends the process and removes its directories. */
  dispose(): Promise<void>;
};

/** Variables of the caller that a function sees; everything else stays outside, as on Dagger. */
const passedVariables = [
  "PATH",
  "LANG",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
];

const keptLines = 20;

export class ModuleRunner {
  private spare: Promise<FunctionProcess> | undefined;
  private readonly started = new Set<FunctionProcess>();
  private taken = 0;

  constructor(
    private readonly source: ModuleSource,
    private readonly options: RunnerOptions,
  ) {}

  /** A process that waits for its call. */
  async take(): Promise<FunctionProcess> {
    const taken = this.spare ?? this.start();
    this.spare = undefined;
    this.taken += 1;
    return await taken;
  }

  /** Starts a process ahead, for the call that will probably follow. */
  prepare(): void {
    if (this.taken >= (this.options.expectedCalls ?? Infinity)) return;
    this.spare ??= this.start();
    // A failure shows when the process is taken.
    this.spare.catch(() => undefined);
  }

  /** Ends every process, one that serves a call too. */
  async close(): Promise<void> {
    await this.spare?.catch(() => undefined);
    this.spare = undefined;
    await Promise.all([...this.started].map((each) => each.dispose()));
  }

  private async start(): Promise<FunctionProcess> {
    await mkdir(this.options.calls, { recursive: true });
    const directory = await mkdtemp(join(this.options.calls, `${ownerName()}-`));
    const workdir = join(directory, "work");
    const temporary = join(directory, "tmp");
    await Promise.all([mkdir(workdir), mkdir(temporary)]);
    const child = this.fork(workdir);
    const lastLines = this.readOutput(child);
    const ended = new Promise((resolve) => child.once("close", resolve).once("error", resolve));
    const dispose = async (): Promise<void> => {
      this.started.delete(served);
      if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await ended;
      // Directories that were exported to the function may be mounts.
      await releaseMounts(directory);
      await rm(directory, { recursive: true, force: true });
    };
    const run: FunctionProcess["run"] = async (session) => {
      const files = [...this.source.files, this.options.clientStub];
      // A process that ended before is told by its exit, not by the message that it did not take.
      child.send(
        { ...session, files, scan: this.options.scan, temporary } satisfies StartMessage,
        () => undefined,
      );
      await ended;
      return { code: child.exitCode, lastLines };
    };
    const served = { workdir, run, dispose };
    this.started.add(served);
    return served;
  }

  private fork(workdir: string): ChildProcess {
    return fork(fileURLToPath(new URL("./entrypoint.ts", import.meta.url)), [this.options.sdk], {
      cwd: workdir,
      // A young generation of 4 MiB instead of 16: as fast here, and tens of MiB less in every process.
      execArgv: ["--no-deprecation", "--max-semi-space-size=4"],
      env: {
        ...Object.fromEntries(passedVariables.map((name) => [name, process.env[name]])),
        HOME: workdir,
        NODE_COMPILE_CACHE: this.options.compileCache,
        TSX_TSCONFIG_PATH: findTsconfig(this.source.directory),
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
  }

  private readOutput(child: ChildProcess): string[] {
    const lastLines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        lastLines.push(line);
        if (lastLines.length > keptLines) lastLines.shift();
        this.options.onOutput(line);
      });
    }
    return lastLines;
  }
}

/** Removes the directories of calls whose engine was killed. */
export async function removeLeftovers(calls: string): Promise<void> {
  const names = await readdir(calls).catch(() => []);
  const left = names.filter((name) => !isOwnerAlive(name));
  await Promise.all(left.map((name) => rm(join(calls, name), { recursive: true, force: true })));
}

/** The tsconfig.json of the module's directory or of the nearest one above it. */
function findTsconfig(directory: string): string | undefined {
  const path = join(directory, "tsconfig.json");
  if (existsSync(path)) return path;
  return dirname(directory) === directory ? undefined : findTsconfig(dirname(directory));
}
