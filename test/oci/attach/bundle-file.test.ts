import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, it } from "vitest";

import { readBundleFile } from "../../../src/oci/attach/bundle-file.js";

const directory = mkdtempSync(join(tmpdir(), "attest-bundle-file-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each([
  ["notes.txt", "hello", "JSON_INVALID"],
  ["empty.json", "{}", "BUNDLE_INVALID"],
])("says which of several files is no bundle (%s)", async (name, text, code) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  const error: unknown = await readBundleFile(path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, cause: { code } });
  expect((error as Error).message).toContain(`${code}: ${name}: `);
});
