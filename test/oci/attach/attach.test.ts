import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { readFallback } from "../../../src/oci/fallback.js";
import { attachToImage } from "../../../src/oci/attach/image.js";
import { attachInLayout } from "../../../src/oci/attach/layouts.js";
import type { Descriptor } from "../../../src/oci/descriptor.js";
import { tagOfDigest } from "../../../src/oci/digest.js";
import { documentOf } from "../../../src/oci/manifest.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { systemTiming } from "../../../src/oci/timing.js";
import { writeBundle } from "../../support/bundles.js";
import { pushImage, pushIndex } from "../../support/registry-images.js";
import { missing, storeKinds, type StoreMaker } from "../stores.js";

const timing = systemTiming();
const options = { created: "2026-11-24T00:00:00Z", timing };

/** What refers to a digest, wherever this kind of store keeps it. */
async function referrersOf(store: ContentStore, digest: string): Promise<readonly Descriptor[]> {
  return (await store.referrers(digest))?.manifests ?? readFallback(store, digest);
}

describe.for(storeKinds)("attaching in a $name", (kind) => {
  const reason = kind.program === undefined ? false : missing(kind.program);
  const check = test.skipIf(reason !== false);
  const directory = mkdtempSync(join(tmpdir(), "attest-attach-"));
  let maker: StoreMaker;
  beforeAll(async () => {
    if (reason === false) maker = await kind.start();
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await maker?.stop();
  });

  check("the image keeps its digest, and attaching again changes nothing", async () => {
    const store = await maker.open("twice");
    const image = await pushImage(store, "v1");
    const paths = [
      await writeBundle(directory, "a", [image.digest]),
      await writeBundle(directory, "b", [image.digest]),
    ];
    const { attached: first } = await attachToImage(store, "v1", paths, options);
    expect(first.map(({ outcome }) => outcome)).toEqual(["attached", "attached"]);
    const later = { ...options, created: "2027-01-01T00:00:00Z" };
    const { attached: again } = await attachToImage(
      await maker.open("twice"),
      "v1",
      [...paths, ...paths],
      later,
    );
    expect(again.map(({ outcome }) => outcome)).toEqual(["present", "present", "present", "present"]);
    const digests = first.map(({ manifest }) => manifest.digest);
    expect((await referrersOf(store, image.digest)).map(({ digest }) => digest).sort()).toEqual(
      digests.sort(),
    );
    expect((await store.resolve("v1"))?.digest).toBe(image.digest);
  });

  check("each bundle goes to what it is about: the index, a platform, or both", async () => {
    const store = await maker.open("platforms");
    const { index, amd64, arm64 } = await pushIndex(store, "v1");
    const paths = [
      await writeBundle(directory, "index", [index.digest]),
      await writeBundle(directory, "arm", [arm64.digest]),
      await writeBundle(directory, "all", [index.digest, amd64.digest, arm64.digest]),
    ];
    await attachToImage(store, "v1", paths, options);
    expect(await referrersOf(store, index.digest)).toHaveLength(2);
    expect(await referrersOf(store, amd64.digest)).toHaveLength(1);
    expect(await referrersOf(store, arm64.digest)).toHaveLength(2);
  });

  check("a bundle about something else is refused before anything is written", async () => {
    const store = await maker.open("foreign");
    const image = await pushImage(store, "v1");
    const paths = [
      await writeBundle(directory, "own", [image.digest]),
      await writeBundle(directory, "foreign", [`sha256:${"0".repeat(64)}`]),
    ];
    await expect(attachToImage(store, "v1", paths, options)).rejects.toThrow(/ARGUMENT_INVALID.*foreign/s);
    expect(await referrersOf(store, image.digest)).toEqual([]);
  });

  check("what others wrote at the fallback tag and the .att tag stays there, to the letter", async () => {
    const store = await maker.open("letters");
    const image = await pushImage(store, "v1");
    const attach = async (name: string, layout: "referrer" | "cosign-tag") => {
      const path = await writeBundle(directory, name, [image.digest]);
      await attachInLayout(store, "v1", [path], layout, { ...options, tag: "v1" });
    };
    await attach("letters-0", "referrer");
    await attach("letters-1", "cosign-tag");
    const members = '"annotations":{"10":"a","9":"b"},"x-big":12345678901234567890,"x-one":1.0';
    for (const [tag, list] of [
      [tagOfDigest(image.digest), "manifests"],
      [tagOfDigest(image.digest, ".att"), "layers"],
    ] as const) {
      const before = await store.fetchManifest(tag);
      // A registry that lists referrers by itself has no such tag.
      if (before === undefined) continue;
      const text = Buffer.from(before.bytes)
        .toString()
        .replace(`"${list}":[{`, `"${list}":[{ "x-entry" : 98765432109876543210 , `)
        .replace(/\}$/, `,${members}}`);
      await store.pushManifest(documentOf(Buffer.from(text), before.descriptor.mediaType), tag);
      await attach(`letters-${list}`, list === "layers" ? "cosign-tag" : "referrer");
      const after = Buffer.from((await store.fetchManifest(tag))?.bytes ?? []).toString();
      expect(after).toContain(members);
      expect(after).toContain('{ "x-entry" : 98765432109876543210 , ');
      expect(after.length).toBeGreaterThan(text.length + 100);
    }
    const { attachments } = await listAttachments(store, "v1", join(directory, `letters ${kind.name}`));
    expect(attachments).toHaveLength(kind.name === "distribution" ? 4 : 3);
  });

  check("100 parallel writers in one process keep 100", async () => {
    const store = await maker.open("parallel");
    const image = await pushImage(store, "v1");
    const names = Array.from({ length: 100 }, (_, at) => `p${at}`);
    const paths = await Promise.all(names.map((name) => writeBundle(directory, name, [image.digest])));
    await Promise.all(paths.map((path) => attachToImage(store, "v1", [path], options)));
    expect(await referrersOf(store, image.digest)).toHaveLength(100);
  });

  // In registries: writers.test.ts, with processes among them.
  if (kind.program !== undefined) return;
  check("100 writers that know nothing of each other keep 100", async () => {
    const store = await maker.open("strangers");
    const image = await pushImage(store, "v1");
    const names = Array.from({ length: 100 }, (_, at) => `s${at}`);
    const paths = await Promise.all(names.map((name) => writeBundle(directory, name, [image.digest])));
    await Promise.all(
      paths.map(async (path) => attachToImage(await maker.open("strangers"), "v1", [path], options)),
    );
    expect(await referrersOf(store, image.digest)).toHaveLength(100);
  });
});
