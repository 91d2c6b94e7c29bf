import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bundledSdk } from "../../../engine/module/sdk-bundle.js";

let cache: string;
let path: string;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "attest-sdk-"));
  path = await bundledSdk(cache);
});

afterAll(async () => {
  await rm(cache, { recursive: true });
});

describe("the SDK in one file", () => {
  test("has the names of the package", async () => {
    const bundled = (await import(pathToFileURL(path).href)) as object;
    expect(Object.keys(bundled).sort()).toEqual(Object.keys(await import("@dagger.io/dagger")).sort());
  });

  test("asks for no package, the compiler neither", async () => {
    const text = await readFile(path, "utf8");
    const asked = [...text.matchAll(/^(?:import|export)\b[^;"]*? from "([^"]+)";/gm)].map(([, name]) => name);
    expect(asked).toContain("node:module");
    expect(asked.filter((name = "") => !isBuiltin(name))).toEqual([]);
    // A name of the compiler's own; not the text itself, which is six megabytes in a failure's message.
    expect(text.includes("createScanner")).toBe(false);
  });

  test("is made once, whole", async () => {
    const before = await stat(path);
    expect(await bundledSdk(cache)).toBe(path);
    expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
    expect(await readdir(join(cache, "sdk"))).toHaveLength(1);
  });
});
