/** Runs a command as if nobody stood between it and the caller. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/** What a command inherits, and where to complain when it can't be started. */
export type Caller = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdinIsTerminal: boolean;
  /** Takes what has to be said, a line each. */
  readonly say: (line: string) => void;
};

/** How a command ended. */
export type Ending = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** A terminal sends these to the command itself; from elsewhere they reach this process alone. */
const fromTerminal: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];
const forwarded: readonly NodeJS.Signals[] = [...fromTerminal, "SIGTERM", "SIGHUP"];

/**
 * Runs a command with this process's input and outputs, and hands signals on to it.
 * A command that can't be started ends as a shell has it: 127 where there is none, else 126.
 */
export async function passThrough(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  { stdinIsTerminal, say }: Caller,
): Promise<Ending> {
  // Before the command is started: a signal that came in between would end this process and leave the command alone.
  let child: ChildProcess | undefined;
  const stops = forwarded.map((signal) => {
    const isTheirs = stdinIsTerminal && fromTerminal.includes(signal);
    const forward = (): void => void (isTheirs || child?.kill(signal));
    process.on(signal, forward);
    return () => process.off(signal, forward);
  });
  try {
    child = spawn(program, args, { stdio: "inherit", env });
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return signal === null ? { code: code ?? 1 } : { signal };
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    say(`${program}: ${reason === "ENOENT" ? "command not found" : `it can't be run (${reason})`}`);
    return { code: reason === "ENOENT" ? 127 : 126 };
  } finally {
    for (const stop of stops) stop();
  }
}

/** The exit code of this process; after a signal that ends processes, the same signal ends it instead. */
export function endAs(ending: Ending): number {
  if ("code" in ending) return ending.code;
  if (forwarded.includes(ending.signal) || ending.signal === "SIGKILL")
    process.kill(process.pid, ending.signal);
  return 128 + constants.signals[ending.signal];
}
