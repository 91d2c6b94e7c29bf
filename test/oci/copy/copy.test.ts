import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachToImage } from "../../../src/oci/attach/image.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { digestOf, tagOfDigest } from "../../../src/oci/digest.js";
import { manifestDocument } from "../../../src/oci/manifest.js";
import { dsseEnvelope, ociConfig, ociIndex, ociManifest } from "../../../src/oci/media-types.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { systemTiming } from "../../../src/oci/timing.js";
import { writeBundle, writeEnvelope } from "../../support/bundles.js";
import { pushBytes, pushImage, pushIndex } from "../../support/registry-images.js";
import { missing, storeKinds, type StoreMaker } from "../stores.js";

const timing = systemTiming();
const directory = mkdtempSync(join(tmpdir(), "attest-copy-"));
const options = { timing, directory, tags: ["v1"] };
const attach = { created: "2026-11-24T00:00:00Z", timing };
const reason = missing("docker-registry", "referrers-registry");

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A tag as older cosign versions write it, with one envelope for each of the names. */
async function pushCosignTag(store: ContentStore, digest: string, names: readonly string[]): Promise<void> {
  const config = await pushBytes(store, Buffer.from("{}"), ociConfig);
  const layers = [];
  for (const name of names) {
    const layer = await pushBytes(store, await writeEnvelope([digest], name), dsseEnvelope);
    layers.push({ ...layer, annotations: { "dev.cosignproject.cosign/signature": "" } });
  }
  const manifest = manifestDocument({ schemaVersion: 2, mediaType: ociManifest, config, layers });
  await store.pushManifest(manifest, tagOfDigest(digest, ".att"));
}

/** An index of two platforms with attestations of all of them, and one that is about an attestation. */
async function pushAttested(store: ContentStore) {
  const image = await pushIndex(store, "v1");
  const paths = [
    await writeBundle(directory, "index", [image.index.digest]),
    await writeBundle(directory, "arm", [image.arm64.digest]),
  ];
  const {
    attached: [first],
  } = await attachToImage(store, "v1", paths, attach);
  const about = first?.manifest.digest ?? "";
  await attachToImage(store, about, [await writeBundle(directory, "again", [about])], attach);
  await pushCosignTag(store, image.amd64.digest, ["old"]);
  return { ...image, about };
}

const listed = async (store: ContentStore, reference: string) => {
  const listing = await listAttachments(store, reference, mkdtempSync(join(directory, "list-")));
  expect(listing.skipped).toEqual([]);
  return listing.attachments.map(({ subject, form, content }) => ({ subject, form, digest: content.digest }));
};

describe.skipIf(reason !== false)("copying an image with all that is attached to it", () => {
  const makers = new Map<string, StoreMaker>();
  beforeAll(async () => {
    for (const kind of storeKinds) makers.set(kind.name, await kind.start());
  });
  afterAll(() => Promise.all([...makers.values()].map((maker) => maker.stop())));
  const open = (kind: string, repository: string) => {
    const maker = makers.get(kind);
    if (maker === undefined) throw new Error(`no store ${kind}`);
    return maker.open(repository);
  };
  const names = storeKinds.map(({ name }) => name);
  const pairs = names.flatMap((from) => names.map((to) => [from, to] as const));

  test.for(pairs)("from a %s to a %s", async ([from, to]) => {
    const source = await open(from, `source-${names.indexOf(to)}`);
    const { index, arm64, about } = await pushAttested(source);
    const target = await open(to, `target-${names.indexOf(from)}`);
    const result = await copyImage(source, "v1", target, options);
    expect(result).toMatchObject({ image: { digest: index.digest }, manifests: 3, attached: 4, absent: [] });
    expect((await target.resolve("v1"))?.digest).toBe(index.digest);
    for (const reference of ["v1", arm64.digest, about])
      expect(await listed(target, reference)).toEqual(await listed(source, reference));
    expect(await listed(target, "v1")).toHaveLength(3);

    const again = await copyImage(source, "v1", target, options);
    expect(again.blobs).toMatchObject({ mounted: 0, pushed: 0 });
    expect(await listed(target, "v1")).toHaveLength(3);
  });

  test("blobs are mounted between repositories of a registry", async () => {
    const source = await open("distribution", "mount/source");
    await pushAttested(source);
    const result = await copyImage(source, "v1", await open("distribution", "mount/target"), options);
    expect(result.blobs.pushed).toBe(0);
    expect(result.blobs.mounted).toBeGreaterThan(0);
  });

  test("a large layer comes over whole", async () => {
    const source = await open("distribution", "large");
    const image = await pushImage(source, "v1", "amd64", randomBytes(3 * 1024 * 1024));
    const target = await open("registry with referrers API", "large");
    await copyImage(source, "v1", target, { ...options, tags: [] });
    const stored = await target.fetchManifest(image.digest);
    const [layer] = stored?.content.kind === "manifest" ? stored.content.layers : [];
    expect(layer && (await target.hasBlob(layer.digest))).toBe(true);
  });

  test("what older cosign versions attached to the target stays", async () => {
    const source = await open("distribution", "merge/source");
    const target = await open("registry with referrers API", "merge/target");
    const image = await pushImage(source, "v1");
    await copyImage(source, "v1", target, options);
    await pushCosignTag(source, image.digest, ["from-source"]);
    await pushCosignTag(target, image.digest, ["from-target"]);
    await copyImage(source, "v1", target, options);
    expect(await listed(target, "v1")).toHaveLength(2);
  });

  test("blobs that an index lists, as BuildKit's caches do, come along; what is nowhere is told", async () => {
    for (const to of ["registry with referrers API", "OCI layout"]) {
      const source = await open("registry with referrers API", "cache");
      const layer = await pushBytes(source, randomBytes(64), "application/vnd.oci.image.layer.v1.tar+gzip");
      const config = await pushBytes(source, Buffer.from("{}"), "application/vnd.buildkit.cacheconfig.v0");
      const gone = { ...config, digest: digestOf(Buffer.from("gone")), mediaType: "application/x-gone" };
      const manifests = [layer, config, gone];
      await source.pushManifest(manifestDocument({ schemaVersion: 2, mediaType: ociIndex, manifests }), "v1");
      const target = await open(to, "cache-copy");
      const { absent } = await copyImage(source, "v1", target, options);
      expect(absent).toEqual([gone.digest]);
      for (const { digest } of [layer, config]) expect(await target.hasBlob(digest)).toBe(true);
    }
  });

  test("an image that is not there is an error, and no tag appears", async () => {
    const target = await open("distribution", "nothing");
    await expect(copyImage(await open("distribution", "void"), "v1", target, options)).rejects.toThrow(
      "IMAGE_NOT_FOUND",
    );
    expect(await target.tags()).toEqual([]);
  });
});
