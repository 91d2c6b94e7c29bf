import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";

export type Measured = { readonly seconds: number; readonly mebibytes: number; readonly stdout: string };

/** Runs a command; its memory is the most that it or one of its children had, as the kernel noted it. */
export async function timed(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Measured> {
  const start = performance.now();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  child.stdout.on("data", (piece: Buffer) => (stdout += piece.toString()));
  let stderr = "";
  child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
  let kibibytes = 0;
  const poll = setInterval(() => {
    void peakOf(child.pid ?? 0).then((peak) => (kibibytes = Math.max(kibibytes, peak)));
  }, 20);
  const status = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(poll);
  if (status !== 0) throw new Error(`${command} ended with ${String(status)}: ${stderr}`);
  return { seconds: (performance.now() - start) / 1000, mebibytes: kibibytes / 1024, stdout };
}

async function peakOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const pids = [pid, ...children.trim().split(" ").filter(Boolean).map(Number)];
  const statuses = pids.map((one) => readFile(`/proc/${one}/status`, "utf8").catch(() => ""));
  const peaks = (await Promise.all(statuses)).map((status) =>
    Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0),
  );
  return Math.max(...peaks);
}
