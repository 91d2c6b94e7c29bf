import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/**
 * Puts each program into one file of its own, packages apart, as other people's tools are one program; they lie in the
 * directory under their own names, with `.mjs`.
 * @param programs URLs of TypeScript files
 */
export async function buildInto(directory: string, programs: readonly URL[]): Promise<void> {
  await symlink(fileURLToPath(new URL("../node_modules", import.meta.url)), join(directory, "node_modules"));
  await build({
    entryPoints: programs.map((program) => fileURLToPath(program)),
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node24",
  });
}
