/** What registries do that is no attack, and that nobody expects. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { attachToImage } from "../../../src/oci/attach/image.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { writeBundle } from "../../support/bundles.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { answering } from "../../support/hostile-registry/faults.js";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile-registry/server.js";
import { pushImage, pushIndex } from "../../support/registry-images.js";
import { client, created } from "./verbs.js";

describe("a registry", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-oddities-"));
  let registry: HostileRegistry;
  let count = 0;
  let store: ContentStore;
  let repository: string;
  beforeAll(async () => {
    registry = await startHostileRegistry({ referrers: false });
  });
  afterAll(async () => {
    await registry.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    registry.faults = [];
    repository = `app-${count++}`;
    store = await client(registry, repository);
  });
  const fresh = () => mkdtempSync(join(directory, "fresh-"));
  const attach = async (digest: string, name: string) => {
    const path = await writeBundle(directory, `${repository}-${name}`, [digest]);
    return attachToImage(store, digest, [path], { created, timing: fakeTiming() });
  };

  test.for(["an index", "a manifest"])(
    "that takes the fallback tag for the digest, of %s: it has no referrers, and can't keep any",
    async (kind) => {
      const image = kind === "an index" ? (await pushIndex(store, "v1")).index : await pushImage(store, "v1");
      registry.faults = [
        answering(/^GET .*\/manifests\/sha256-[0-9a-f]{64}$/, (honest, { url }) => {
          const digest = url.pathname.split("/").at(-1)?.replace("-", ":") ?? "";
          const { bytes, type } = registry.core.repository(repository).manifests.get(digest) ?? {};
          return bytes === undefined
            ? honest
            : { status: 200, headers: { "content-type": type ?? "" }, body: bytes };
        }),
      ];
      const only = await listAttachments(store, image.digest, fresh());
      expect([only.attachments, only.skipped]).toEqual([[], []]);
      await expect(attach(image.digest, "more")).rejects.toThrow(
        /REGISTRY_RESPONSE_INVALID.*the manifest itself.*COSIGN_TAG/s,
      );
      const target = await openLayout(fresh(), { timing: fakeTiming(), create: true });
      const options = { timing: fakeTiming(), tags: ["v1"], directory: fresh() };
      await copyImage(store, image.digest, target, options);
      expect(await target.tags()).toEqual(["v1"]);
    },
  );
});
