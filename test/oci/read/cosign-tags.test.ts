/** What older cosign versions attached besides attestations, and what lies in a repository of its own: in the drawing. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachInLayout } from "../../../src/oci/attach/layouts.js";
import { tagOfDigest } from "../../../src/oci/digest.js";
import { manifestDocument } from "../../../src/oci/manifest.js";
import { ociIndex, ociManifest } from "../../../src/oci/media-types.js";
import { listCosignTags } from "../../../src/oci/read/cosign-tags.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { attachmentTree } from "../../../src/oci/read/tree.js";
import { heldApart } from "../../../src/oci/read/types.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { systemTiming } from "../../../src/oci/timing.js";
import { writeBundle } from "../../support/bundles.js";
import { pushBytes, pushIndex } from "../../support/registry-images.js";
import { missing, storeKinds, type StoreMaker } from "../stores.js";

const directory = mkdtempSync(join(tmpdir(), "attest-tags-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const simpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json";

/** Stores a manifest with layers of these types at a tag of a digest. */
async function pushTag(store: ContentStore, digest: string, suffix: string, types: readonly string[]) {
  const config = await pushBytes(store, Buffer.from("{}"), "application/vnd.oci.image.config.v1+json");
  const layers = await Promise.all(
    types.map((type, at) => pushBytes(store, Buffer.from(`${suffix} ${type} ${at}`), type)),
  );
  const manifest = manifestDocument({ schemaVersion: 2, mediaType: ociManifest, config, layers });
  await store.pushManifest(manifest, tagOfDigest(digest, suffix));
  return manifest.descriptor.digest.slice(0, "sha256:".length + 12);
}

describe.each(storeKinds)("$name", (kind) => {
  const check = test.skipIf(kind.program !== undefined && missing(kind.program));
  let maker: StoreMaker;
  beforeAll(async () => {
    if (kind.program === undefined || !missing(kind.program)) maker = await kind.start();
  });
  afterAll(() => (maker as StoreMaker | undefined)?.stop());

  /** The drawing as one line, and how many attestations there are. */
  async function drawn(store: ContentStore, apart?: ContentStore) {
    const listing = await listAttachments(store, "v1", mkdtempSync(join(directory, "list-")), apart);
    const tree = attachmentTree(listing, "app", await listCosignTags(store, listing, apart));
    expect(Math.max(...tree.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    return { tree, line: tree.replaceAll(/\n[ │├└─]*/g, " "), listing };
  }

  check("signatures and SBOMs of older cosign versions are shown, and are no attestations", async () => {
    const store = await maker.open("tags");
    const { index, amd64 } = await pushIndex(store, "v1");
    const signatures = await pushTag(store, index.digest, ".sig", [simpleSigning, simpleSigning]);
    const sbom = await pushTag(store, amd64.digest, ".sbom", ["text/spdx+json"]);
    const { line, tree, listing } = await drawn(store);
    expect(listing.attachments).toEqual([]);
    expect(line).toContain(`2 × image signature not verified here, cosign-tag .sig ${signatures}`);
    expect(line).toContain(
      `SBOM attachment text/spdx+json, not signed, cosign-tag .sbom ${sbom} no attestations`,
    );
    expect(tree).toMatch(/^├─ 2 × image signature$/m);
    expect(tree).toMatch(/^├─ linux\/amd64 .*\n│ {2}├─ SBOM attachment$/m);
  });

  check("what is not understood at such a tag is said to be so", async () => {
    const store = await maker.open("strange");
    const { index, amd64, arm64 } = await pushIndex(store, "v1");
    await pushTag(store, index.digest, ".sig", [simpleSigning, "text/x-other"]);
    await pushTag(store, index.digest, ".sbom", ["application/x-list"]);
    await pushTag(store, amd64.digest, ".sig", []);
    const inner = manifestDocument({ schemaVersion: 2, mediaType: ociIndex, manifests: [] });
    await store.pushManifest(inner, tagOfDigest(arm64.digest, ".sbom"));
    const { line } = await drawn(store);
    expect(line).toMatch(/ image signature not verified here, .* ! not read: a layer of type text\/x-other/);
    expect(line).not.toContain("2 ×");
    expect(line).toMatch(
      /\.sbom tag that is not understood cosign-tag \.sbom sha256:\w+ ! not read: a layer of type application\/x-list/,
    );
    expect(line).toMatch(/\.sig tag that is not understood .* ! not read: it has no layers/);
    expect(line).toMatch(/\.sbom tag that is not understood .* ! not read: the tag names an index/);
  });

  check("what lies in another repository than the image is named with it", async () => {
    const store = await maker.open("image");
    const apart = await maker.open("kept");
    const { index } = await pushIndex(store, "v1");
    const options = { created: "2026-11-27T00:00:00Z", timing: systemTiming(), tag: "v1" };
    const both = await writeBundle(directory, "both", [index.digest], {
      predicateType: "https://example.com/a/v1",
    });
    const there = await writeBundle(directory, "there", [index.digest], {
      predicateType: "https://example.com/b/v1",
    });
    await attachInLayout(store, index.digest, [both], "referrer", options);
    await attachInLayout(store, index.digest, [both, there], "referrer", { ...options, apart });
    await pushTag(apart, index.digest, ".sig", [simpleSigning]);
    const { line, listing } = await drawn(store, apart);
    expect(listing.attachments.map((one) => heldApart(one, listing))).toEqual(["", apart.name]);
    const spoken = line.replaceAll(" ", "");
    expect(spoken.split(`in${apart.name}`.replaceAll(" ", ""))).toHaveLength(3);
    expect(line.indexOf("example.com/a/v1")).toBeLessThan(line.indexOf("example.com/b/v1"));
  });
});
