/** The in-toto project's own schema of SLSA Provenance v1, as a program that is built on first use. */
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";

/** Path of the reader, or why there is none. With ATTEST_INTEROP=cached only one that is there already is used. */
export function findSlsaSchema(): { readonly path: string } | { readonly missing: string } {
  const script = join(import.meta.dirname, "../../scripts/slsa-schema.sh");
  const args = process.env["ATTEST_INTEROP"] === "cached" ? ["--if-present"] : [];
  try {
    const output = execFileSync("sh", [script, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { path: output.trim() };
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    return { missing: stderr?.trim().split("\n").at(-1) ?? "scripts/slsa-schema.sh failed" };
  }
}

/** What the reader says of a statement in a file: `valid`, or what is wrong. */
export function readBySchema(reader: string, statement: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(reader, [statement], (_error, stdout) => {
      resolve(stdout.trim().slice(`${statement}: `.length));
    });
  });
}
