import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { parseCommandLine } from "../../cli/parse.js";
import { QueryError, runChain, type SendQuery } from "../../cli/run.js";
import { catalog } from "./catalog.js";

const directory = mkdtempSync(join(tmpdir(), "attest-run-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs a command line on an engine of one answer; returns what went to stdout. */
async function run(tokens: readonly string[], send: SendQuery): Promise<string> {
  const said: string[] = [];
  const stdout = (text: string) => Promise.resolve(said.push(text));
  const output = { stdout, stderr: () => undefined, stdoutIsTerminal: false };
  await runChain(catalog, parseCommandLine(catalog, tokens), send, output);
  return said.join("");
}

describe("a path that the engine can't read", () => {
  const refusing = (message: string) => () => Promise.reject(new QueryError(message));

  test.each([
    [
      "--source=gone",
      "/w/gone: no such file or directory",
      "--source: a directory expected, got no such file",
    ],
    ["--source=a.txt", "/w/a.txt: not a directory", "--source: a directory expected, got not a directory"],
    [
      "--source=b",
      "EACCES: permission denied, scandir '/w/b'",
      "--source: a directory expected, got permission",
    ],
    ["--files=c", "/w/c: is a directory", "--files: a file expected, got is a directory"],
  ])("is named with its flag: %s", async (flag, said, problem) => {
    const source = flag.startsWith("--source") ? [] : ["--source=."];
    const send: SendQuery = (query) =>
      query.includes('value: "."')
        ? Promise.resolve({ address: { directory: { id: "id" } } })
        : refusing(said)();
    const failure = run(["scan", ...source, flag], send);
    await expect(failure).rejects.toThrow(`ARGUMENT_INVALID: ${flag} can't be read\n  ${problem}`);
    await expect(failure).rejects.toThrow(/Next: Check the path/);
  });

  test("and any other refusal are told apart", async () => {
    const failure = run(["scan", "--source=https://git.example/a.git"], refusing("the remote hung up"));
    await expect(failure).rejects.toThrow(/^the remote hung up$/);
  });
});

test("an object that can't be exported is printed and written to no file, as by dagger call", async () => {
  const send: SendQuery = (query) =>
    Promise.resolve(
      query.includes("address") ? { address: { directory: { id: "d" } } } : { demo: { scan: { id: "r" } } },
    );
  const printed = await run(["scan", "--source=.", "-o", join(directory, "out")], send);
  expect(printed).toMatch(/^DemoReport@sha256:[0-9a-f]{64}\n$/);
  expect(readdirSync(directory)).toEqual([]);
});
