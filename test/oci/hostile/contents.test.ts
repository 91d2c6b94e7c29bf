/** Content that its digest vouches for, and that is made to mislead, to exhaust, or to block others. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachToImage } from "../../../src/oci/attach/image.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { ociLimits } from "../../../src/oci/limits.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { ociConfig, ociEmpty, ociIndex, ociManifest } from "../../../src/oci/media-types.js";
import { readPublished } from "../../../src/oci/published.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import type { Listing } from "../../../src/oci/read/types.js";
import { imageEvidence } from "../../../src/oci/verify.js";
import { loadPublicKey } from "../../../src/verification/public-key.js";
import { verify } from "../../../src/verification/verify.js";
import { statementText, testKeys, writeBundle } from "../../support/bundles.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { digestOf, indexAnswer } from "../../support/hostile-registry/core.js";
import { answering, atFirst, bodyless, bytesOf } from "../../support/hostile-registry/faults.js";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile-registry/server.js";
import { pushImage } from "../../support/registry-images.js";
import { client, created, outcomeOf, setScene, type Scene } from "./verbs.js";

const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
const key = loadPublicKey(testKeys.publicKey.export({ format: "pem", type: "spki" }).toString());

describe("hostile content", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-contents-"));
  let registry: HostileRegistry;
  let count = 0;
  beforeAll(async () => {
    registry = await startHostileRegistry();
  });
  afterAll(async () => {
    await registry.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const scene = () => setScene(registry, `app-${count++}`, directory);
  const scratch = () => mkdtempSync(join(directory, "scratch-"));

  /** Puts bytes into the registry as they are, without anybody looking at them. */
  function putBlob({ repository }: Pick<Scene, "repository">, bytes: Buffer, mediaType: string) {
    const digest = digestOf(bytes);
    registry.core.repository(repository).blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }
  function putManifest({ repository }: Pick<Scene, "repository">, bytes: Buffer, type = ociManifest) {
    const digest = digestOf(bytes);
    registry.core.repository(repository).manifests.set(digest, { bytes, type });
    return { mediaType: type, digest, size: bytes.length };
  }
  const text = (document: unknown) => Buffer.from(JSON.stringify(document));
  /** A manifest that refers to the image as a bundle would, with other members in place of some. */
  const referrer = (at: Scene, members: object) => ({
    schemaVersion: 2,
    mediaType: ociManifest,
    artifactType: bundleType,
    config: putBlob(at, Buffer.from("{}"), ociEmpty),
    layers: [],
    subject: { mediaType: ociIndex, digest: at.image.digest, size: 1 },
    ...members,
  });

  async function listed(at: Scene): Promise<Listing> {
    return listAttachments(await client(registry, at.repository), "v1", scratch());
  }

  /** What was there before is listed, verifies, is read back and can be added to; the newcomer is named with a reason. */
  async function expectSkipped(at: Scene, digest: string, reason: RegExp): Promise<void> {
    const listing = await listed(at);
    expect(listing.attachments.map(({ statementSha256 }) => statementSha256)).toEqual(at.statements);
    expect(listing.skipped.map((one) => one.digest)).toContain(digest);
    expect(listing.skipped.find((one) => one.digest === digest)?.reason).toMatch(reason);
    const { artifact, bundles } = imageEvidence(listing, "app", undefined);
    const verdict = await verify(bundles, { artifact, signers: { keys: [key] }, now: new Date() });
    expect(verdict.passed).toBe(true);
    const store = await client(registry, at.repository);
    const path = await writeBundle(directory, `${at.repository}-more`, [at.image.digest]);
    for (const outcome of ["attached", "present"]) {
      const result = await attachToImage(store, "v1", [path], { created, timing: fakeTiming() });
      expect(result.attached.map((one) => one.outcome)).toEqual([outcome]);
    }
  }

  const layerOf = (at: Scene, bytes: Buffer, mediaType = bundleType) =>
    putManifest(at, text(referrer(at, { layers: [putBlob(at, bytes, mediaType)] })));

  describe("beside an attestation that is good", () => {
    test("annotations that contradict the signed content: the content counts, and the contradiction is told", async () => {
      const at = await scene();
      const store = await client(registry, at.repository);
      const stored = await store.fetchManifest(at.attached[0] ?? "");
      const [layer] = stored?.content.kind === "manifest" ? stored.content.layers : [];
      const annotations = {
        "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1",
        "dev.sigstore.bundle.content": "message-signature",
        "org.opencontainers.image.created": "2099-01-01T00:00:00Z",
      };
      putManifest(at, text(referrer(at, { layers: [layer], annotations })));
      const listing = await listed(at);
      const types = listing.attachments.map(({ header }) => header.predicateType);
      expect(new Set(types)).toEqual(new Set(["https://example.com/test/v1"]));
      const remarks = listing.attachments.flatMap((one) => one.remarks);
      expect(listing.attachments).toHaveLength(2);
      expect(remarks.join()).toContain("slsa.dev");
    });

    test("a referrer listed here that refers to something else", async () => {
      const at = await scene();
      const subject = { mediaType: ociManifest, digest: digestOf(Buffer.from("else")), size: 4 };
      const own = putManifest(at, text(referrer(at, { subject })));
      registry.faults = [
        answering(/^GET .*\/referrers\//, (honest, { url }) => {
          if (!url.pathname.endsWith(at.image.digest)) return honest;
          const body = JSON.parse(bytesOf(honest).toString()) as { manifests: unknown[] };
          return indexAnswer([...body.manifests, { ...own, artifactType: bundleType }]);
        }),
      ];
      await expectSkipped(at, own.digest, /it refers to sha256:/);
      registry.faults = [];
    });

    test("a statement about another subject, signed by the right key", async () => {
      const at = await scene();
      const other = digestOf(Buffer.from("other image"));
      const path = await writeBundle(directory, `${at.repository}-other`, [other]);
      const { readFileSync } = await import("node:fs");
      const bytes = readFileSync(path);
      layerOf(at, bytes);
      await expectSkipped(at, digestOf(bytes), /about something else/);
    });

    const bomb = Buffer.alloc(32 * 1024 * 1024, "[");
    test.for([
      ["a gzip bomb", gzipSync(bomb), bundleType],
      ["a zstd bomb", zstdCompressSync(bomb), bundleType],
      ["a gzip bomb as a bare statement", gzipSync(bomb), "application/vnd.in-toto+json"],
      ["a nesting bomb", Buffer.from("[".repeat(500_000)), bundleType],
      ["a nesting bomb of objects", Buffer.from('{"a":'.repeat(100_000)), "application/vnd.in-toto+json"],
      ["a bundle of nothing", Buffer.alloc(0), bundleType],
      ["text", Buffer.from("not JSON"), bundleType],
      ["JSON that is no bundle", Buffer.from("{}"), bundleType],
      ["duplicate keys", Buffer.from('{"mediaType":"a","mediaType":"b"}'), bundleType],
      ["a login page", Buffer.from("<html>"), "application/vnd.in-toto+json"],
      ["invalid UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), bundleType],
      ["a number without end", Buffer.from(`{"a":${"9".repeat(100_000)}}`), bundleType],
    ] as const)("%s as its content", async ([, bytes, type]) => {
      const at = await scene();
      layerOf(at, bytes, type);
      await expectSkipped(at, digestOf(bytes), /INVALID|LIMIT_EXCEEDED/);
    });

    test.for([-1, 1, 1_000_000])("a size that lies by %i", async (lie) => {
      const at = await scene();
      const bytes = Buffer.from(statementText([at.image.digest], "https://example.com/lie/v1", {}));
      const layer = putBlob(at, bytes, "application/vnd.in-toto+json");
      putManifest(at, text(referrer(at, { layers: [{ ...layer, size: layer.size + lie }] })));
      await expectSkipped(at, layer.digest, /DIGEST_MISMATCH.*size/s);
    });

    test("a size beyond every limit", async () => {
      const at = await scene();
      const layer = putBlob(at, Buffer.from("small"), bundleType);
      putManifest(at, text(referrer(at, { layers: [{ ...layer, size: 2 ** 50 }] })));
      await expectSkipped(at, layer.digest, /LIMIT_EXCEEDED/);
    });

    test("a blob that is not there", async () => {
      const at = await scene();
      const layer = { mediaType: bundleType, digest: digestOf(Buffer.from("gone")), size: 4 };
      putManifest(at, text(referrer(at, { layers: [layer] })));
      await expectSkipped(at, layer.digest, /IMAGE_NOT_FOUND/);
    });

    const algorithms = [
      ["md5", `md5:${"a".repeat(32)}`],
      ["sha1", `sha1:${"a".repeat(40)}`],
      ["a path", "sha256:../../../etc/passwd"],
      ["upper case", `sha256:${"A".repeat(64)}`],
      ["too short", `sha256:${"a".repeat(63)}`],
      ["another length", `sha512:${"a".repeat(64)}`],
      ["a prefix", `x+sha256:${"a".repeat(64)}`],
      ["a line break", `sha256:${"a".repeat(64)}\n`],
    ] as const;
    test.for(algorithms)("a layer by %s", async ([, digest]) => {
      const at = await scene();
      const own = putManifest(
        at,
        text(referrer(at, { layers: [{ mediaType: bundleType, digest, size: 4 }] })),
      );
      await expectSkipped(at, own.digest, /IMAGE_INVALID.*digest/s);
    });

    test("content by sha512 is read and checked by it", async () => {
      const at = await scene();
      const bytes = Buffer.from(statementText([at.image.digest], "https://example.com/long/v1", {}));
      const digest = digestOf(bytes, "sha512");
      registry.core.repository(at.repository).blobs.set(digest, bytes);
      const layers = [{ mediaType: "application/vnd.in-toto+json", digest, size: bytes.length }];
      putManifest(at, text(referrer(at, { layers })));
      expect((await listed(at)).attachments.map(({ content }) => content.digest)).toContain(digest);
      const damaged = Buffer.from(bytes);
      damaged[0] = 0x5b;
      registry.core.repository(at.repository).blobs.set(digest, damaged);
      await expect(listed(at)).rejects.toThrow("DIGEST_MISMATCH");
    });

    test.for([
      [
        "duplicate keys",
        (document: object) => JSON.stringify(document).replace("{", '{"layers":[],'),
        /JSON_INVALID/,
      ],
      [
        "duplicate keys that differ in escapes",
        (document: object) => JSON.stringify(document).replace("{", '{"\\u006cayers":[],'),
        /JSON_INVALID/,
      ],
      [
        "a nesting bomb",
        (document: object) =>
          JSON.stringify({ ...document, x: "BOMB" }).replace('"BOMB"', "[".repeat(2000) + "]".repeat(2000)),
        /LIMIT_EXCEEDED/,
      ],
      [
        "members of an index",
        (document: object) => JSON.stringify({ ...document, manifests: [] }),
        /IMAGE_INVALID/,
      ],
      [
        "another media type",
        (document: object) => JSON.stringify({ ...document, mediaType: ociIndex }),
        /IMAGE_INVALID/,
      ],
      [
        "no layers",
        (document: object) => JSON.stringify({ ...document, layers: undefined }),
        /IMAGE_INVALID/,
      ],
      [
        "null for no layers",
        (document: object) => JSON.stringify({ ...document, layers: null }),
        /holds nothing/,
      ],
      [
        "10 001 layers",
        (document: object) =>
          JSON.stringify({
            ...document,
            layers: Array.from({ length: 10_001 }, () => ({
              mediaType: "a",
              digest: digestOf(Buffer.of()),
              size: 0,
            })),
          }),
        /LIMIT_EXCEEDED/,
      ],
      ["text after its end", (document: object) => `${JSON.stringify(document)} {}`, /JSON_INVALID/],
    ] as const)("a manifest with %s", async ([, change, reason]) => {
      const at = await scene();
      const config = putBlob(at, Buffer.from("{}"), ociEmpty);
      const own = digestOf(Buffer.from(change(referrer(at, { config }))));
      const bytes = Buffer.from(change(referrer(at, { config })));
      registry.faults = [
        answering(/^GET .*\/referrers\//, (honest, { url }) => {
          if (!url.pathname.endsWith(at.image.digest)) return honest;
          const body = JSON.parse(bytesOf(honest).toString()) as { manifests: unknown[] };
          const entry = { mediaType: ociManifest, digest: own, size: bytes.length, artifactType: bundleType };
          return indexAnswer([...body.manifests, entry]);
        }),
        answering(new RegExp(`^GET .*/manifests/${own}$`), {
          status: 200,
          headers: { "content-type": ociManifest },
          body: bytes,
        }),
      ];
      await expectSkipped(at, own, reason);
      registry.faults = [];
    });
  });

  describe("content that a descriptor holds itself", () => {
    /** A bundle beside those that are there, whose layer has the data given. */
    async function embedded(at: Scene, data: (bundle: Buffer) => string) {
      const bundle = await readFile(await writeBundle(directory, at.repository, [at.image.digest]));
      const layer = { ...putBlob(at, bundle, bundleType), data: data(bundle) };
      putManifest(at, text(referrer(at, { layers: [layer] })));
      return layer;
    }
    const blobsAsked = (digest: string) =>
      registry.asked.filter(({ method, url }) => method === "GET" && url.pathname.endsWith(digest));

    test("is read where it is right, also when the blob is gone, and copied", async () => {
      const at = await scene();
      const { digest } = await embedded(at, (bundle) => bundle.toString("base64"));
      registry.core.repository(at.repository).blobs.delete(digest);
      const contents = ({ attachments }: Listing) => attachments.map(({ content }) => content.digest);
      const listing = await listed(at);
      expect(contents(listing)).toContain(digest);
      expect(blobsAsked(digest)).toEqual([]);
      const timing = fakeTiming();
      const target = await openLayout(scratch(), { timing, create: true });
      const store = await client(registry, at.repository);
      await copyImage(store, "v1", target, { timing, tags: ["v1"], directory: scratch() });
      expect(contents(await listAttachments(target, "v1", scratch()))).toEqual(contents(listing));
      expect(await target.hasBlob(digest)).toBe(true);
    });

    test.for([
      ["other content", () => Buffer.from("other").toString("base64")],
      ["a part of it", (bundle: Buffer) => bundle.subarray(1).toString("base64")],
      ["no base64", () => "\u0000!"],
      ["nothing", () => ""],
    ] as const)("is not believed where it is %s: the blob is read", async ([, data]) => {
      const at = await scene();
      const { digest } = await embedded(at, data);
      const { attachments } = await listed(at);
      expect(attachments.map(({ content }) => content.digest)).toContain(digest);
      expect(blobsAsked(digest)).toHaveLength(1);
    });
  });

  describe("an image", () => {
    const where = () => ({ repository: `index-${count++}` });
    const index = (manifests: readonly object[]) =>
      text({ schemaVersion: 2, mediaType: ociIndex, manifests });
    const tag = ({ repository }: { readonly repository: string }, digest: string) =>
      registry.core.repository(repository).tags.set("v1", digest);
    const outcomes = async (at: { readonly repository: string }) => {
      const store = await client(registry, at.repository);
      const timing = fakeTiming();
      const target = await openLayout(scratch(), { timing, create: true });
      const expected = { digest: "", platforms: [], statements: [], areSigned: false, now: new Date() };
      const before = registry.asked.length;
      const found = [
        await outcomeOf(listAttachments(store, "v1", scratch())),
        await outcomeOf(readPublished(store, "v1", expected, scratch(), fakeTiming())),
        await outcomeOf(copyImage(store, "v1", target, { timing, tags: ["v1"], directory: scratch() })),
      ];
      return { found, asked: registry.asked.length - before };
    };

    test("whose index is nested too deep", async () => {
      const at = where();
      let inner = putManifest(at, index([]), ociIndex);
      for (let depth = 0; depth < 20; depth += 1) inner = putManifest(at, index([inner]), ociIndex);
      tag(at, inner.digest);
      const { found, asked } = await outcomes(at);
      expect(found).toEqual(["LIMIT_EXCEEDED", "LIMIT_EXCEEDED", "LIMIT_EXCEEDED"]);
      expect(asked).toBeLessThan(100);
    });

    test("whose indexes name the same one again and again, at every level", async () => {
      const at = where();
      let inner = putManifest(at, index([]), ociIndex);
      for (let depth = 0; depth < 3; depth += 1)
        inner = putManifest(at, index(Array.from({ length: 1000 }, () => inner)), ociIndex);
      tag(at, inner.digest);
      const { found, asked } = await outcomes(at);
      expect(found).toEqual(["right", "DIGEST_MISMATCH", "right"]);
      expect(asked).toBeLessThan(200);
    });

    test("whose indexes name ever more of them", async () => {
      const at = where();
      const level = (depth: number, path: string): { mediaType: string; digest: string; size: number } => {
        const inside =
          depth === 0 ? [] : Array.from({ length: 20 }, (_, n) => level(depth - 1, `${path}.${n}`));
        return putManifest(
          at,
          text({ schemaVersion: 2, mediaType: ociIndex, manifests: inside, annotations: { path } }),
          ociIndex,
        );
      };
      tag(at, level(3, "").digest);
      const { found, asked } = await outcomes(at);
      expect(found).toEqual(["LIMIT_EXCEEDED", "LIMIT_EXCEEDED", "LIMIT_EXCEEDED"]);
      expect(asked).toBeLessThan(20_000);
    });

    test("that refers to itself as its own subject is no circle", async () => {
      const at = await scene();
      registry.faults = [
        answering(/^GET .*\/referrers\//, (_, { url }) =>
          indexAnswer([{ mediaType: ociIndex, digest: url.pathname.split("/").at(-1), size: 1 }]),
        ),
      ];
      const store = await client(registry, at.repository);
      const timing = fakeTiming();
      const target = await openLayout(scratch(), { timing, create: true });
      const before = registry.asked.length;
      await copyImage(store, "v1", target, { timing, tags: ["v1"], directory: scratch() });
      expect((await listed(at)).attachments).toEqual([]);
      expect(registry.asked.length - before).toBeLessThan(100);
      registry.faults = [];
    });

    test("whose referrers have ever more referrers", async () => {
      const at = await scene();
      const names = new Map<string, string>();
      const child = (name: string) => {
        const { digest, ...rest } = putManifest(at, text(referrer(at, { annotations: { name } })));
        names.set(digest, name);
        return { ...rest, digest };
      };
      registry.faults = [
        answering(/^GET .*\/referrers\//, (_, { url }) => {
          const name = names.get(url.pathname.split("/").at(-1) ?? "") ?? "root";
          return indexAnswer([0, 1, 2].map((n) => child(`${name}.${n}`)));
        }),
      ];
      const store = await client(registry, at.repository);
      const timing = fakeTiming();
      const target = await openLayout(scratch(), { timing, create: true });
      const before = registry.asked.length;
      const copying = copyImage(store, "v1", target, { timing, tags: ["v1"], directory: scratch() });
      expect(await outcomeOf(copying)).toBe("LIMIT_EXCEEDED");
      expect(registry.asked.length - before).toBeLessThan(10_000);
      registry.faults = [];
    });

    test("with a configuration that is larger than any is not asked for it", async () => {
      const at = where();
      const config = { ...putBlob(at, Buffer.from("{}"), ociConfig), size: 2 ** 40 };
      const layers: unknown[] = [];
      const own = putManifest(at, text({ schemaVersion: 2, mediaType: ociManifest, config, layers }));
      tag(at, own.digest);
      expect(await outcomeOf(listAttachments(await client(registry, at.repository), "v1", scratch()))).toBe(
        "right",
      );
    });

    test("with a configuration that is no JSON: no platform is known, and what is attached is found", async () => {
      for (const bytes of [Buffer.of(), Buffer.from("\0"), Buffer.from("[]"), Buffer.from('{"os":1}')]) {
        const at = where();
        const config = putBlob(at, bytes, ociConfig);
        const own = putManifest(at, text({ schemaVersion: 2, mediaType: ociManifest, config, layers: [] }));
        tag(at, own.digest);
        const store = await client(registry, at.repository);
        const path = await writeBundle(directory, at.repository, [own.digest]);
        await attachToImage(store, "v1", [path], { created, timing: fakeTiming() });
        const { attachments } = await listAttachments(store, "v1", scratch());
        expect(attachments.map(({ platform, subject }) => [platform, subject])).toEqual([["", own.digest]]);
      }
    });

    test("with manifests that together are more than can be held", async () => {
      const at = await scene();
      const filler = "x".repeat(3 * 1024 * 1024);
      for (let n = 0; n < 8; n += 1)
        putManifest(at, text(referrer(at, { annotations: { filler, n: `${n}` } })));
      registry.faults = [
        answering(/^GET .*\/referrers\//, (honest, { url }) => {
          if (!url.pathname.endsWith(at.image.digest)) return honest;
          const body = JSON.parse(bytesOf(honest).toString()) as { manifests: { annotations?: unknown }[] };
          return indexAnswer(body.manifests.map(({ annotations: _, ...one }) => one));
        }),
      ];
      const limits = { ...ociLimits, totalBytes: 16 * 1024 * 1024 };
      const store = await client(registry, at.repository, { limits });
      const timing = fakeTiming();
      const target = await openLayout(scratch(), { timing, create: true });
      const copying = copyImage(store, "v1", target, { timing, tags: ["v1"], directory: scratch() });
      expect(await outcomeOf(copying)).toBe("LIMIT_EXCEEDED");
      // Those that hold nothing are no burden for a list, which drops each at once.
      expect((await listed(at)).attachments).toHaveLength(2);
      registry.faults = [];
    });

    test("with attestations that together are more than may be written", async () => {
      const at = await scene();
      const limits = { ...ociLimits, listedBytes: 1024 };
      const store = await client(registry, at.repository, { limits });
      expect(await outcomeOf(listAttachments(store, "v1", scratch()))).toBe("LIMIT_EXCEEDED");
    });
  });

  test("a registry that answers for referrers and forgets them: they are kept at the fallback tag", async () => {
    const store = await client(registry, "forgetful");
    const image = await pushImage(store, "v1");
    registry.faults = [answering(/^GET .*\/referrers\//, indexAnswer([]))];
    const path = await writeBundle(directory, "forgetful", [image.digest]);
    await attachToImage(store, "v1", [path], { created, timing: fakeTiming() });
    const { attachments } = await listAttachments(store, "v1", scratch());
    expect(attachments).toMatchObject([{ places: ["fallback-tag"] }]);
    registry.faults = [];
  });

  test("a listed referrer that is not there is reported by a copy", async () => {
    const at = await scene();
    const gone = { mediaType: ociManifest, digest: digestOf(Buffer.from("gone")), size: 4 };
    registry.faults = [answering(new RegExp(`referrers/${at.image.digest}`), indexAnswer([gone]))];
    const timing = fakeTiming();
    const target = await openLayout(scratch(), { timing, create: true });
    const store = await client(registry, at.repository);
    const { absent } = await copyImage(store, "v1", target, { timing, tags: ["v1"], directory: scratch() });
    expect(absent).toEqual([gone.digest]);
    registry.faults = [];
  });

  describe("waiting", () => {
    const asked = async (headers: Readonly<Record<string, string>>) => {
      const at = { repository: `wait-${count++}` };
      await pushImage(await client(registry, at.repository), "v1");
      const timing = fakeTiming();
      const store = await client(registry, at.repository, { timing });
      registry.faults = [atFirst(1, answering(/manifests/, bodyless(429, headers)))];
      const outcome = await outcomeOf(store.fetchManifest("v1"));
      registry.faults = [];
      return { outcome, waited: timing.slept.reduce((sum, one) => sum + one, 0) };
    };
    const date = "Thu, 26 Nov 2026 12:00:00 GMT";

    test.for([
      ["7", 7000],
      [" 7 ", 7000],
      ["0", 150],
      ["-5", 150],
      ["soon", 150],
      ["1e9", 150],
      ["Thu, 26 Nov 2026 12:00:30 GMT", 30_000],
      ["Thu, 26 Nov 2026 11:00:00 GMT", 150],
      ["Thursday", 150],
    ] as const)("Retry-After: %s", async ([value, waited]) => {
      expect(await asked({ "retry-after": value, date })).toEqual({ outcome: "right", waited });
    });

    test.for(["61", "999999999", "99999999999999999999", "Thu, 26 Nov 2099 12:00:00 GMT"])(
      "Retry-After: %s is more than anybody waits",
      async (value) => {
        const { outcome, waited } = await asked({ "retry-after": value, date });
        if (outcome === "right") expect(waited).toBeLessThan(60_000);
        else expect({ outcome, waited }).toEqual({ outcome: "REGISTRY_FAILED", waited: 0 });
      },
    );

    test("a body that only drips is given up", async () => {
      const timing = fakeTiming();
      function* dripping() {
        for (;;) {
          timing.advance(10_000);
          yield Buffer.from(" ");
        }
      }
      const store = await client(registry, "app", { timing });
      registry.faults = [
        answering(/manifests/, () => ({
          status: 200,
          headers: { "content-type": ociManifest },
          body: dripping(),
        })),
      ];
      const before = registry.sent();
      expect(await outcomeOf(store.fetchManifest("v1"))).toBe("REGISTRY_FAILED");
      expect(registry.sent() - before).toBeLessThan(10_000_000);
      registry.faults = [];
    });
  });
});
