/** Lists with entries that are no descriptors: everything beside them is found, and nothing that somebody wrote is lost. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { attachToImage } from "../../../src/oci/attach/image.js";
import { attachInLayout } from "../../../src/oci/attach/layouts.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { extractPlatform } from "../../../src/oci/copy/platform.js";
import { tagOfDigest } from "../../../src/oci/digest.js";
import { layoutImage } from "../../../src/oci/layout/image.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { ociIndex, ociManifest } from "../../../src/oci/media-types.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { attachmentTree } from "../../../src/oci/read/tree.js";
import type { Listing } from "../../../src/oci/read/types.js";
import { assertNone } from "../../../src/oci/read/unread.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { imageEvidence } from "../../../src/oci/verify.js";
import { loadPublicKey } from "../../../src/verification/public-key.js";
import type { Requirement } from "../../../src/verification/types.js";
import { withUnread } from "../../../src/verification/unread.js";
import { verify } from "../../../src/verification/verify.js";
import { statementText, testKeys, writeBundle } from "../../support/bundles.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { digestOf, indexAnswer } from "../../support/hostile-registry/core.js";
import { answering, bytesOf } from "../../support/hostile-registry/faults.js";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile-registry/server.js";
import { pushImage } from "../../support/registry-images.js";
import { client, created, setScene, type Scene } from "./verbs.js";

const key = loadPublicKey(testKeys.publicKey.export({ format: "pem", type: "spki" }).toString());
const referrers = /^GET .*\/referrers\//;
const some = digestOf(Buffer.from("some"));

/** Entries as text: no parsed value keeps such numbers, keys and spaces as they are. */
const malformed: readonly (readonly [string, string, RegExp])[] = [
  ["null", "null", /a descriptor expected, got null/],
  ["a number", "12345678901234567890", /a descriptor expected/],
  ["a list", "[ ]", /a descriptor expected, got an array/],
  ["nothing", "{}", /digest: .* got nothing/],
  [
    "another algorithm",
    `{"digest":"md5:${"a".repeat(32)}","size":4,"mediaType":"${ociManifest}"}`,
    /digest: .*md5/,
  ],
  ["no size", `{"mediaType":"${ociManifest}","z":1,"10":2,"2":1.50,"digest":"sha256:AB"}`, /size/],
  [
    "a size in text",
    `{"mediaType":"${ociManifest}","size":"4","digest":"sha256:x","x":{"big":98765432109876543210}}`,
    /size: .*"4"/,
  ],
  ["a size below nothing", `{"mediaType":"${ociManifest}","size":-1,"digest":"no"}`, /size: .*-1/],
  ["no media type", `{ "digest" : "" , "size" : 1e2 }`, /mediaType: .*nothing/],
];
const texts = malformed.map(([, text]) => text);

