/** docs/tutorial.md: all its shell blocks, in order, in one shell that stops at the first failure. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { blocks, readPage, root } from "./pages.js";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-tutorial-"));
  await symlink(join(root, "attest"), join(directory, "attest"));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** `! command` does not end a shell with -e: it is said what has to fail. */
function asScript(texts: readonly string[]): string {
  const refused = texts
    .join("\n")
    .replace(/^! (.*)$/gm, 'if $1; then echo "not refused: $1" >&2; exit 1; fi');
  return `set -eu\n${refused}`;
}

test("runs from the first to the last block", { timeout: 1_200_000 }, async () => {
  const shown = blocks(await readPage("docs/tutorial.md")).filter(({ language }) => language === "sh");
  expect(shown).toHaveLength(8);
  const env = { ...process.env, ATTEST_ENGINE: "local" };
  const script = asScript(shown.map(({ text }) => text));
  const run = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile("sh", ["-c", script], { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, stdout, stderr });
    });
  });
  expect(run).toMatchObject({ code: 0 });
  expect(run.stdout).toContain("https://spdx.dev/Document");
  expect(await readFile(join(directory, "sbom.intoto.json"), "utf8")).toContain("left-pad");
  expect(await readFile(join(directory, "verdict.html"), "utf8")).toContain("<html");
});
