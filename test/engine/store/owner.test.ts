import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { acquireLock } from "../../../engine/store/lock.js";
import { isForeign, isOwnerAlive, ownerName } from "../../../engine/store/owner.js";

const [pid = "", started = "", namespace = ""] = ownerName().split(".");
/** Of a process in a container of its own, which shares the store. */
const elsewhere = `1.${started}.${Number(namespace) + 1}`;

describe("the owner of something in the store", () => {
  it.each([
    ["this process", ownerName(), true],
    ["this process, with more behind it", `${ownerName()}-d36214fc`, true],
    ["this process, by a name without its PID namespace", `${pid}.${started}-5`, true],
    ["an earlier process with the same pid", `${pid}.1.${namespace}`, false],
    ["a process that was never there", `4194305.1.${namespace}`, false],
    ["a process of another PID namespace, which can't be seen", elsewhere, true],
    ["nobody", "work", false],
  ])("%s", (_, name, isAlive) => {
    expect(isOwnerAlive(name)).toBe(isAlive);
  });

  it("is told apart by the PID namespace", async () => {
    const script = `import { ownerName } from ${JSON.stringify(join(import.meta.dirname, "../../../engine/store/owner.ts"))}; console.log(ownerName());`;
    const args = ["--pid", "--fork", "--mount-proc", process.execPath, "--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)("unshare", args);
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    expect([isForeign(stdout), isForeign(ownerName())]).toEqual([true, false]);
  });
});

describe("a lock", () => {
  let directory: string;
  let lock: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "attest-lock-"));
    lock = join(directory, "lock");
  });
  afterAll(() => rm(directory, { recursive: true }));

  it.each([
    ["an owner that is gone", `${pid}.1.${namespace}`, new Date()],
    ["an owner that can't be seen, long ago", elsewhere, new Date(0)],
  ])("of %s is free", async (_, owner, made) => {
    await mkdir(join(lock, owner), { recursive: true });
    await utimes(join(lock, owner), made, made);
    const release = await acquireLock(lock);
    expect(await readdir(lock)).toEqual([ownerName()]);
    await release();
  });

  it("of an owner that can't be seen is waited for", async () => {
    await mkdir(join(lock, elsewhere), { recursive: true });
    let isMine = false;
    const waiting = acquireLock(lock).then((release) => {
      isMine = true;
      return release;
    });
    // Two that come after have the first try of the waiting one behind them.
    for (const name of ["a", "b"]) await (await acquireLock(join(directory, name)))();
    expect([isMine, await readdir(lock)]).toEqual([false, [elsewhere]]);
    await rm(join(lock, elsewhere), { recursive: true });
    await (
      await waiting
    )();
  });
});
