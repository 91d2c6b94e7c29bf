import { execFile } from "node:child_process";
import { join } from "node:path";

import { type BuiltTool, findBuiltTool } from "./built-tool.js";

/** What cosign printed, and how it ended. */
export type Run = { readonly status: number; readonly output: string };

/** The path of cosign, or why there is none. */
export function findCosign(): BuiltTool {
  return findBuiltTool("interop-tools.sh");
}

/** Runs cosign; it is given no network address to ask and a password for its keys. */
export function runCosign(
  path: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const env = {
    ...process.env,
    ...variables,
    COSIGN_PASSWORD: "interop-passphrase",
    HOME: cwd,
    TUF_ROOT: join(cwd, "tuf"),
  };
  return new Promise((resolve) => {
    execFile(path, [...args], { cwd, env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}