describe("lists with malformed entries", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-malformed-"));
  let registry: HostileRegistry;
  /** Without a referrers API. */
  let plain: HostileRegistry;
  let count = 0;
  beforeAll(async () => {
    registry = await startHostileRegistry();
    plain = await startHostileRegistry({ referrers: false });
  });
  afterEach(() => {
    registry.faults = [];
  });
  afterAll(async () => {
    await registry.stop();
    await plain.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const fresh = () => mkdtempSync(join(directory, "fresh-"));
  const sceneIn = (where: HostileRegistry) => setScene(where, `app-${count++}`, directory);
  const list = (store: ContentStore) => listAttachments(store, "v1", fresh());
  const put = (
    where: HostileRegistry,
    { repository }: Pick<Scene, "repository">,
    tag: string,
    text: string,
    type = ociIndex,
  ) => {
    const bytes = Buffer.from(text);
    const { manifests, tags } = where.core.repository(repository);
    manifests.set(digestOf(bytes), { bytes, type });
    tags.set(tag, digestOf(bytes));
  };
  const textAt = (where: HostileRegistry, { repository }: Pick<Scene, "repository">, tag: string) => {
    const { manifests, tags } = where.core.repository(repository);
    return manifests.get(tags.get(tag) ?? "")?.bytes.toString() ?? "";
  };
  /** The referrers API lists these besides, or only these. */
  const listing = (at: Scene, entries: readonly string[], isOnly = false) => {
    registry.faults = [
      answering(referrers, (honest, { url }) => {
        if (!url.pathname.endsWith(at.image.digest)) return honest;
        const { manifests } = JSON.parse(bytesOf(honest).toString()) as { manifests: unknown[] };
        const all = [...(isOnly ? [] : manifests.map((one) => JSON.stringify(one))), ...entries];
        const body = `{"schemaVersion":2,"mediaType":"${ociIndex}","manifests":[${all.join(",")}]}`;
        return { ...indexAnswer([]), body: Buffer.from(body) };
      }),
    ];
  };
  const judged = async (listed: Listing, requirement: Requirement = { kind: "any" }) => {
    const { artifact, bundles, unread } = imageEvidence(listed, "app", undefined);
    const question = { artifact, signers: { keys: [key] }, now: new Date(), requirement };
    return withUnread(await verify(bundles, question), unread);
  };
  const statementsOf = ({ attachments }: Listing) => attachments.map((one) => one.statementSha256);
  const copied = async (from: ContentStore, to: ContentStore) =>
    copyImage(from, "v1", to, { timing: fakeTiming(), tags: ["v1"], directory: fresh() });

  describe("of the referrers API", () => {
    test.for(malformed)("%s is skipped with what was expected and found", async ([, text, reason]) => {
      const at = await sceneIn(registry);
      listing(at, [text]);
      const store = await client(registry, at.repository);
      const listed = await list(store);
      expect(statementsOf(listed)).toEqual(at.statements);
      expect(listed.skipped).toEqual([
        expect.objectContaining({ place: "referrer", subject: at.image.digest, isUnread: true }),
      ]);
      expect(listed.skipped[0]?.reason).toMatch(/^IMAGE_INVALID: malformed entry: manifests\[1\]/);
      expect(listed.skipped[0]?.reason).toMatch(reason);
      expect(attachmentTree(listed, "app")).toContain("1 skipped");
      const verdict = await judged(listed);
      expect(verdict.passed).toBe(true);
      expect(verdict.notChecked.map(({ message }) => message).join()).toMatch(reason);
      const path = await writeBundle(directory, "beside", [at.image.digest]);
      const { attached } = await attachToImage(store, "v1", [path], { created, timing: fakeTiming() });
      expect(attached.map(({ outcome }) => outcome)).toEqual(["attached"]);
    });

    test("a verdict on all bundles fails where one may not have been read", async () => {
      const at = await sceneIn(registry);
      listing(at, ["{}"]);
      const listed = await list(await client(registry, at.repository));
      expect((await judged(listed, { kind: "any" })).passed).toBe(true);
      const { passed, failures } = await judged(listed, { kind: "all" });
      expect(passed).toBe(false);
      expect(failures).toMatchObject([{ code: "THRESHOLD", got: "1 that can't be read" }]);
    });

    test("nothing but malformed entries is not none", async () => {
      const at = await sceneIn(registry);
      listing(at, texts, true);
      const store = await client(registry, at.repository);
      const listed = await list(store);
      expect(listed.skipped).toHaveLength(texts.length);
      const { passed, failures } = await judged(listed);
      expect(passed).toBe(false);
      expect(failures).toMatchObject([
        { code: "NO_BUNDLE", got: `none, and ${texts.length} that can't be read` },
      ]);
      expect(attachmentTree(listed, "app")).toContain("no attestations that can be read");
      expect(() => assertNone(listed)).toThrow(/IMAGE_INVALID.*manifests\[3\].*digest/s);
    });

    test("thousands of them hide nothing and are all told, up to what is read of any list", async () => {
      const at = await sceneIn(registry);
      const many = (count: number) => Array.from({ length: count }, (_, n) => `{"digest":${n}}`);
      listing(at, many(9_999));
      const store = await client(registry, at.repository);
      const listed = await list(store);
      expect(statementsOf(listed)).toEqual(at.statements);
      expect(listed.skipped).toHaveLength(9_999);
      const { passed, notChecked } = await judged(listed);
      expect([passed, notChecked.length < 40]).toEqual([true, true]);
      expect(notChecked.at(-1)?.message).toBe("And 9979 more could not be read.");
      expect(attachmentTree(listed, "app").split("\n").length).toBeLessThan(100);
      listing(at, many(10_000));
      await expect(list(store)).rejects.toThrow("LIMIT_EXCEEDED");
    });

    test("a copy does not leave behind what it can't name, and takes what it can", async () => {
      const at = await sceneIn(registry);
      const [attached = ""] = at.attached;
      listing(at, [`{"digest":"${attached}"}`], true);
      const store = await client(registry, at.repository);
      const there = await openLayout(fresh(), { timing: fakeTiming(), create: true });
      await copied(store, there);
      expect(statementsOf(await list(there))).toEqual(at.statements);
      listing(at, ["{}"]);
      const target = await openLayout(fresh(), { timing: fakeTiming(), create: true });
      await expect(copied(store, target)).rejects.toThrow(/IMAGE_INVALID.*manifests\[1\].*copy again/s);
      expect(await target.tags()).toEqual([]);
    });
  });

  describe("of a fallback tag", () => {
    /** The index at the tag, with these entries besides, and with members of its own. */
    async function written(entries: readonly string[]) {
      const at = await sceneIn(plain);
      const tag = tagOfDigest(at.image.digest);
      const before = JSON.parse(textAt(plain, at, tag)) as { manifests: unknown[] };
      const own = before.manifests.map((one) =>
        JSON.stringify(one).replace("{", `{"x-big":12345678901234567890, `),
      );
      const all = [...own, ...entries].join("\n,\n");
      const text = `{ "manifests": [${all}], "annotations":{"of":"the list","9":"a","1":"b"}, "schemaVersion" : 2, "x":1.0 }`;
      put(plain, at, tag, text);
      return { at, tag, own };
    }

    test("everything else is found, and attaching leaves all of it as it was written", async () => {
      const { at, tag, own } = await written(texts);
      const store = await client(plain, at.repository);
      const listed = await list(store);
      expect(statementsOf(listed)).toEqual(at.statements);
      expect(listed.skipped.map(({ place }) => place)).toEqual(texts.map(() => "fallback-tag"));
      const path = await writeBundle(directory, `${at.repository}-more`, [at.image.digest]);
      const attach = async () => attachToImage(store, "v1", [path], { created, timing: fakeTiming() });
      const { attached } = await attach();
      const after = textAt(plain, at, tag);
      for (const text of [...texts, ...own, '"annotations":{"of":"the list","9":"a","1":"b"}', '"x":1.0'])
        expect(after).toContain(text);
      expect(after).toContain(attached[0]?.manifest.digest);
      expect((JSON.parse(after) as { manifests: unknown[] }).manifests).toHaveLength(texts.length + 2);
      expect((await attach()).attached.map(({ outcome }) => outcome)).toEqual(["present"]);
      expect(textAt(plain, at, tag)).toBe(after);
    });

    test("two lists of the same entries in another order come out the same", async () => {
      const { at, tag } = await written([...texts]);
      const path = await writeBundle(directory, "same", [at.image.digest]);
      const attach = async () => {
        const store = await client(plain, at.repository);
        await attachToImage(store, "v1", [path], { created, timing: fakeTiming() });
        return textAt(plain, at, tag);
      };
      const before = textAt(plain, at, tag);
      const after = await attach();
      const [, entries = ""] = /\[(.*)\], "annotations"/s.exec(before) ?? [];
      put(plain, at, tag, before.replace(entries, entries.split("\n,\n").reverse().join("\n,\n")));
      expect(await attach()).toBe(after);
    });

    test.for(["a registry without the API", "a registry with it", "a layout"] as const)(
      "a copy to %s keeps them",
      async (kind) => {
        const { at, tag, own } = await written(texts);
        const repository = `copy-${count++}`;
        const where = kind === "a registry with it" ? registry : plain;
        const target =
          kind === "a layout"
            ? await openLayout(fresh(), { timing: fakeTiming(), create: true })
            : await client(where, repository);
        await copied(await client(plain, at.repository), target);
        const listed = await list(target);
        expect(statementsOf(listed)).toEqual(at.statements);
        expect(listed.skipped.map(({ place }) => place)).toEqual(texts.map(() => "fallback-tag"));
        const bytes = (await target.fetchManifest(tag))?.bytes ?? Buffer.of();
        for (const text of [...texts, ...(where === plain && kind !== "a layout" ? own : [])])
          expect(Buffer.from(bytes).toString()).toContain(text);
      },
    );
  });

  describe("of the tag of older cosign versions", () => {
    test("a layer that can't be read is reported, the others are found, and all stay as they were written", async () => {
      const repository = `cosign-${count++}`;
      const store = await client(registry, repository);
      const image = await pushImage(store, "v1");
      const tag = tagOfDigest(image.digest, ".att");
      const attach = async (name: string) => {
        const path = await writeBundle(directory, `${repository}-${name}`, [image.digest]);
        const options = { created, timing: fakeTiming(), tag: "" };
        await attachInLayout(store, "v1", [path], "cosign-tag", options);
      };
      await attach("first");
      registry.core.repository(repository).blobs.set(some, Buffer.from("some"));
      const bad = `{"mediaType":"x","digest":"${some}","size":12345678901234567890}`;
      const theirs = textAt(registry, { repository }, tag)
        .replace(/("layers":\[\{)/, '$1 "urls":[],"x":1.0,"10":1,"9":2,')
        .replace(/\]\}$/, `,${bad}],"annotations":{"of":"theirs"},"x-more":98765432109876543210}`);
      put(registry, { repository }, tag, theirs, ociManifest);
      const listed = await list(store);
      expect(listed.attachments).toHaveLength(1);
      expect(listed.skipped).toMatchObject([{ place: "cosign-tag", subject: image.digest, isUnread: true }]);
      await attach("second");
      const after = textAt(registry, { repository }, tag);
      const kept = ['"urls":[],"x":1.0,"10":1,"9":2,', bad, '"annotations":{"of":"theirs"}'];
      for (const text of [...kept, '"x-more":98765432109876543210']) expect(after).toContain(text);
      expect((await list(store)).attachments).toHaveLength(2);
      const target = await openLayout(fresh(), { timing: fakeTiming(), create: true });
      await expect(copied(store, target)).rejects.toThrow(/IMAGE_INVALID.*layers\[1\]/s);
      // What a registry does not take back as it was is left alone.
      const refused = after.replace(some, "sha256:x");
      put(registry, { repository }, tag, refused, ociManifest);
      await expect(attach("third")).rejects.toThrow(/REGISTRY_RESPONSE_INVALID.*refused/s);
      expect(textAt(registry, { repository }, tag)).toBe(refused);
    });
  });

  describe("of a layout", () => {
    async function layoutWith(entries: readonly string[]) {
      const path = fresh();
      const store = await openLayout(path, { timing: fakeTiming(), create: true });
      const image = await pushImage(store, "v1");
      const bundle = await writeBundle(directory, `layout-${count++}`, [image.digest]);
      await attachToImage(store, "v1", [bundle], { created, timing: fakeTiming() });
      const index = join(path, "index.json");
      const text = readFileSync(index, "utf8").replace(
        /\]\s*}$/,
        `${entries.map((one) => `, ${one}`).join("")}]}`,
      );
      writeFileSync(index, text);
      return { path, store, image, text: () => readFileSync(index, "utf8") };
    }

    test("everything else is found, and stays as it was written when others are added", async () => {
      const { path, store, image, text } = await layoutWith(texts);
      const listed = await list(store);
      expect(listed.attachments).toHaveLength(1);
      expect(listed.skipped).toHaveLength(texts.length);
      expect(await layoutImage(path, store, undefined)).toMatchObject({ digest: image.digest, tag: "v1" });
      expect((await judged(listed)).passed).toBe(true);
      const bundle = await writeBundle(directory, "layout-more", [image.digest]);
      await attachToImage(store, "v1", [bundle], { created, timing: fakeTiming() });
      await store.pushManifest((await store.fetchManifest("v1")) as never, "v2");
      for (const one of texts) expect(text()).toContain(one);
      expect((await list(store)).attachments).toHaveLength(2);
      await expect(copied(store, await client(registry, `of-layout-${count++}`))).rejects.toThrow(
        /IMAGE_INVALID/,
      );
    });

    test("one that has the tag of an image is an image that can't be read", async () => {
      const named = `{"digest":"sha256:x","annotations":{"org.opencontainers.image.ref.name":"v9"}}`;
      const { path, store } = await layoutWith([named]);
      const listed = await list(store);
      expect([listed.attachments.length, listed.skipped]).toEqual([1, []]);
      await expect(store.fetchManifest("v9")).rejects.toThrow(/IMAGE_INVALID.*manifests\[2\]/s);
      await expect(layoutImage(path, store, undefined)).rejects.toThrow(/IMAGE_INVALID.*manifests\[2\]/s);
      expect(await layoutImage(path, store, "v1")).toMatchObject({ tag: "v1" });
    });

    test("what it lists and is no manifest, or none that is known, blocks nobody", async () => {
      const blobs = [
        Buffer.from("not JSON"),
        Buffer.from('{"mediaType":"application/x-other","blobs":[]}'),
        Buffer.alloc(5 * 1024 * 1024, "{"),
      ];
      const entries = blobs.map(
        (bytes) => `{"mediaType":"application/x-other","digest":"${digestOf(bytes)}","size":${bytes.length}}`,
      );
      const gone = `{"mediaType":"${ociManifest}","digest":"${some}","size":4}`;
      const { path, store, image } = await layoutWith([...entries, gone]);
      const own = Buffer.from(`{"mediaType":"application/x-other","subject":{"digest":"${image.digest}"}}`);
      for (const bytes of [...blobs, own])
        writeFileSync(join(path, "blobs", "sha256", digestOf(bytes).slice(7)), bytes);
      expect(await layoutImage(path, store, undefined)).toMatchObject({ digest: image.digest });
      const listed = await list(store);
      expect(listed.attachments).toHaveLength(1);
      expect(listed.skipped).toMatchObject([{ digest: some, reason: "it is listed, but not there" }]);
    });
  });

  describe("of an image's index", () => {
    const marked = (platform: string) =>
      `{"mediaType":"${ociManifest}","digest":"sha256:x","size":1,"annotations":{` +
      `"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"${platform}"}}`;

    async function indexWith(make: (amd64: string) => readonly string[]) {
      const repository = `index-${count++}`;
      const store = await client(registry, repository);
      const amd64 = await pushImage(store);
      const entry = `{"mediaType":"${ociManifest}","digest":"${amd64.digest}","size":${amd64.size},"platform":{"os":"linux","architecture":"amd64","os.version":"10.0"},"x":12345678901234567890}`;
      const entries = [entry, ...make(amd64.digest)];
      put(
        registry,
        { repository },
        "v1",
        `{"schemaVersion":2,"manifests":[${entries.join(",")}],"x-more":1.0}`,
      );
      return { repository, store, amd64: amd64.digest, entries };
    }

    test("BuildKit's attestation is skipped, and stays where it was when others are attached and copied", async () => {
      const { repository, store, amd64, entries } = await indexWith((digest) => [marked(digest)]);
      const listed = await list(store);
      expect(listed.skipped).toMatchObject([{ place: "buildkit-index", subject: amd64, isUnread: true }]);
      const path = join(directory, `${repository}.json`);
      writeFileSync(path, statementText([amd64], "https://example.com/inline/v1", {}));
      const options = { created, timing: fakeTiming(), tag: "v1" };
      await attachInLayout(store, "v1", [path], "buildkit-artifact", options);
      const after = textAt(registry, { repository }, "v1");
      for (const text of [...entries, '"x-more": 1.0']) expect(after).toContain(text);
      expect((await list(store)).attachments).toHaveLength(1);
      const target = await openLayout(fresh(), { timing: fakeTiming(), create: true });
      await copied(store, target);
      expect(Buffer.from((await target.fetchManifest("v1"))?.bytes ?? []).toString()).toBe(after);
    });

    test("a platform's manifest with a layer that is none can't be taken out, scanned or copied in part", async () => {
      const { store, repository } = await indexWith(() => []);
      const amd64 = (await list(store)).platforms[0]?.descriptor.digest ?? "";
      const { manifests } = registry.core.repository(repository);
      const text = manifests.get(amd64)?.bytes.toString() ?? "";
      const bytes = Buffer.from(text.replace(/\]}$/, `,{"mediaType":"x","size":"1","digest":"${some}"}]}`));
      manifests.set(digestOf(bytes), { bytes, type: ociManifest });
      const target = fresh();
      const options = { timing: fakeTiming(), waiting: fresh() };
      await expect(extractPlatform(store, digestOf(bytes), target, options)).rejects.toThrow(
        /IMAGE_INVALID.*layers\[1\]\.size/s,
      );
      const layout = await openLayout(fresh(), { timing: fakeTiming(), create: true });
      const copying = copyImage(store, digestOf(bytes), layout, {
        timing: fakeTiming(),
        tags: [],
        directory: fresh(),
      });
      await expect(copying).rejects.toThrow(/IMAGE_INVALID.*layers\[1\]\.size/s);
    });

    test.for(malformed)("a platform that is %s is an error for everybody", async ([, text]) => {
      const { store } = await indexWith(() => [text]);
      const target = await openLayout(fresh(), { timing: fakeTiming(), create: true });
      await expect(list(store)).rejects.toThrow(/IMAGE_INVALID.*manifests\[1\]/s);
      await expect(copied(store, target)).rejects.toThrow(/IMAGE_INVALID.*manifests\[1\]/s);
    });
  });
});
