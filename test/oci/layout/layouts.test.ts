/** Layouts as other tools write them: several images, names of every kind, links, and pieces that are missing. */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, test } from "vitest";

import { attachToImage } from "../../../src/oci/attach/image.js";
import { attachInLayout } from "../../../src/oci/attach/layouts.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { digestOf } from "../../../src/oci/digest.js";
import { packLayout } from "../../../src/oci/layout/archive.js";
import { layoutImage } from "../../../src/oci/layout/image.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { ociManifest } from "../../../src/oci/media-types.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { extractLayout } from "../../../src/sbom/layout.js";
import { statementText, writeBundle } from "../../support/bundles.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { pushImage, pushIndex } from "../../support/registry-images.js";

const directory = mkdtempSync(join(tmpdir(), "attest-layouts-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(directory, "fresh-"));
const timing = fakeTiming();
const created = "2026-11-27T00:00:00Z";

let path: string;
let store: ContentStore;
beforeEach(async () => {
  path = fresh();
  store = await openLayout(path, { timing, create: true });
});
type Entry = { digest: string; annotations?: Record<string, string> };
const index = () => JSON.parse(readFileSync(join(path, "index.json"), "utf8")) as { manifests: Entry[] };
const write = (manifests: readonly object[], members: object = {}) =>
  writeFileSync(join(path, "index.json"), JSON.stringify({ schemaVersion: 2, manifests, ...members }));
const refName = "org.opencontainers.image.ref.name";
const fullName = "io.containerd.image.name";

describe("several images in a layout", () => {
  test("of which one holds the others, as `oras backup` lists the platforms of an image beside it", async () => {
    const { index, amd64, arm64 } = await pushIndex(store);
    for (const name of [{ [refName]: "v1" }, {}]) {
      write([amd64, { ...index, annotations: name }, arm64]);
      expect(await layoutImage(path, store, undefined)).toMatchObject({ digest: index.digest });
      expect(await layoutImage(path, store, arm64.digest)).toMatchObject({ digest: arm64.digest });
    }
    const named = { ...amd64, annotations: { [refName]: "amd64" } };
    write([named, { ...index, annotations: { [refName]: "v1" } }]);
    await expect(layoutImage(path, store, undefined)).rejects.toThrow(/ARGUMENT_INVALID.*several images/s);
  });

  test("as `docker save` writes them: one tag for several names, and each is found by its name", async () => {
    const [a, b] = [await pushImage(store), await pushImage(store)];
    const named = (image: object, name: string) => ({
      ...image,
      annotations: { [fullName]: `docker.io/library/${name}:latest`, [refName]: "latest" },
    });
    write([named(a, "a"), named(b, "b")]);
    await expect(layoutImage(path, store, undefined)).rejects.toThrow(/ARGUMENT_INVALID.*several images/s);
    await expect(layoutImage(path, store, "latest")).rejects.toThrow(/ARGUMENT_INVALID.*library\/b:latest/s);
    expect(await layoutImage(path, store, "docker.io/library/b:latest")).toEqual({
      digest: b.digest,
      tag: "latest",
    });
    const statement = join(directory, "of-b.json");
    writeFileSync(statement, statementText([b.digest], "https://example.com/x/v1", {}));
    const options = { created, timing, tag: "latest" };
    await expect(attachInLayout(store, b.digest, [statement], "buildkit-image", options)).rejects.toThrow(
      /ARGUMENT_INVALID.*library\/a:latest, docker.io\/library\/b:latest/s,
    );
    expect(index().manifests.map(({ digest }) => digest)).toEqual([a.digest, b.digest]);
    expect(await layoutImage(path, store, a.digest)).toMatchObject({ digest: a.digest });
  });

  test("with names and without: the one that is meant has to be named, by digest where it has no other name", async () => {
    const [a, b] = [await pushImage(store), await pushImage(store)];
    write([{ ...a, annotations: { [refName]: "v1" } }, b]);
    await expect(layoutImage(path, store, undefined)).rejects.toThrow(/ARGUMENT_INVALID.*no tag/s);
    expect(await layoutImage(path, store, "v1")).toMatchObject({ digest: a.digest, tag: "v1" });
    expect(await layoutImage(path, store, b.digest)).toMatchObject({ digest: b.digest, tag: "" });
  });

  test("one image under several tags keeps those that are not meant when BuildKit's layouts move one", async () => {
    const image = await pushImage(store);
    const tagged = (tag: string) => ({
      ...image,
      annotations: { [refName]: tag, [fullName]: `example.com/app:${tag}` },
    });
    write([tagged("v1"), tagged("latest")]);
    const statement = join(directory, "statement.json");
    writeFileSync(statement, statementText([image.digest], "https://example.com/x/v1", {}));
    const options = { created, timing, tag: "v1" };
    const moved = await attachInLayout(store, "v1", [statement], "buildkit-image", options);
    const names = index().manifests.map(({ digest, annotations }) => [digest, annotations?.[fullName]]);
    expect(names).toEqual([
      [image.digest, "example.com/app:latest"],
      [moved.digest, "example.com/app:v1"],
    ]);
  });
});

describe("a layout", () => {
  test("whose blobs are links to somewhere else is read, and each blob is held against its digest", async () => {
    const image = await pushImage(store, "v1");
    const bundle = await writeBundle(directory, "linked", [image.digest]);
    await attachToImage(store, "v1", [bundle], { created, timing });
    const elsewhere = join(fresh(), "blobs");
    renameSync(join(path, "blobs"), elsewhere);
    symlinkSync(elsewhere, join(path, "blobs"));
    expect((await listAttachments(store, "v1", fresh())).attachments).toHaveLength(1);
    const target = await openLayout(fresh(), { timing, create: true });
    await copyImage(store, "v1", target, { timing, tags: ["v1"], directory: fresh() });
    writeFileSync(join(elsewhere, "sha256", image.digest.slice(7)), "{}");
    await expect(listAttachments(store, "v1", fresh())).rejects.toThrow("DIGEST_MISMATCH");
  });

  const broken: readonly (readonly [string, (at: string) => void, RegExp])[] = [
    ["without index.json", (at) => rmSync(at), /IMAGE_INVALID.*index\.json: a file expected, got none/s],
    [
      "with a directory for index.json",
      (at) => {
        rmSync(at);
        mkdirSync(at);
      },
      /IMAGE_INVALID.*index\.json: a file expected/s,
    ],
    ["with an empty index.json", (at) => writeFileSync(at, ""), /JSON_INVALID/],
    ["with a list for index.json", (at) => writeFileSync(at, "[]"), /IMAGE_INVALID/],
    [
      "with an index.json of 9 MB",
      (at) => writeFileSync(at, Buffer.alloc(9e6, " ")),
      /LIMIT_EXCEEDED.*9000000/s,
    ],
    [
      "with a key twice in index.json",
      (at) => writeFileSync(at, '{"manifests":[],"manifests":[]}'),
      /JSON_INVALID.*repeats/s,
    ],
    [
      "with the manifest of an image for index.json",
      (at) => writeFileSync(at, '{"layers":[]}'),
      /IMAGE_INVALID/,
    ],
  ];
  test.for(broken)("%s says what is wrong with it", async ([, damage, message]) => {
    await pushImage(store, "v1");
    damage(join(path, "index.json"));
    await expect(store.fetchManifest("v1")).rejects.toThrow(message);
    await expect(layoutImage(path, store, "v1")).rejects.toThrow(message);
    await expect(store.tags()).rejects.toThrow(message);
    await expect(pushImage(store, "v2")).rejects.toThrow(message);
  });

  test("with null for no list, and no media type, is empty and can be written", async () => {
    write([], { manifests: null });
    await expect(layoutImage(path, store, undefined)).rejects.toThrow(/IMAGE_NOT_FOUND/);
    await pushImage(store, "v1");
    expect(await store.tags()).toEqual(["v1"]);
  });

  test("with an image by SHA-512, and notes of a file manager, is listed, packed, copied and attached to", async () => {
    const { digest: plain } = await pushImage(store, "v1");
    const { bytes = Buffer.of(), descriptor } = (await store.fetchManifest(plain)) ?? {};
    const digest = digestOf(bytes, "sha512");
    await store.pushManifest(
      { bytes, descriptor: { mediaType: ociManifest, digest, size: bytes.length } },
      "v2",
    );
    for (const at of ["blobs/.DS_Store", "blobs/sha256/.DS_Store", ".DS_Store"])
      writeFileSync(join(path, at), "x");
    const bundle = await writeBundle(directory, "long", [digest]);
    await attachToImage(store, "v2", [bundle], { created, timing });
    const listed = await listAttachments(store, "v2", fresh());
    expect(listed.attachments.map(({ subject }) => subject)).toEqual([digest]);
    expect(descriptor?.digest).toBe(plain);
    const target = await openLayout(fresh(), { timing, create: true });
    await copyImage(store, "v2", target, { timing, tags: ["v2"], directory: fresh() });
    expect((await listAttachments(target, digest, fresh())).attachments).toHaveLength(1);
    const archive = join(fresh(), "image.tar");
    await packLayout(path, archive);
    const unpacked = fresh();
    await extractLayout(archive, unpacked);
    const again = await openLayout(unpacked, { timing });
    expect((await listAttachments(again, "v2", fresh())).attachments).toHaveLength(1);
  });
});
