import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { extractLayout } from "../../src/sbom/layout.js";
import { imageArchive } from "../support/images.js";
import { readDocument } from "./read.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-layout-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function tar(name: string, entries: Readonly<Record<string, string>>): Promise<string> {
  const archive = pack();
  for (const [entry, text] of Object.entries(entries)) archive.entry({ name: entry }, text);
  archive.finalize();
  const path = join(directory, name);
  await pipeline(archive, createWriteStream(path));
  return path;
}

const layout = { "oci-layout": "{}", "index.json": '{"manifests":[]}' };

describe("unpacking an OCI archive", () => {
  it("gives the layout as a directory", async () => {
    const archive = await imageArchive(
      join(directory, "image.tar"),
      { "a.txt": "a" },
      { dockerManifest: true },
    );
    const target = join(directory, "image");
    await extractLayout(archive, target);
    expect((await readdir(target)).sort()).toEqual(["blobs", "index.json", "oci-layout"]);
    expect(await readdir(join(target, "blobs", "sha256"))).toHaveLength(3);
    expect(await readDocument(join(target, "index.json"))).toMatchObject({ schemaVersion: 2 });
  });

  it("takes names with a leading ./", async () => {
    const dotted = Object.fromEntries(Object.entries(layout).map(([name, text]) => [`./${name}`, text]));
    const target = join(directory, "dotted");
    await extractLayout(await tar("dotted.tar", dotted), target);
    expect((await readdir(target)).sort()).toEqual(["index.json", "oci-layout"]);
  });

  it("writes nothing that is not the layout's own", async () => {
    const hostile = {
      "../escaped": "x",
      "/tmp/absolute": "x",
      "blobs/sha256/../../up": "x",
      "blobs/sha256/AA": "x",
    };
    const target = join(directory, "hostile", "inner");
    await extractLayout(await tar("hostile.tar", { ...layout, ...hostile }), target);
    const found = await readdir(join(directory, "hostile"), { recursive: true });
    expect(found.sort()).toEqual(["inner", "inner/index.json", "inner/oci-layout"]);
  });

  it.each([
    ["no tar", "just text, long enough to be no header at all".repeat(30), /IMAGE_INVALID/],
    ["an empty file", "", /without oci-layout/],
  ])("refuses %s", async (name, content, message) => {
    const path = join(directory, `${name}.bin`);
    await writeFile(path, content);
    await expect(extractLayout(path, join(directory, name))).rejects.toThrow(message);
  });

  it("refuses a tar without a layout", async () => {
    const path = await tar("docker.tar", { "manifest.json": "[]" });
    await expect(extractLayout(path, join(directory, "docker"))).rejects.toMatchObject({
      code: "IMAGE_INVALID",
    });
  });
});
