import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { pack, type Header } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { extractLayout } from "../../src/sbom/layout.js";
import { imageArchive } from "../support/images.js";
import { readDocument } from "./read.js";

type Entry = [Partial<Header> & { name: string }, string];

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

  describe("that somebody else made", () => {
    const blob = `blobs/sha256/${"a".repeat(64)}`;
    const other = `blobs/sha256/${"b".repeat(64)}`;
    const files = (name = (own: string) => own): Entry[] =>
      Object.entries({ ...layout, [blob]: "content" }).map(([own, text]) => [{ name: name(own) }, text]);
    const unpacked = async (name: string, entries: readonly Entry[], change = (bytes: Buffer) => bytes) => {
      const archive = pack();
      for (const [header, text] of entries) archive.entry(header, text);
      archive.finalize();
      const pieces: Buffer[] = [];
      for await (const piece of archive as AsyncIterable<Buffer>) pieces.push(piece);
      const path = join(directory, `${name}.tar`);
      await writeFile(path, change(Buffer.concat(pieces)));
      const target = join(directory, `unpacked ${name}`);
      await extractLayout(path, target);
      return (await readdir(target, { recursive: true }))
        .filter((one) => !/^blobs(?:\/sha256)?$/.test(one))
        .sort();
    };
    const all = [blob, "index.json", "oci-layout"];

    it.each([
      ["absolute names", (own: string) => `/${own}`],
      ["names with several dots", (own: string) => `././${own}`],
      ["pax headers", (own: string) => own],
    ])("with %s", async (name, spelt) => {
      const pax = name === "pax headers" ? { pax: { mtime: "1.5", comment: "é".repeat(200) } } : {};
      const entries = files(spelt).map(([header, text]): Entry => [{ ...header, ...pax }, text]);
      expect(await unpacked(name, entries)).toEqual(all);
    });

    it.each([
      ["a hard link", { type: "link", linkname: blob }],
      ["a hard link with dots", { type: "link", linkname: `./${blob}` }],
      ["a symbolic link", { type: "symlink", linkname: "a".repeat(64) }],
      ["a symbolic link up and down", { type: "symlink", linkname: `../sha256/${"a".repeat(64)}` }],
    ] as const)("in which a blob is %s to another", async (name, link) => {
      expect(await unpacked(name, [[{ name: other, ...link }, ""], ...files()])).toEqual([
        blob,
        other,
        ...all.slice(1),
      ]);
    });

    it.each([
      [
        "a link out of it",
        [{ name: other, type: "symlink", linkname: "../../../../etc/passwd" }, ""],
        /as a link to/,
      ],
      [
        "a link to nothing",
        [{ name: other, type: "link", linkname: "blobs/sha256/gone" }, ""],
        /as a link to/,
      ],
      ["a link to itself", [{ name: other, type: "link", linkname: other }, ""], /as a link to/],
      ["a second index.json", [{ name: "./index.json" }, "{}"], /index\.json twice/],
      ["a device", [{ name: other, type: "character-device" }, ""], /sparse or special file/],
      [
        "a sparse blob",
        [{ name: `GNUSparseFile.0/b`, pax: { "GNU.sparse.major": "1", "GNU.sparse.name": other } }, "0\n"],
        /sparse or special file/,
      ],
    ] as const)("with %s is refused", async (name, entry, message) => {
      await expect(unpacked(name, [...files(), entry as unknown as Entry])).rejects.toThrow(message);
    });

    it("of Docker's old format, compressed, or cut off is refused with what to do", async () => {
      await expect(unpacked("docker", [[{ name: "manifest.json" }, "[]"]])).rejects.toThrow(
        /IMAGE_INVALID.*docker save.*skopeo copy/s,
      );
      await expect(unpacked("zipped", files(), gzipSync)).rejects.toThrow(/IMAGE_INVALID.*gzip.*Decompress/s);
      await expect(unpacked("zst", files(), zstdCompressSync)).rejects.toThrow(/IMAGE_INVALID.*zstd/s);
      await expect(unpacked("cut", files(), (bytes) => bytes.subarray(0, 1200))).rejects.toThrow(
        /IMAGE_INVALID/,
      );
    });
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
