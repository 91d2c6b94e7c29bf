/**
 * `npm run bench -- <name>`: runs a benchmark and prints what it measured. Each is a directory here whose
 * `run.ts` exports `run`.
 */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

type Benchmark = { readonly run: () => Promise<void> };

const here = fileURLToPath(new URL(".", import.meta.url));
const names = readdirSync(here).filter((name) => existsSync(`${here}/${name}/run.ts`));
const name = process.argv[2] ?? "";

if (names.includes(name)) {
  const benchmark = (await import(`./${name}/run.js`)) as Benchmark;
  await benchmark.run();
} else {
  console.error(`usage: npm run bench -- <${names.join("|")}>`);
  process.exitCode = 2;
}
