import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

const tsx = resolve(import.meta.dirname, "../../../node_modules/tsx/dist/esm/index.mjs");

let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "attest-interrupted-"));
});

afterAll(() => rm(work, { recursive: true }));

describe("an engine that is interrupted while a function works on a directory", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("leaves nothing behind after %s", async (signal) => {
    const store = join(work, signal);
    const script = join(import.meta.dirname, "serve.ts");
    const child = spawn(process.execPath, ["--import", tsx, script, store, work, "{ fixture { hold } }"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "close");
    let mountsBefore = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line !== "holding") return;
      void readFile("/proc/self/mounts", "utf8").then((mounts) => {
        mountsBefore = mounts;
        child.kill(signal);
      });
    });
    expect(await ended).toEqual([null, signal]);
    const left = async (part: string): Promise<string[]> => await readdir(join(store, part));
    expect(await left("calls")).toEqual([]);
    expect(await left("work")).toEqual([]);
    // Where overlays can be mounted there was one.
    if (mountsBefore.includes(`attest-${child.pid ?? 0}.`))
      expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(join(store, ""));
  });
});
