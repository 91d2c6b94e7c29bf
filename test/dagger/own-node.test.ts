/** The Node.js that runs this runs as well where it is copied to. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { copyOwnNode, type OwnNode } from "../../src/dagger/own-node.js";

let node: OwnNode;
beforeAll(async () => {
  node = await copyOwnNode(await mkdtemp(join(tmpdir(), "attest-node-")));
});
afterAll(() => rm(node.directory, { recursive: true, force: true }));

describe("our own Node.js in a directory", () => {
  // In the directory as its root there is nothing of this machine.
  it.skipIf(process.getuid?.() !== 0)("runs where nothing else is (as root, who may change the root)", () => {
    const [program = "", ...args] = node.command;
    const ran = spawnSync("chroot", [node.directory, program, ...args, "-p", "process.version"], {
      encoding: "utf8",
    });
    expect(ran.stderr).toBe("");
    expect(ran.stdout.trim()).toBe(process.version);
  });
});
