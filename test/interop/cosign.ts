import { execFile } from "node:child_process";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** What cosign printed, and how it ended. */
export type Run = { readonly status: number; readonly output: string };

/**
 * The path of cosign, built on first use by scripts/interop-tools.sh, or why there is none. In a run that
 * must not build (ATTEST_INTEROP=cached) only one that is there already is used.
 */
export function findCosign(): { readonly path: string } | { readonly missing: string } {
  const script = join(import.meta.dirname, "../../scripts/interop-tools.sh");
  const args = process.env["ATTEST_INTEROP"] === "cached" ? ["--if-present"] : [];
  try {
    const path = execFileSync("sh", [script, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { path: path.trim() };
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    return { missing: stderr?.trim().split("\n").at(-1) ?? "scripts/interop-tools.sh failed" };
  }
}

/** Runs cosign; it is given no network address to ask and a password for its keys. */
export function runCosign(path: string, args: readonly string[], cwd: string): Promise<Run> {
  const env = {
    ...process.env,
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
