import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachInLayout } from "../../../src/oci/attach/layouts.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { layoutImage } from "../../../src/oci/layout/image.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { systemTiming } from "../../../src/oci/timing.js";
import { extractLayout } from "../../../src/sbom/layout.js";
import { writeBundle } from "../../support/bundles.js";
import { pushImage, pushIndex } from "../../support/registry-images.js";
import { missing, storeKinds, type StoreMaker } from "../stores.js";

const timing = systemTiming();
const options = { created: "2026-11-24T00:00:00Z", timing, tag: "v1" };
const directory = mkdtempSync(join(tmpdir(), "attest-layouts-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const listed = async (store: ContentStore, reference: string) => {
  const listing = await listAttachments(store, reference, mkdtempSync(join(directory, "list-")));
  expect(listing.skipped).toEqual([]);
  return listing.attachments.map(({ subject, form, places }) => ({ subject, form, places }));
};

describe.for(storeKinds)("other layouts in a $name", (kind) => {
  const reason = kind.program === undefined ? false : missing(kind.program);
  const check = test.skipIf(reason !== false);
  let maker: StoreMaker;
  beforeAll(async () => {
    if (reason === false) maker = await kind.start();
  });
  afterAll(() => maker?.stop());

  check(
    "cosign's tag: 10 writers that know nothing of each other keep 10, and again changes nothing",
    async () => {
      const image = await pushImage(await maker.open("tag"), "v1");
      const names = Array.from({ length: 10 }, (_, at) => `t${at}`);
      const paths = await Promise.all(names.map((name) => writeBundle(directory, name, [image.digest])));
      await Promise.all(
        paths.map(async (path) =>
          attachInLayout(await maker.open("tag"), "v1", [path], "cosign-tag", options),
        ),
      );
      const store = await maker.open("tag");
      const found = await listed(store, "v1");
      expect(found).toHaveLength(10);
      expect(found[0]).toEqual({ subject: image.digest, form: "envelope", places: ["cosign-tag"] });
      const after = await attachInLayout(store, "v1", paths, "cosign-tag", options);
      expect(after.digest).toBe(image.digest);
      expect(await listed(store, "v1")).toHaveLength(10);
    },
  );

  check.for(["buildkit-artifact", "buildkit-image"] as const)(
    "%s: in the index, beside what was there",
    async (layout) => {
      const store = await maker.open(layout);
      const { index, amd64, arm64 } = await pushIndex(store, "v1");
      const first = [await writeBundle(directory, "amd", [amd64.digest])];
      const second = [...first, await writeBundle(directory, "both", [amd64.digest, arm64.digest])];
      const once = await attachInLayout(store, "v1", first, layout, options);
      expect(once.digest).not.toBe(index.digest);
      const twice = await attachInLayout(store, "v1", second, layout, options);
      const again = await attachInLayout(store, "v1", second, layout, options);
      expect(again.digest).toBe(twice.digest);
      expect((await store.resolve("v1"))?.digest).toBe(twice.digest);
      const found = await listed(store, "v1");
      expect(found.map(({ subject, form }) => [subject, form])).toEqual([
        [amd64.digest, "statement"],
        [amd64.digest, "statement"],
        [arm64.digest, "statement"],
      ]);
      expect(found.every(({ places }) => places.includes("buildkit-index"))).toBe(true);
      const foreign = [await writeBundle(directory, "index-only", [index.digest])];
      await expect(attachInLayout(store, "v1", foreign, layout, options)).rejects.toThrow("ARGUMENT_INVALID");
    },
  );
});

const recordings = join(import.meta.dirname, "../../../../shared/recordings/buildkit-v0.32.2");

describe.skipIf(!existsSync(recordings))(
  "beside BuildKit itself (../shared/recordings, where present)",
  () => {
    test.for([
      ["inline-old-provenance-max", "buildkit-image"],
      ["oci-artifact-provenance-max", "buildkit-artifact"],
    ] as const)("the same attestation gives the digests of %s", async ([name, layout]) => {
      const original = join(directory, name);
      await extractLayout(join(recordings, `${name}.tar`), original);
      const written = await openLayout(original, { timing });
      const { digest } = await layoutImage(original, written, undefined);
      const listing = await listAttachments(written, digest, join(directory, `${name}-list`));
      const [platform] = listing.platforms;
      const [attachment] = listing.attachments;

      const copy = join(directory, `${name}-copy`);
      const store = await openLayout(copy, { timing, create: true });
      await copyImage(written, platform?.descriptor.digest ?? "", store, { timing, tags: ["1"], directory });
      const image = await attachInLayout(store, "1", [(await attachment?.save()) ?? ""], layout, {
        ...options,
        tag: "1",
      });
      expect(image.digest).toBe(digest);
      expect((await layoutImage(copy, store, undefined)).digest).toBe(digest);
      const bytes = (path: string) => readFileSync(join(path, "blobs", ...digest.split(":")), "utf8");
      expect(bytes(copy)).toBe(bytes(original));
    });
  },
);
