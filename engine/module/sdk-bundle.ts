/**
 * The SDK in one file, as Dagger's engine gives it to a module (its `core.js`). From its package it is
 * some 1500 files, and every function's process would look for each of them.
 *
 * The introspector is left out, and the compiler with it: what a scan found is replayed
 * (recorded-scan.ts).
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import type { Plugin } from "esbuild";

import { writeWhole } from "./cache.js";
import { locateSdk } from "./introspector.js";
import { replayName } from "./scan-record.js";

/** Raise it when the file is made in another way: what was made before is not read again. */
const format = 1;

/** The path of the file, made now or before; it is kept for the versions of the SDK and the bundler. */
export async function bundledSdk(cache: string): Promise<string> {
  const { directory, version } = await locateSdk();
  const bundler = createRequire(import.meta.url)("esbuild/package.json") as { version: string };
  const path = join(cache, "sdk", `${version}-${bundler.version}-${format}.mjs`);
  if (!existsSync(path)) await writeWhole(path, await bundle(directory));
  return path;
}

async function bundle(directory: string): Promise<string> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(directory, "dist", "src", "index.js")],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: `node${process.versions.node}`,
    // The SDK tells its classes by their names.
    keepNames: true,
    // Packages in CommonJS ask for Node's own modules by `require`.
    banner: {
      js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`,
    },
    plugins: [withoutIntrospector],
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

/** Asks whom recorded-scan.ts puts in its place. */
const introspector = `
import * as classes from "./dagger_module/index.js";
export const scan = () => globalThis[Symbol.for(${JSON.stringify(replayName)})](classes);
`;

/** The compiler's kinds are keys of a table that is made while the SDK loads, and never asked. */
const compiler = "export default { SyntaxKind: {} };";

const withoutIntrospector: Plugin = {
  name: "without-introspector",
  setup(build) {
    build.onLoad({ filter: /[\\/]module[\\/]introspector[\\/]index\.js$/ }, () => ({
      contents: introspector,
    }));
    build.onResolve({ filter: /^typescript$/ }, ({ path }) => ({ path, namespace: "compiler" }));
    build.onLoad({ filter: /./, namespace: "compiler" }, () => ({ contents: compiler }));
  },
};
