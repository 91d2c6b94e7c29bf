/** Starts the local engine with the module on it, and speaks to it as any client would. */
import { startEngine as startLocalEngine } from "../engine/index.js";
import { serveModule } from "../engine/module/serve.js";
import { standIn } from "../engine/stand-ins/index.js";
import { sendQuery } from "./client.js";
import type { Progress } from "./progress.js";
import type { SendQuery } from "./run.js";

export type Engine = { readonly send: SendQuery; close(): Promise<void> };

export type EngineOptions = {
  /** Directory of the module. */
  readonly root: string;
  readonly store: string;
  readonly progress: Progress;
  /** How many functions of the module the command calls. */
  readonly expectedCalls: number;
};

/** The engine works for one command: it is closed when the command ends. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { root, store, progress, expectedCalls } = options;
  const engine = await startLocalEngine({
    store,
    workdir: process.cwd(),
    env: process.env,
    progress: progress.step,
    standIn: (reference) => standIn(reference, progress.line),
  });
  await serveModule({
    engine,
    directory: root,
    cache: store,
    onOutput: progress.line,
    expectedCalls,
  });
  return { send: (query) => sendQuery(engine, query), close: () => engine.close() };
}
