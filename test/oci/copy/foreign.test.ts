/** Layers that lie elsewhere (`urls`), as older Windows images have them: their descriptors stay, and nobody fetches them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { copyImage } from "../../../src/oci/copy/copy.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { manifestDocument } from "../../../src/oci/manifest.js";
import { ociConfig, ociManifest } from "../../../src/oci/media-types.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { bytesSource } from "../../../src/signing/source.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { digestOf } from "../../support/hostile-registry/core.js";
import { answering, bodyless } from "../../support/hostile-registry/faults.js";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile-registry/server.js";
import { descriptorOf, pushBytes } from "../../support/registry-images.js";
import { client } from "../hostile/verbs.js";
import { missing, storeKinds } from "../stores.js";

const layerType = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
const bytes = Buffer.from("a base layer of somebody else's");

describe("an image with a layer that lies elsewhere", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-foreign-"));
  let registry: HostileRegistry;
  beforeAll(async () => {
    registry = await startHostileRegistry();
  });
  afterAll(async () => {
    await registry.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const fresh = () => mkdtempSync(join(directory, "fresh-"));
  const layout = () => openLayout(fresh(), { timing: fakeTiming(), create: true });
  const copied = (from: ContentStore, to: ContentStore) =>
    copyImage(from, "v1", to, { timing: fakeTiming(), tags: ["v1"], directory: fresh() });

  async function source(members: object, isThere = false): Promise<ContentStore> {
    const store = await layout();
    const config = await pushBytes(store, Buffer.from('{"os":"windows","architecture":"amd64"}'), ociConfig);
    const own = await pushBytes(store, Buffer.from("own layer"), "application/vnd.oci.image.layer.v1.tar");
    const foreign = { ...descriptorOf(bytes, layerType), ...members };
    if (isThere) await store.pushBlob(foreign, bytesSource(bytes));
    const layers = [foreign, own];
    await store.pushManifest(
      manifestDocument({ schemaVersion: 2, mediaType: ociManifest, config, layers }),
      "v1",
    );
    return store;
  }
  const urls = ["https://layers.example.invalid/base"];

  test.for([{ urls }, {}])("keeps its descriptor in a copy to a layout (%j)", async (members) => {
    const [from, to] = [await source(members), await layout()];
    const { blobs } = await copied(from, to);
    expect(blobs).toMatchObject({ pushed: 2, foreign: 1 });
    const bytesAt = async (store: ContentStore) =>
      Buffer.from((await store.fetchManifest("v1"))?.bytes ?? []);
    expect(await bytesAt(to)).toEqual(await bytesAt(from));
    expect(await to.hasBlob(digestOf(bytes))).toBe(false);
  });

  test("comes along where the source has it", async () => {
    const to = await layout();
    const { blobs } = await copied(await source({ urls }, true), to);
    expect(blobs).toMatchObject({ pushed: 3, foreign: 0 });
    expect(await to.hasBlob(digestOf(bytes))).toBe(true);
  });

  test("comes along from a registry that answers HEAD with 404 whatever is there", async () => {
    const store = await client(registry, "headless");
    await copied(await source({ urls }, true), store);
    registry.faults = [answering(/^HEAD /, bodyless(404))];
    const to = await layout();
    const { blobs } = await copied(await client(registry, "headless"), to);
    registry.faults = [];
    expect(blobs.foreign).toBe(0);
    expect(await to.hasBlob(digestOf(bytes))).toBe(true);
  });

  describe.for(storeKinds.filter(({ program }) => program !== undefined))("in a $name", (kind) => {
    test.skipIf(missing(kind.program ?? "") !== false)(
      "is taken, or refused with what is the matter",
      async () => {
        const maker = await kind.start();
        try {
          const target = await maker.open("foreign");
          const outcome = await copied(await source({ urls }), target).then(
            ({ blobs }) => `${blobs.foreign} left where it is`,
            String,
          );
          if (kind.name === "distribution") expect(outcome).toMatch(/REGISTRY_.*lie elsewhere/s);
          else expect(outcome).toBe("1 left where it is");
          expect(await target.tags()).toEqual(kind.name === "distribution" ? [] : ["v1"]);
        } finally {
          await maker.stop();
        }
      },
    );
  });
});
