import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { readBlob } from "../../src/oci/blob.js";
import { digestOf } from "../../src/oci/digest.js";
import { packLayout } from "../../src/oci/layout/archive.js";
import { openLayout } from "../../src/oci/layout/open.js";
import { ociLimits } from "../../src/oci/limits.js";
import { writtenEntry } from "../../src/oci/list-text.js";
import { manifestDocument, readManifest } from "../../src/oci/manifest.js";
import { ociEmpty, ociManifest } from "../../src/oci/media-types.js";
import { systemTiming, type Timing } from "../../src/oci/timing.js";
import { bytesSource } from "../../src/signing/source.js";
import { expel, tryLock } from "../../src/statement/lock.js";
import { fakeTiming } from "../support/fake-timing.js";
import { descriptorOf, pushBytes, pushImage, pushIndex } from "../support/registry-images.js";
import { missing, storeKinds, type StoreMaker } from "./stores.js";

/** Waits no longer than others need to get their turn. */
function eager(): Timing {
  const timing = systemTiming();
  return { ...timing, sleep: () => timing.sleep(1) };
}

test("a manifest in Docker's first format is refused by its version", () => {
  const text = { schemaVersion: 1, name: "app", tag: "v1", fsLayers: [], history: [], signatures: [] };
  expect(() => readManifest(Buffer.from(JSON.stringify(text)), "", ociLimits)).toThrow(
    "schemaVersion: 2 expected, got 1",
  );
});

test("a layout that a killed writer left locked is taken over", async () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-lock-"));
  const timing = fakeTiming();
  const store = await openLayout(directory, { timing, create: true });
  mkdirSync(join(directory, "index.json.lock", "killed"), { recursive: true });
  const { digest } = await pushImage(store, "v1");
  expect((await store.resolve("v1"))?.digest).toBe(digest);
  // Not before a writer that lives would have been done long since.
  expect(timing.now()).toBeGreaterThan(5000);
  rmSync(directory, { recursive: true });
});

test("a lock that two found left behind is taken over by one, and the other waits for that one", async () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-lock-"));
  const path = join(directory, "lock");
  mkdirSync(join(path, "killed"), { recursive: true });
  await expel(path, "killed");
  const release = await tryLock(path, join(directory, "waiting-a"), "a");
  // The second one saw the same holder, and gets to it only now.
  await expel(path, "killed");
  expect(await tryLock(path, join(directory, "waiting-b"), "b")).toBeUndefined();
  expect(readdirSync(path)).toEqual(["a"]);
  await release?.();
  expect(await tryLock(path, join(directory, "waiting-b"), "b")).toBeDefined();
  expect(readdirSync(directory)).toEqual(["lock"]);
  rmSync(directory, { recursive: true });
});

test("many who open a directory as a layout, find it locked by a killed one and write, lose nothing", async () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-lock-"));
  mkdirSync(join(directory, "index.json.lock", "killed"), { recursive: true });
  const names = Array.from({ length: 12 }, (_, at) => `v${at}`);
  await Promise.all(
    names.map(async (name) =>
      pushImage(await openLayout(directory, { timing: eager(), create: true }), name),
    ),
  );
  const store = await openLayout(directory, { timing: systemTiming() });
  expect([...(await store.tags())].sort()).toEqual([...names].sort());
  expect(readdirSync(directory).sort()).toEqual(["blobs", "index.json", "oci-layout"]);
  rmSync(directory, { recursive: true });
});

describe("what a killed writer left in a layout", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-left-"));
  const blobs = join(directory, "blobs", "sha256");
  const partial = (parent: string, name: string, age: number) => {
    const path = join(parent, `.partial-${name}`);
    mkdirSync(path);
    writeFileSync(join(path, "f".repeat(64)), '{"schemaVersion":2}');
    const time = Date.now() / 1000 - age;
    for (const one of [join(path, "f".repeat(64)), path]) utimesSync(one, time, time);
  };
  const left = () =>
    [...readdirSync(directory), ...readdirSync(blobs)].filter((name) => name.startsWith("."));
  beforeAll(async () => {
    await pushImage(await openLayout(directory, { timing: systemTiming(), create: true }), "v1");
    for (const parent of [directory, blobs]) partial(parent, `old-${parent.length}`, 7200);
    partial(blobs, "fresh", 60);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("is nothing that a reader sees, and stays while there are only readers", async () => {
    const store = await openLayout(directory, { timing: systemTiming() });
    expect(await store.tags()).toEqual(["v1"]);
    expect(await store.hasBlob(`sha256:${"f".repeat(64)}`)).toBe(false);
    const archive = join(directory, "..", `${basename(directory)}.tar`);
    await packLayout(directory, archive);
    expect(execFileSync("tar", ["-tf", archive], { encoding: "utf8" })).not.toContain("partial");
    rmSync(archive);
    expect(left()).toHaveLength(3);
  });

  test("goes at the next write when it is old, and not while it may still be written", async () => {
    await pushImage(await openLayout(directory, { timing: systemTiming() }), "v2");
    expect(left()).toEqual([".partial-fresh"]);
  });
});

test("what others wrote into a layout's list stays as it is", async () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-list-"));
  const store = await openLayout(directory, { timing: systemTiming(), create: true });
  const image = await pushImage(store, "v1");
  const path = join(directory, "index.json");
  const theirs = {
    ...image,
    platform: {
      os: "windows",
      architecture: "amd64",
      "os.version": "10.0.17763.1",
      "os.features": ["win32k"],
    },
    annotations: { "org.opencontainers.image.ref.name": "theirs" },
    "x-unknown": 1,
  };
  const written = { schemaVersion: 2, manifests: [theirs], annotations: { of: "the list" }, "x-more": [1] };
  writeFileSync(path, JSON.stringify(written));
  const { digest } = await pushImage(store, "v2");
  const read = JSON.parse(readFileSync(path, "utf8")) as { manifests: unknown[] };
  expect(read).toEqual({ ...written, manifests: [theirs, expect.objectContaining({ digest })] });
  rmSync(directory, { recursive: true });
});

