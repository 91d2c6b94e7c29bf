import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { attestVersion } from "../src/version.js";

it("is the same in package.json and in provenance", () => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as unknown;
  expect(manifest).toMatchObject({ version: attestVersion });
});
