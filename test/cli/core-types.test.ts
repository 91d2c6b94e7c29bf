import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { CoreTypes } from "../../cli/catalog.js";
import { coreTypes } from "../../cli/core-types.js";

let cache: string;
let core: CoreTypes;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "attest-core-types-"));
  core = await coreTypes(cache);
});

afterAll(async () => {
  await rm(cache, { recursive: true });
});

function called(type: string, name: string) {
  return core.objects.find((object) => object.name === type)?.functions.find((found) => found.name === name);
}

test("the core's functions have the SDK's docs", () => {
  expect(called("File", "export")?.description).toMatch(/^Writes the file/);
  expect(called("File", "export")?.arguments.map(({ description }) => description)).not.toContain("");
});

test("an id is of the type that the SDK takes, in options too", () => {
  const type = (name: string, argument: string, of = "Container") =>
    called(of, name)?.arguments.find((found) => found.name === argument)?.type;
  expect(type("withDirectory", "source")).toEqual({ kind: "object", name: "Directory" });
  expect(type("import", "source")).toEqual({ kind: "object", name: "File" });
  expect(type("asTarball", "platformVariants")).toEqual({
    kind: "list",
    of: { kind: "object", name: "Container" },
  });
});

test("scalars, lists, enums and defaults are the schema's", () => {
  expect(called("File", "size")?.returns).toEqual({ kind: "integer" });
  expect(called("Directory", "entries")?.returns).toEqual({ kind: "list", of: { kind: "string" } });
  expect(called("Container", "asTarball")?.arguments.at(-1)).toMatchObject({
    type: { kind: "enum", name: "ImageMediaTypes" },
    optional: true,
    default: "OCIMediaTypes",
  });
});

test("they are the same from the cache", async () => {
  expect(await coreTypes(cache)).toEqual(core);
});
