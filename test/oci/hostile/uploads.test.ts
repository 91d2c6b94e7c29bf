/** Connections that are reset at every byte of a small upload, on its way there and on the answer's way back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachToImage } from "../../../src/oci/attach/image.js";
import { manifestDocument } from "../../../src/oci/manifest.js";
import { ociManifest } from "../../../src/oci/media-types.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { openRegistry } from "../../../src/oci/registry/open.js";
import { createTransport } from "../../../src/oci/registry/transport.js";
import { bytesSource } from "../../../src/signing/source.js";
import { startBrokenWire, type BrokenWire } from "../../support/broken-wire.js";
import { writeBundle } from "../../support/bundles.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile-registry/server.js";
import { descriptorOf, pushImage } from "../../support/registry-images.js";
import { client, created } from "./verbs.js";

const singly = { chunkBytes: 1024, singleBytes: 1024 };
const ways = [
  { name: "in one request", upload: singly },
  { name: "in two requests", upload: { chunkBytes: 1024, singleBytes: 0 } },
  { name: "in pieces", upload: { chunkBytes: 6, singleBytes: 0 } },
] as const;

const directions = ["up", "down"] as const;

describe("an upload over a wire that breaks", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-uploads-"));
  let registry: HostileRegistry;
  let wire: BrokenWire;
  beforeAll(async () => {
    registry = await startHostileRegistry();
    wire = await startBrokenWire(registry.address);
  });
  afterAll(async () => {
    await wire.stop();
    await registry.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A client whose connections all go over the wire. */
  const over = async (repository: string, upload: (typeof ways)[number]["upload"]) => {
    const transport = await createTransport({ idle: 5000, total: 60_000, connections: 16 });
    return openRegistry({ registry: wire.address, repository }, { timing: fakeTiming(), transport, upload });
  };

  const everyWay = ways.flatMap((way) => directions.map((direction) => ({ ...way, direction })));

  test.for(everyWay)("a blob sent $name arrives, wherever the wire breaks $direction", async (way) => {
    const { upload, direction } = way;
    let positions = 0;
    for (let after = 0; ; after += 1) {
      const bytes = Buffer.from(`blob ${way.name} ${direction} ${after}`.slice(-10));
      const { digest } = descriptorOf(bytes, "text/plain");
      registry.core.repository("app").blobs.delete(digest);
      const store = await over("app", upload);
      wire.breakAt({ direction, after });
      await store.pushBlob(descriptorOf(bytes, "text/plain"), bytesSource(bytes));
      expect(registry.core.repository("app").blobs.get(digest)).toEqual(bytes);
      if (!wire.isBroken()) break;
      positions += 1;
    }
    expect(positions).toBeGreaterThan(100);
  });

  test.for(directions)("a manifest arrives, wherever the wire breaks %s", async (direction) => {
    const store = await client(registry, "manifests");
    const { digest, ...rest } = descriptorOf(Buffer.from("{}"), "application/vnd.oci.empty.v1+json");
    await store.pushBlob({ digest, ...rest }, bytesSource(Buffer.from("{}")));
    for (let after = 0; ; after += 1) {
      const config = { digest, ...rest };
      const annotations = { at: `${direction} ${after}` };
      const manifest = manifestDocument({
        schemaVersion: 2,
        mediaType: ociManifest,
        config,
        layers: [],
        annotations,
      });
      const wired = await over("manifests", singly);
      wire.breakAt({ direction, after });
      await wired.pushManifest(manifest, "v1");
      expect((await store.fetchManifest("v1"))?.descriptor.digest).toBe(manifest.descriptor.digest);
      if (!wire.isBroken()) break;
    }
  });

  // A prime step: it meets requests, headers and bodies at other places each time.
  const step = 97;

  test.for(directions)("an attestation is attached, wherever the wire breaks %s", async (direction) => {
    for (let after = 0; ; after += step) {
      const repository = `attach-${direction}-${after}`;
      const store = await client(registry, repository);
      const image = await pushImage(store, "v1");
      const path = await writeBundle(directory, repository, [image.digest]);
      const wired = await over(repository, singly);
      wire.breakAt({ direction, after });
      await attachToImage(wired, "v1", [path], { created, timing: fakeTiming() });
      const listing = await listAttachments(store, "v1", mkdtempSync(join(directory, "list-")));
      expect(listing).toMatchObject({ attachments: [{ subject: image.digest }], skipped: [] });
      if (!wire.isBroken()) break;
    }
  });
});
