import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-cli-"));
  await symlink(join(root, "attest"), join(directory, "linked"));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

type Run = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs ./attest, on the local engine unless told otherwise, from another directory. */
async function attest(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  script = join(root, "attest"),
): Promise<Run> {
  const options = { cwd: directory, env: { ...process.env, ATTEST_ENGINE: "local", ...env } };
  return await new Promise((resolve) => {
    execFile("sh", [script, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe("./attest", () => {
  test("says its version, also through a symbolic link", async () => {
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
    const expected = { code: 0, stdout: `attest ${version}\n`, stderr: "" };
    expect(await attest(["--version"])).toEqual(expected);
    expect(await attest(["--version"], {}, join(directory, "linked"))).toEqual(expected);
  });

  test("helps on stdout, with the functions of the module", async () => {
    const run = await attest(["--help"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/^ {2}sbom {2,}\S/m);
    expect((await attest([])).stdout).toBe(run.stdout);
    expect((await attest(["call", "sbom", "--help"])).stdout).toContain("--directory Directory");
  });

  test("lists the functions that can follow a chain", async () => {
    const run = await attest(["functions", "sbom", "as-file"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/^export +\S/m);
  });

  test("names the flag of a layout that is none, with a code", async () => {
    await writeFile(join(directory, "a-file"), "text");
    for (const [flag, path, got, next] of [
      ["--layout", "nowhere", "a directory expected, got no such file or directory", "Check the path"],
      [
        "--layout",
        "a-file",
        "a directory expected, got not a directory",
        "For a file there is --archive. Check",
      ],
      ["--archive", ".", "a file expected, got is a directory", "For a directory there is --layout. Check"],
      ["--archive", "nowhere", "a file expected, got no such file or directory", "Check the path"],
    ] as const) {
      const { code, stdout, stderr } = await attest(["-s", "image", `${flag}=${path}`, "tree"]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain(
        `attest: ARGUMENT_INVALID: ${flag}=${path} can't be read\n  ${flag}: ${got}\nNext: ${next}`,
      );
    }
    const { stderr } = await attest(["-s", "image", "--layout=.", "tree"]);
    expect(stderr).toMatch(
      /IMAGE_INVALID: the layout is no OCI layout\n {2}oci-layout: .* expected, got no such file\nNext: /,
    );
  });

  test("ends with 2 and the nearest name when it is not understood", async () => {
    expect(await attest(["sbmo"])).toEqual({
      code: 2,
      stdout: "",
      stderr: 'attest: Attest has no function "sbmo". Did you mean sbom?\nRun ./attest --help for usage.\n',
    });
    expect(await attest(["sbom", "--dir=."])).toMatchObject({ code: 2, stdout: "" });
  });

  test("refuses an engine that there is none of", async () => {
    expect(await attest(["--help"], { ATTEST_ENGINE: "other" })).toEqual({
      code: 2,
      stdout: "",
      stderr: 'attest: ATTEST_ENGINE is "other"; local or dagger expected\n',
    });
  });

  test("doctor names what is there and where the store is", async () => {
    const { stdout } = await attest(["doctor"]);
    expect(stdout).toMatch(/^ok +Node\.js v/m);
    expect(stdout).toMatch(/^store +\//m);
  });
});

describe("./attest where dagger is installed", () => {
  const dagger = (answers: boolean): Promise<string> => fakeDagger(answers ? "exit 0" : "exit 1");

  test("calls the module with it when its engine answers", async () => {
    const env = { PATH: await dagger(true), ATTEST_ENGINE: "" };
    expect((await attest(["sbom", "--directory=.", "as-file"], env)).stdout).toBe(
      `dagger call -m ${root} sbom --directory=. as-file\n`,
    );
    expect((await attest(["call", "sbom"], env)).stdout).toBe(`dagger call -m ${root} sbom\n`);
    expect((await attest(["functions"], env)).stdout).toBe(`dagger functions -m ${root}\n`);
  });

  test("uses the local engine, and says so, when it does not", async () => {
    const run = await attest(["--help"], { PATH: await dagger(false), ATTEST_ENGINE: "" });
    expect(run.stdout).toContain("./attest [arguments] <function>");
    expect(run.stderr).toContain("the local engine is used");
  });

  test("asks nothing when told which to use", async () => {
    const PATH = await dagger(false);
    expect((await attest(["sbom"], { PATH, ATTEST_ENGINE: "dagger" })).stdout).toContain("dagger call");
    expect((await attest(["--help"], { PATH })).stderr).toBe("");
  });
});

/** A PATH with a `dagger` that prints its arguments, and answers the probe as told. */
async function fakeDagger(probe: string): Promise<string> {
  const bin = await mkdtemp(join(directory, "bin-"));
  const script = `#!/bin/sh\nif [ "$1" = core ]; then ${probe}; fi\necho "dagger $*"\n`;
  await writeFile(join(bin, "dagger"), script, { mode: 0o755 });
  return `${bin}:${process.env["PATH"] ?? ""}`;
}
