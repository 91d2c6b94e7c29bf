/** Runs a program, with both of its output streams caught. Its arguments may be seen by every user of the machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export type CommandOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Runs the command line in another one: under measurement. */
  readonly wrap?: (command: readonly string[]) => readonly string[];
};

export type CommandResult = {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Both, in the order in which they arrived. */
  readonly combined: Buffer;
};

const children = new Set<ChildProcess>();

/**
 * Runs to the end and never throws for an exit code. The program dies with this process, even when this
 * one is killed.
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const command = [program, ...args];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...(options.wrap?.(command) ?? command)], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...(options.env ?? process.env) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  children.add(child);
  const [stdout, stderr, combined]: [Buffer[], Buffer[], Buffer[]] = [[], [], []];
  child.stdout.on("data", (chunk: Buffer) => [stdout, combined].forEach((each) => each.push(chunk)));
  child.stderr.on("data", (chunk: Buffer) => [stderr, combined].forEach((each) => each.push(chunk)));
  // A program may end without reading its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return {
      exitCode: code ?? (signal === null ? 1 : 137),
      stdout: Buffer.concat(stdout),
      stderr: Buffer.concat(stderr),
      combined: Buffer.concat(combined),
    };
  } finally {
    children.delete(child);
  }
}

/** Runs a program that has to succeed; returns what it printed. */
export async function commandOutput(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await runCommand(program, args, options);
  if (result.exitCode !== 0) throw new CommandError(program, args[0] ?? "", lastLines(result));
  return result.stdout.toString("utf8");
}

export class CommandError extends Error {
  constructor(
    program: string,
    subcommand: string,
    /** The end of what it said. */
    readonly output: string,
  ) {
    super(`${program} ${subcommand} failed: ${output}`);
    this.name = "CommandError";
  }
}

function lastLines({ stderr, stdout }: CommandResult): string {
  const text = (stderr.length > 0 ? stderr : stdout).toString("utf8").trim();
  return text.split("\n").slice(-5).join("\n");
}

/** Ends every program that still runs. */
export function killCommands(): void {
  for (const child of children) child.kill("SIGKILL");
}
