import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { makeUserDirectory } from "../../../engine/tree/make-user-directory.js";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-directory-"));
  await writeFile(join(directory, "file"), "");
});
afterAll(() => rm(directory, { recursive: true }));

test.each(["a", "a/b/c", "."])("%s is made, or is there already", async (name) => {
  await makeUserDirectory(join(directory, name));
  expect((await stat(join(directory, name))).isDirectory()).toBe(true);
});

test.each([
  ["where a file is", () => join(directory, "file"), "EEXIST"],
  ["below a file", () => join(directory, "file", "x"), "ENOTDIR"],
  ["where the kernel lets nobody make one", () => "/proc/nowhere/x", "ENOENT"],
])("is refused %s", async (_, path, code) => {
  await expect(makeUserDirectory(path())).rejects.toMatchObject({ code });
});
