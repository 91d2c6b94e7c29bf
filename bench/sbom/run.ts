/**
 * `./attest sbom` beside Syft run directly on the same directory: this project with its packages. Attest is
 * measured twice: on a directory that has changed since the last run, where Syft runs inside, and on one
 * that has not, where its result is still known. Prints seconds and the ratio to Syft alone.
 */
import { appendFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { scannerPath, storedScanners } from "../../engine/stand-ins/scanners.js";
import { timed } from "../timed.js";

const root = resolve(import.meta.dirname, "../..");
const repeats = 3;

export async function run(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "attest-bench-"));
  try {
    const input = join(directory, "input");
    // Files with one link only: a hard link made elsewhere would change the time that the engine looks at.
    await timed("cp", ["-a", `${root}/.`, input]);
    await rm(join(input, ".git"), { recursive: true, force: true });
    const files = (await readdir(input, { recursive: true, withFileTypes: true })).filter((one) =>
      one.isFile(),
    );
    console.log(`input: ${files.length} files; best of ${repeats} runs; Node ${process.version}`);
    const attest = (): Promise<number> =>
      seconds(join(root, "attest"), [
        ...["sbom", `--directory=${input}`, "as-file", "export", `--path=${join(directory, "out.json")}`],
      ]);
    const syft = (): Promise<number> =>
      seconds(syftPath(), [
        ...["scan", `dir:${input}`, "--quiet", `--output=spdx-json@2.3=${join(directory, "syft.json")}`],
      ]);
    await attest();
    const alone = await best(syft);
    const changed = await best(async () => {
      await appendFile(join(input, "README.md"), "\n");
      return attest();
    });
    const unchanged = await best(attest);
    console.log("\n| contender | seconds | ratio |\n|---|--:|--:|");
    for (const [name, one] of [
      ["syft", alone],
      ["attest, changed input", changed],
      ["attest, unchanged input", unchanged],
    ] as const) {
      console.log(`| ${name} | ${one.toFixed(1)} | ${(one / alone).toFixed(1)} |`);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The very binary that runs inside. */
function syftPath(): string {
  const syft = storedScanners.find(({ name }) => name === "syft");
  if (syft === undefined) throw new Error("no Syft among the scanners");
  return scannerPath(syft);
}

async function seconds(command: string, args: readonly string[]): Promise<number> {
  const env = { ...process.env, ATTEST_ENGINE: "local", SYFT_CHECK_FOR_APP_UPDATE: "false" };
  return (await timed(command, args, { env })).seconds;
}

async function best(measure: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < repeats; i += 1) least = Math.min(least, await measure());
  return least;
}
