/** An index of which not all is there, as registries' clean-ups and copies of single platforms leave it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { copyImage } from "../../../src/oci/copy/copy.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { manifestDocument } from "../../../src/oci/manifest.js";
import { ociIndex, ociManifest } from "../../../src/oci/media-types.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { digestOf } from "../../support/hostile-registry/core.js";
import { pushImage } from "../../support/registry-images.js";
import { missing, storeKinds } from "../stores.js";

describe.for(storeKinds)("an index that names a platform that is not there, copied to a $name", (kind) => {
  const directory = mkdtempSync(join(tmpdir(), "attest-sparse-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const fresh = () => mkdtempSync(join(directory, "fresh-"));
  const reason = kind.program === undefined ? false : missing(kind.program);

  test.skipIf(reason !== false)("is told, or refused with what is missing", async () => {
    const maker = await kind.start();
    try {
      const source = await openLayout(fresh(), { timing: fakeTiming(), create: true });
      const amd64 = await pushImage(source);
      const gone = digestOf(Buffer.from("gone"));
      const platform = { os: "linux", architecture: "arm64" };
      const manifests = [amd64, { mediaType: ociManifest, digest: gone, size: 4, platform }];
      await source.pushManifest(manifestDocument({ schemaVersion: 2, mediaType: ociIndex, manifests }), "v1");
      const target = await maker.open("sparse");
      const options = { timing: fakeTiming(), tags: ["v1"], directory: fresh() };
      const outcome = await copyImage(source, "v1", target, options).then(
        ({ absent }) => absent.join(),
        String,
      );
      expect(outcome).toContain(gone);
      if (kind.program !== undefined)
        expect(outcome).toMatch(/IMAGE_NOT_FOUND.*a part is missing.*by its own digest/s);
      expect(await target.tags()).toEqual(kind.program === undefined ? ["v1"] : []);
    } finally {
      await maker.stop();
    }
  });
});
