/** ./attest among other programs: pipes, full disks, signals, files. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

const script = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "attest");

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-streams-"));
  await mkdir(join(directory, "project"));
  await writeFile(join(directory, "review.json"), "{}\n");
});

afterAll(() => rm(directory, { recursive: true }));

type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a line of bash in which $ATTEST is the command; a pipe's code is that of the last command that failed. */
async function bash(line: string): Promise<Run> {
  const env = { ...process.env, ATTEST_ENGINE: "local", ATTEST: script };
  const child = spawn("bash", ["-o", "pipefail", "-c", line], {
    cwd: directory,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

describe("stdout", () => {
  test("may be closed by a reader who has seen enough", async () => {
    expect(await bash('"$ATTEST" --help | true')).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await bash('"$ATTEST" sbmo 2>&1 | true')).toEqual({ code: 2, stdout: "", stderr: "" });
  });

  test("that takes nothing is a failure", async () => {
    expect(await bash('"$ATTEST" --help >/dev/full')).toEqual({
      code: 1,
      stdout: "",
      stderr: "attest: the result can't be written to stdout: ENOSPC: no space left on device, write\n",
    });
  });
});

describe("--output", () => {
  test("saves a text, in directories that it makes, and prints it too, as Dagger does", async () => {
    const run = await bash('"$ATTEST" --syft-image=registry.example/syft syft-image -o new/image.txt');
    expect(run).toEqual({
      code: 0,
      stdout: "registry.example/syft",
      stderr: `Saved output to ${JSON.stringify(join(directory, "new/image.txt"))}.\n`,
    });
    expect(await readFile(join(directory, "new/image.txt"), "utf8")).toBe("registry.example/syft");
  });

  test("saves a file, also into a directory that is there", async () => {
    const statement = '"$ATTEST" statement --predicate-type=https://example.com/v1 --predicate=review.json';
    const run = await bash(
      `${statement} with-subject --name=a --digests=sha256:${"0".repeat(64)} as-file -o project`,
    );
    expect(run).toMatchObject({ code: 0, stdout: "" });
    expect(run.stderr).toContain(`Saved to ${JSON.stringify(join(directory, "project"))}.\n`);
    expect(await readdir(join(directory, "project"))).toHaveLength(1);
  });
});

describe("an interrupt", () => {
  test("ends a scan at once, by the same signal, with nothing left mounted", async () => {
    const child = spawn("sh", [script, "sbom", "--directory=project", "summary"], {
      cwd: directory,
      env: { ...process.env, ATTEST_ENGINE: "local" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "close");
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      const isFirst = stderr === "";
      stderr += chunk.toString();
      // The function runs: it has asked for the scanner's image.
      if (isFirst) child.kill("SIGINT");
    });
    expect(await ended).toEqual([null, "SIGINT"]);
    expect(stderr.trim().split("\n").slice(1)).toEqual(["attest: interrupted"]);
    expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(`attest-${child.pid ?? 0}.`);
  });
});
