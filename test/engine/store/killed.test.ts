import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { literal, startTestEngine, type TestEngine } from "../engine.js";
import { shellImage } from "../images.js";

/** Writes in two steps, so that there is a middle to be killed in. */
const script = "echo first > /out; sleep 1; echo second >> /out; cat /out";
const build = `address(value: "shell.tar") { container { withExec(args: ["/bin/sh", "-c", ${literal(script)}]) { file(path: "/out") { contents`;

describe("a store", () => {
  let first: TestEngine;
  beforeAll(async () => {
    first = await startTestEngine();
    await shellImage(first.workdir);
  });
  afterAll(() => first.close());

  it.each(["import image", "exec "])(
    "serves nothing half-made when an engine was killed in the middle of: %s",
    async (step) => {
      const root = resolve(import.meta.dirname, "../../..");
      const child = spawn(
        process.execPath,
        [
          ...[
            "--import",
            join(root, "node_modules/tsx/dist/esm/index.mjs"),
            join(import.meta.dirname, "build.ts"),
          ],
          ...[first.store, first.workdir, `{ ${build} ${"}".repeat(5)}`],
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      const ended = once(child, "close");
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (line.startsWith(`started ${step}`)) child.kill("SIGKILL");
      });
      const [, signal] = (await ended) as [number | null, string | null];
      expect(signal).toBe("SIGKILL");
      const next = await startTestEngine({ store: first.store });
      try {
        // What the killed one mounted and made is gone with the start of the next.
        const own = `${process.pid}.`;
        const left = (await readdir(join(first.store, "work"))).filter((name) => !name.startsWith(own));
        expect(left).toEqual([]);
        expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(`attest-${child.pid ?? 0}.`);
      } finally {
        await next.closeEngine();
      }
    },
  );

  it("is shared by engines that build the same at once", async () => {
    const second = await startTestEngine({ store: first.store });
    try {
      await shellImage(second.workdir);
      const results = await Promise.all([first.value(build), second.value(build), first.value(build)]);
      expect(results).toEqual(Array.from({ length: 3 }, () => "first\nsecond\n"));
    } finally {
      await second.closeEngine();
    }
  });

  it("gives what was built before without building it again, to another engine too", async () => {
    const second = await startTestEngine({ store: first.store });
    try {
      await shellImage(second.workdir);
      expect(await second.value(build)).toBe("first\nsecond\n");
      expect(second.events.filter(({ name }) => name.startsWith("exec")).map(({ state }) => state)).toEqual([
        "cached",
      ]);
    } finally {
      await second.closeEngine();
    }
  });
});
