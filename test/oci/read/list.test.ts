import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { AttestError } from "../../../src/error.js";
import { attachToImage } from "../../../src/oci/attach/image.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { writtenEntry } from "../../../src/oci/list-text.js";
import { manifestDocument } from "../../../src/oci/manifest.js";
import { ociEmpty, ociIndex, ociManifest } from "../../../src/oci/media-types.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { attachmentTree } from "../../../src/oci/read/tree.js";
import { systemTiming } from "../../../src/oci/timing.js";
import { tagOfDigest } from "../../../src/oci/digest.js";
import { extractLayout } from "../../../src/sbom/layout.js";
import { statementText, writeBundle } from "../../support/bundles.js";
import { pushBytes, pushImage, pushIndex } from "../../support/registry-images.js";
import { missing, storeKinds, type StoreMaker } from "../stores.js";

const timing = systemTiming();
const options = { created: "2026-11-24T00:00:00Z", timing };
const directory = mkdtempSync(join(tmpdir(), "attest-list-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.for(storeKinds)("listing a $name", (kind) => {
  const reason = kind.program === undefined ? false : missing(kind.program);
  const check = test.skipIf(reason !== false);
  let maker: StoreMaker;
  beforeAll(async () => {
    if (reason === false) maker = await kind.start();
  });
  afterAll(() => maker?.stop());

  check("an image without attestations has none, and one that is not there is an error", async () => {
    const store = await maker.open("none");
    const image = await pushImage(store, "v1");
    const listing = await listAttachments(store, "v1", join(directory, "none"));
    expect(listing).toMatchObject({ image: { digest: image.digest }, attachments: [], skipped: [] });
    expect(listing.platforms.map(({ platform }) => platform)).toEqual(["linux/amd64"]);
    await expect(listAttachments(store, "gone", directory)).rejects.toThrow("IMAGE_NOT_FOUND");
  });

  check("what is attached to an index inside the index is found, and drawn", async () => {
    const store = await maker.open("nested");
    const { index } = await pushIndex(store);
    const outer = manifestDocument({ schemaVersion: 2, mediaType: ociIndex, manifests: [index] });
    await store.pushManifest(outer, "v1");
    const path = await writeBundle(directory, "inner", [index.digest]);
    await attachToImage(store, index.digest, [path], options);
    const listing = await listAttachments(store, "v1", join(directory, "nested"));
    expect(listing.attachments).toMatchObject([{ subject: index.digest, platform: "", isSigned: true }]);
    expect(listing.platforms).toHaveLength(2);
    expect(attachmentTree(listing, "app")).toContain(
      `within it ${index.digest.slice(0, "sha256:".length + 12)}`,
    );
  });

  check("bundles of the index and of platforms, byte for byte", async () => {
    const store = await maker.open("bundles");
    const { index, amd64, arm64 } = await pushIndex(store, "v1");
    const paths = [
      await writeBundle(directory, "index", [index.digest], { predicateType: "https://example.com/a/v1" }),
      await writeBundle(directory, "arm", [arm64.digest], { predicateType: "https://example.com/b/v1" }),
    ];
    await attachToImage(store, "v1", paths, options);
    const listing = await listAttachments(await maker.open("bundles"), "v1", join(directory, "out"));
    const place = kind.name === "distribution" ? "fallback-tag" : "referrer";
    expect(listing.attachments).toMatchObject([
      { subject: index.digest, platform: "", form: "bundle", isSigned: true, places: [place], remarks: [] },
      { subject: arm64.digest, platform: "linux/arm64/v8", form: "bundle", isSigned: true, places: [place] },
    ]);
    expect(listing.attachments.map(({ header }) => header.predicateType)).toEqual([
      "https://example.com/a/v1",
      "https://example.com/b/v1",
    ]);
    expect(
      (await Promise.all(listing.attachments.map((one) => one.save()))).map((path) =>
        readFileSync(path, "utf8"),
      ),
    ).toEqual(paths.map((path) => readFileSync(path, "utf8")));
    expect(listing.skipped).toEqual([]);
    const tree = attachmentTree(listing, "example.test/app:v1");
    expect(tree).toContain("https://example.com/a/v1");
    expect(tree).toMatch(/linux\/arm64\/v8[^\n]*\n[^\n]*https:\/\/example\.com\/b\/v1/);
    expect(tree).toMatch(new RegExp(`linux/amd64 ${amd64.digest.slice(0, 19)}\n[^\n]*no attestations`));
    expect(Math.max(...tree.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  check("what does not belong to the image is reported, not listed", async () => {
    const store = await maker.open("hostile");
    const subject = await pushImage(store, "v1");
    const other = await pushImage(store, "other");
    const empty = await pushBytes(store, Buffer.from("{}"), ociEmpty);
    const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const refer = async (layerText: string, to = subject, type = bundleType, annotations = {}) => {
      const layer = await pushBytes(store, Buffer.from(layerText), type);
      const manifest = manifestDocument({
        schemaVersion: 2,
        mediaType: ociManifest,
        artifactType: type,
        config: empty,
        layers: [layer],
        subject: to,
        annotations,
      });
      await store.pushManifest(manifest);
      return { ...manifest.descriptor, artifactType: type };
    };
    const bundleText = async (digest: string) =>
      readFileSync(await writeBundle(directory, `b${digest.slice(7, 20)}`, [digest]), "utf8");
    const about = await bundleText(subject.digest);
    const aboutOther = await bundleText(other.digest);
    const lying = { "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1" };
    const entries = [
      await refer("no json at all"),
      await refer(aboutOther),
      await refer(about, other),
      await refer("notes", subject, "text/plain"),
      await refer(about, subject, bundleType, lying),
      await refer(
        statementText([subject.digest], "https://example.com/bare/v1", {}),
        subject,
        "application/vnd.in-toto+json",
      ),
    ];
    // The tag is written by hand: anyone who may push may list anything there.
    const index = manifestDocument({ schemaVersion: 2, mediaType: ociIndex, manifests: entries });
    await store.pushManifest(index, tagOfDigest(subject.digest));
    await store.announce(entries.map(writtenEntry));
    const listing = await listAttachments(store, "v1", join(directory, "hostile"));
    expect(listing.attachments.map(({ header, isSigned }) => [header.predicateType, isSigned])).toEqual([
      ["https://example.com/bare/v1", false],
      ["https://example.com/test/v1", true],
    ]);
    expect(listing.attachments[1]?.remarks).toEqual([
      'the annotation dev.sigstore.bundle.predicateType says "https://slsa.dev/provenance/v1"',
    ]);
    const reasons = listing.skipped.map(({ reason }) => reason).join("\n");
    expect(reasons).toMatch(/JSON/);
    expect(reasons).toMatch(/about something else/);
    expect(reasons).toMatch(/it refers to .*, something else/);
    expect(reasons).toMatch(/text\/plain/);
    expect(attachmentTree(listing, "app")).toMatch(/\d+ skipped/);
  });
});

test("a tree keeps to 80 columns whatever a registry says, and wraps what is longer", async () => {
  const store = await openLayout(join(directory, "wide"), { timing, create: true });
  await pushImage(store, "v1");
  const listing = await listAttachments(store, "v1", join(directory, "wide-list"));
  const [digest, reason] = [`sha256:${"a".repeat(64)}`, "it refers to something that is not here"];
  const skipped = [
    `${reason}, ${"word ".repeat(12)}end`,
    "長い".repeat(300),
    "x".repeat(5000),
    "\u001b[2J\u202e",
  ].map((text) => ({
    place: "referrer" as const,
    subject: listing.image.digest,
    digest,
    reason: text,
    isUnread: false,
  }));
  const tree = attachmentTree({ ...listing, skipped }, `example.test/${"long/".repeat(30)}app:v1`);
  const columns = (line: string) =>
    [...line].reduce((sum, one) => sum + (/\p{Script=Han}/u.test(one) ? 2 : 1), 0);
  expect(Math.max(...tree.split("\n").map(columns))).toBeLessThanOrEqual(80);
  expect(tree.replaceAll(/\n[ │]*/g, " ")).toContain(`${skipped[0]?.reason}`);
  expect(tree.split("\n").length).toBeLessThan(30);
  expect(tree).not.toMatch(/[\u001b\u202e]/);
});

const recordings = join(import.meta.dirname, "../../../../shared/recordings/buildkit-v0.32.2");

describe.skipIf(!existsSync(recordings))(
  "images that BuildKit wrote (../shared/recordings, where present)",
  () => {
    test.for([
      ["inline-old-provenance-max", "https://slsa.dev/provenance/v1", 5184],
      ["inline-old-provenance-v0.2", "https://slsa.dev/provenance/v0.2", 5138],
      ["oci-artifact-provenance-max", "https://slsa.dev/provenance/v1", 5184],
      ["oci-artifact-provenance-min", "https://slsa.dev/provenance/v1", 1125],
    ] as const)("%s", async ([name, predicateType, size]) => {
      const layout = join(directory, name);
      await extractLayout(join(recordings, `${name}.tar`), layout);
      const store = await openLayout(layout, { timing });
      const listing = await listAttachments(store, "1", join(directory, `${name}-out`));
      expect(listing.skipped).toEqual([]);
      expect(listing.attachments).toMatchObject([
        {
          platform: "linux/amd64",
          form: "statement",
          isSigned: false,
          places: ["buildkit-index"],
          header: { predicateType },
          content: { size },
          remarks: [],
        },
      ]);
    });
  },
);

describe("an image that is named by its digest", () => {
  const open = (name: string) => openLayout(join(directory, name), { timing, create: true });

  test("is asked for at once with what is attached to it", async () => {
    const store = await open("at-once");
    const { digest } = await pushImage(store);
    await attachToImage(store, digest, [await writeBundle(directory, "at-once", [digest])], options);
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    const waiting = {
      ...store,
      // Never answers before it was asked for both.
      fetchManifest: async (wanted: string) => {
        if (wanted === digest) await asked;
        return store.fetchManifest(wanted);
      },
      referrers: (about: string) => {
        answer();
        return store.referrers(about);
      },
    };
    const listing = await listAttachments(waiting, digest, join(directory, "at-once-out"));
    expect(listing.attachments).toMatchObject([{ subject: digest }]);
  });

  test("and is not there is missing, whatever is said of what is attached to it", async () => {
    const store = await open("missing");
    const refusing = { ...store, referrers: () => Promise.reject(new AttestError("REGISTRY_DENIED", "no")) };
    const gone = `sha256:${"0".repeat(64)}`;
    await expect(listAttachments(refusing, gone, directory)).rejects.toThrow("IMAGE_NOT_FOUND");
    const { digest } = await pushImage(store);
    await expect(listAttachments(refusing, digest, directory)).rejects.toThrow("REGISTRY_DENIED");
  });
});
