import { execFileSync } from "node:child_process";
import { join } from "node:path";

export type BuiltTool = { readonly path: string } | { readonly missing: string };

/**
 * The path of a tool, built on first use by a script of scripts/, or why there is none. In a run that must not
 * build (ATTEST_INTEROP=cached) only one that is there already is used.
 */
export function findBuiltTool(name: string): BuiltTool {
  const script = join(import.meta.dirname, "../../scripts", name);
  const args = process.env["ATTEST_INTEROP"] === "cached" ? ["--if-present"] : [];
  try {
    const path = execFileSync("sh", [script, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { path: path.trim() };
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    return { missing: stderr?.trim().split("\n").at(-1) ?? `scripts/${name} failed` };
  }
}
