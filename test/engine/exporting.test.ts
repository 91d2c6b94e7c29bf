import { mkdir } from "node:fs/promises";

import { expect, it } from "vitest";

import { exporting } from "../../engine/resolvers/exports.js";

it("says of a path that can't be written to what the system says of it", async () => {
  const work = async () => {
    await mkdir(import.meta.filename);
  };
  await expect(exporting("/somewhere/app", work)).rejects.toMatchObject({
    code: "FILE_FAILED",
    summary: "can't export to /somewhere/app",
    problems: [{ path: "/somewhere/app", got: "EEXIST: file already exists" }],
    cause: { code: "EEXIST" },
  });
});