describe.for(storeKinds)("content of a $name", (kind) => {
  const reason = kind.program === undefined ? false : missing(kind.program);
  let maker: StoreMaker;
  beforeAll(async () => {
    if (reason === false) maker = await kind.start();
  });
  afterAll(() => maker?.stop());
  const check = test.skipIf(reason !== false);

  check("an index and its platforms are read as they were written", async () => {
    const store = await maker.open("read");
    const { index, amd64 } = await pushIndex(store, "v1");
    const other = await maker.open("read");
    expect(await other.resolve("v1")).toMatchObject({ digest: index.digest, size: index.size });
    const stored = await other.fetchManifest("v1");
    expect(stored?.content.kind === "index" && stored.content.manifests.map((one) => one.digest)).toContain(
      amd64.digest,
    );
    const manifest = await other.fetchManifest(amd64.digest);
    const layer = manifest?.content.kind === "manifest" ? manifest.content.layers[0] : undefined;
    expect(layer).toBeDefined();
    if (layer !== undefined) expect(digestOf(await readBlob(other, layer, 1e6))).toBe(layer.digest);
    expect(await other.tags()).toEqual(["v1"]);
  });

  check("what is not there is undefined, not an error", async () => {
    const store = await maker.open("absent");
    await pushImage(store, "here");
    const digest = digestOf(Buffer.from("nothing"));
    expect(await store.fetchManifest("gone")).toBeUndefined();
    expect(await store.fetchManifest(digest)).toBeUndefined();
    expect(await store.resolve(digest)).toBeUndefined();
    expect(await store.hasBlob(digest)).toBe(false);
  });

  check("a blob of another content or size is not stored", async () => {
    const store = await maker.open("lies");
    const bytes = Buffer.from("content");
    const descriptor = descriptorOf(bytes, "text/plain");
    for (const lie of [Buffer.from("Content"), Buffer.from("conten"), Buffer.from("content!")]) {
      await expect(store.pushBlob(descriptor, bytesSource(lie))).rejects.toThrow(/DIGEST_MISMATCH|REGISTRY/);
      expect(await store.hasBlob(descriptor.digest)).toBe(false);
    }
  });

  check("blobs of every size come back, also in several pieces", async () => {
    const upload = { chunkBytes: 1000, singleBytes: 100 };
    const store = await maker.open("sizes", { upload });
    for (const size of [0, 1, 100, 101, 999, 1000, 1001, 10_000]) {
      const bytes = Buffer.alloc(size, size % 251);
      const descriptor = await pushBytes(store, bytes, "application/octet-stream");
      expect((await readBlob(store, descriptor, 20_000)).equals(bytes)).toBe(true);
    }
  });

  check("what refers to a manifest is found, or the store says that it can't tell", async () => {
    const store = await maker.open("referrers");
    const subject = await pushImage(store, "v1");
    const empty = await pushBytes(store, Buffer.from("{}"), ociEmpty);
    const referrer = manifestDocument({
      schemaVersion: 2,
      mediaType: ociManifest,
      artifactType: "application/x-test",
      config: empty,
      layers: [empty],
      subject,
    });
    await store.pushManifest(referrer);
    await store.announce([writtenEntry(referrer.descriptor)]);
    const found = await (await maker.open("referrers")).referrers(subject.digest);
    if (kind.name === "distribution") expect(found).toBeUndefined();
    else expect(found?.manifests.map((one) => one.digest)).toEqual([referrer.descriptor.digest]);
    expect(await store.referrers(referrer.descriptor.digest)).toEqual(
      kind.name === "distribution" ? undefined : { manifests: [], unread: [] },
    );
  });
});
