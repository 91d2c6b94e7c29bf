import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocket } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { decodeRecipe } from "../../../src/recipe/index.js";
import { literal, run, startTestEngine, type TestEngine } from "../engine.js";

describe("git on the local engine", () => {
  let engine: TestEngine;
  let daemon: ChildProcess;
  let url: string;
  let first: string;

  beforeAll(async () => {
    engine = await startTestEngine();
    const repository = join(engine.workdir, "repository");
    const git = async (...args: string[]): Promise<string> =>
      (
        await run("git", ["-C", repository, "-c", "user.name=A", "-c", "user.email=a@b.c", ...args])
      ).stdout.trim();
    await run("git", ["init", "--quiet", "--initial-branch=main", repository]);
    await writeFile(join(repository, "a.txt"), "one");
    await git("add", ".");
    await git("commit", "--quiet", "-m", "one");
    await git("tag", "-a", "v1", "-m", "v1");
    first = await git("rev-parse", "HEAD");
    await writeFile(join(repository, "a.txt"), "two");
    await git("commit", "--quiet", "-am", "two");
    const port = await freePort();
    daemon = spawn("git", [
      ...["daemon", "--reuseaddr", "--export-all", "--verbose", "--listen=127.0.0.1"],
      ...[`--port=${port}`, `--base-path=${engine.workdir}`],
    ]);
    await new Promise<void>((resolve) =>
      daemon.stderr?.on("data", (text: Buffer) => {
        if (text.includes("Ready to rumble")) resolve();
      }),
    );
    url = `git://127.0.0.1:${port}/repository`;
  });
  afterAll(async () => {
    daemon.kill("SIGKILL");
    await engine.close();
  });

  const repository = (): string => `git(url: ${literal(url)})`;

  it("resolves refs to commits; an annotated tag to the commit that it points at", async () => {
    expect(await engine.value(`${repository()} { tag(name: "v1") { commit`)).toBe(first);
    expect(await engine.value(`${repository()} { head { ref`)).toBe("refs/heads/main");
    expect(await engine.value(`${repository()} { commit(id: ${literal(first)}) { commit`)).toBe(first);
    expect(await engine.value(`${repository()} { tags`)).toEqual(["v1"]);
    expect(await engine.value(`${repository()} { branches(patterns: ["m*"])`)).toEqual(["main"]);
    await expect(engine.value(`${repository()} { branch(name: "none") { commit`)).rejects.toThrow(
      "the repository has no none: looked for refs/heads/none",
    );
  });

  it("checks a ref out, with its .git or without", async () => {
    const tree = (options: string): string => `${repository()} { branch(name: "main") { tree${options} {`;
    expect(await engine.value(`${tree("")} entries`)).toEqual([".git/", "a.txt"]);
    expect(await engine.value(`${tree("(discardGitDir: true)")} entries`)).toEqual(["a.txt"]);
    expect(await engine.value(`${tree("")} file(path: "a.txt") { contents`)).toBe("two");
    expect(await engine.value(`${tree("(depth: 0)")} asGit { commit(id: ${literal(first)}) { commit`)).toBe(
      first,
    );
  });

  it("stands behind addresses of directories and files", async () => {
    const address = (fragment: string): string => `address(value: ${literal(`${url}#${fragment}`)})`;
    expect(await engine.value(`${address("v1:a.txt")} { file { contents`)).toBe("one");
    expect(await engine.value(`${address("main")} { directory(exclude: [".git"]) { entries`)).toEqual([
      "a.txt",
    ]);
  });

  it("downloads over http: checked, and named in the recipe by what came", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/f.txt") response.end("content");
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sum = createHash("sha256").update("content").digest("hex");
    try {
      const http = `http(url: ${literal(`${at}/f.txt`)}, checksum: "sha256:${sum}")`;
      expect(await engine.query(`{ ${http} { name contents } }`)).toEqual({
        http: { name: "f.txt", contents: "content" },
      });
      const recipe = await decodeRecipe(String(await engine.value(`${http} { id`)));
      expect(recipe.kind === "recipe" && recipe.calls.get(recipe.root)).toMatchObject({
        field: "http",
        extraDigests: [{ digest: `sha256:${sum}`, label: "content" }],
      });
      await expect(
        engine.value(`http(url: ${literal(`${at}/f.txt`)}, checksum: "sha256:00") { size`),
      ).rejects.toThrow(/checksum sha256:00 expected, got sha256:/);
      await expect(engine.value(`http(url: ${literal(`${at}/none`)}) { size`)).rejects.toThrow(
        "answered 404",
      );
    } finally {
      server.close();
    }
  });
});

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((resolve) => socket.listen(0, "127.0.0.1", resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}
