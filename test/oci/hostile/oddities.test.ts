/** What registries do that is no attack, and that nobody expects. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { attachToImage } from "../../../src/oci/attach/image.js";
import { attachInLayout } from "../../../src/oci/attach/layouts.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import type { Descriptor } from "../../../src/oci/descriptor.js";
import { tagOfDigest } from "../../../src/oci/digest.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { manifestDocument } from "../../../src/oci/manifest.js";
import {
  dockerManifest,
  dsseEnvelope,
  inTotoStatement,
  ociConfig,
  ociIndex,
  ociManifest,
} from "../../../src/oci/media-types.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { attachmentTree } from "../../../src/oci/read/tree.js";
import type { Listing } from "../../../src/oci/read/types.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { imageEvidence } from "../../../src/oci/verify.js";
import { statementText, writeBundle, writeEnvelope } from "../../support/bundles.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { digestOf, indexAnswer, json, type Answer } from "../../support/hostile-registry/core.js";
import { answering, bodyless } from "../../support/hostile-registry/faults.js";
import {
  startHostileRegistry,
  type Fault,
  type HostileRegistry,
} from "../../support/hostile-registry/server.js";
import { pushBytes, pushImage, pushIndex } from "../../support/registry-images.js";
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

  describe("that lets no tag move", () => {
    const fixed =
      (answer: Answer): Fault =>
      ({ method, url }, honest) => {
        const tag = url.pathname.split("/manifests/").at(-1) ?? "";
        const isTag = method === "PUT" && /^[a-z0-9.-]+$/.test(tag);
        return isTag && registry.core.repository(repository).tags.has(tag) ? answer : honest();
      };
    const refusals: readonly (readonly [string, Answer])[] = [
      [
        "ECR",
        json(
          {
            errors: [
              {
                code: "TAG_INVALID",
                message:
                  "The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.",
              },
            ],
          },
          400,
        ),
      ],
      ["Harbor", json({ errors: [{ code: "PRECONDITION", message: "configured as immutable" }] }, 412)],
      ["Docker Hub", json({ errors: [{ code: "DENIED", message: "tag is immutable" }] }, 403)],
      ["others", bodyless(409)],
    ];

    test.for(refusals)(
      "as %s does: a copy that is done again is done, another image is refused",
      async ([, answer]) => {
        const source = await openLayout(fresh(), { timing: fakeTiming(), create: true });
        const image = await pushImage(source, "v1");
        const other = await pushImage(source, "v2");
        const copy = async (digest: string) =>
          copyImage(source, digest, store, { timing: fakeTiming(), tags: ["v1"], directory: fresh() });
        registry.faults = [fixed(answer)];
        await copy(image.digest);
        await copy(image.digest);
        await expect(copy(other.digest)).rejects.toThrow(/REGISTRY_DENIED.*\btag\b/s);
        expect((await store.resolve("v1"))?.digest).toBe(image.digest);
      },
    );

    test("attaching a second time says which tag does not move, and loses nothing", async () => {
      const image = await pushImage(store, "v1");
      registry.faults = [fixed(refusals[0]?.[1] ?? bodyless(400))];
      await attach(image.digest, "first");
      await expect(attach(image.digest, "second")).rejects.toThrow(
        /REGISTRY_DENIED.*sha256-.*lets no tag move/s,
      );
      expect((await listAttachments(store, "v1", fresh())).attachments).toHaveLength(1);
    });
  });

  test("behind a proxy whose page says what is wrong: its words are told, its markup is not", async () => {
    const page = `<!DOCTYPE html><html><head><style>body{color:red}</style><title>413 Too Large</title></head><body><h1>at most 1 MB</h1></body></html>`;
    registry.faults = [
      answering(/^POST /, { status: 418, headers: { "content-type": "text/html" }, body: Buffer.from(page) }),
    ];
    const failure = await pushImage(store, "v1").catch(String);
    expect(failure).toMatch(/413 Too Large\s+at most 1 MB/);
    expect(failure).not.toMatch(/[<>]|color/);
    // What is made to be searched for long is cut before.
    const bomb = Buffer.from(`<html>${"<style".repeat(10_000)}`);
    registry.faults = [answering(/^POST /, { status: 418, headers: {}, body: bomb })];
    expect(await pushImage(store, "v1").catch(String)).toMatch(/REGISTRY_RESPONSE_INVALID/);
  });

  test("whose tokens end in the middle of a copy", async () => {
    let issued = 0;
    let uses = 0;
    registry.faults = [
      ({ url, headers }, honest) => {
        if (url.pathname === "/token") {
          uses = 0;
          return json({ access_token: `t0ken-${(issued += 1)}`, expires_in: 60 });
        }
        uses += 1;
        const isGood = headers["authorization"] === `Bearer t0ken-${issued}` && uses < 5;
        const challenge = `Bearer realm="${registry.origin}/token",service="x"`;
        return isGood ? honest() : bodyless(401, { "www-authenticate": challenge });
      },
    ];
    const source = await openLayout(fresh(), { timing: fakeTiming(), create: true });
    const { index } = await pushIndex(source, "v1");
    await copyImage(source, "v1", store, { timing: fakeTiming(), tags: ["v1"], directory: fresh() });
    registry.faults = [];
    expect((await store.resolve("v1"))?.digest).toBe(index.digest);
    expect(issued).toBeGreaterThan(2);
  });

  test("whose token server gives nothing for two repositories of which one may not be read: what can't be mounted is sent", async () => {
    const source = await client(registry, `${repository}-source`);
    const image = await pushImage(source, "v1");
    let asked = 0;
    registry.faults = [
      ({ url, headers }, honest) => {
        if (url.pathname === "/token") {
          const scopes = url.searchParams.getAll("scope").join(" ");
          asked += 1;
          const isRefused = scopes.includes(`${repository}:pull,push`) && scopes.includes("-source:");
          return isRefused ? json({ errors: [{ code: "DENIED" }] }, 403) : json({ token: "t0ken" });
        }
        if (headers["authorization"] === "Bearer t0ken") return honest();
        return bodyless(401, { "www-authenticate": `Bearer realm="${registry.origin}/token"` });
      },
    ];
    const options = { timing: fakeTiming(), tags: ["v1"], directory: fresh() };
    const { blobs } = await copyImage(source, "v1", store, options);
    expect(blobs).toMatchObject({ mounted: 0, pushed: 2 });
    expect((await store.resolve("v1"))?.digest).toBe(image.digest);
    expect(asked).toBeLessThan(8);
  });
});

describe("an image", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-odd-images-"));
  let registry: HostileRegistry;
  let count = 0;
  let store: ContentStore;
  beforeAll(async () => {
    registry = await startHostileRegistry();
  });
  afterAll(async () => {
    await registry.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    store = await client(registry, `image-${count++}`);
  });
  const fresh = () => mkdtempSync(join(directory, "fresh-"));
  const list = (of: ContentStore = store) => listAttachments(of, "v1", fresh());
  const push = async (document: { readonly mediaType: string }, tag?: string) => {
    const manifest = manifestDocument(document);
    await store.pushManifest(manifest, tag);
    return manifest.descriptor;
  };
  const statement = async (digest: string, name: string) =>
    pushBytes(
      store,
      Buffer.from(statementText([digest], `https://example.com/${name}/v1`, {})),
      inTotoStatement,
    );
  const attestations = async (layers: readonly Descriptor[], members: object = {}) =>
    push({
      schemaVersion: 2,
      mediaType: ociManifest,
      config: await pushBytes(store, Buffer.from("{}"), ociConfig),
      layers,
      ...members,
    } as { mediaType: string });
  const about = (digest: string) => ({
    "vnd.docker.reference.type": "attestation-manifest",
    "vnd.docker.reference.digest": digest,
  });
  const nowhere = { os: "unknown", architecture: "unknown" };
  const linux = { os: "linux", architecture: "amd64" };
  const index = (manifests: readonly object[]) =>
    push({ schemaVersion: 2, mediaType: ociIndex, manifests } as { mediaType: string }, "v1");
  const typesIn = ({ attachments }: Listing) =>
    attachments.map(({ header }) => header.predicateType.split("/")[3]);

  test("of BuildKit with several attestation manifests for a platform, and several statements in one", async () => {
    const amd64 = await pushImage(store);
    const one = await attestations([await statement(amd64.digest, "a"), await statement(amd64.digest, "b")]);
    const two = await attestations([await statement(amd64.digest, "b"), await statement(amd64.digest, "c")], {
      mediaType: dockerManifest,
    });
    const annotations = about(amd64.digest);
    const entries = [one, two, one].map((entry) => ({ ...entry, annotations, platform: nowhere }));
    await index([{ ...amd64, platform: linux }, ...entries]);
    const listed = await list();
    expect(typesIn(listed)).toEqual(["a", "b", "c"]);
    expect([listed.platforms.length, listed.skipped]).toEqual([1, []]);
    const path = join(directory, "d.json");
    writeFileSync(path, statementText([amd64.digest], "https://example.com/d/v1", {}));
    const options = { created, timing: fakeTiming(), tag: "v1" };
    await attachInLayout(store, "v1", [path], "buildkit-artifact", options);
    expect(typesIn(await list())).toEqual(["a", "b", "c", "d"]);
  });

  test("of BuildKit with what says nothing, something else, or of what is not there: all is told, nothing is a platform", async () => {
    const amd64 = await pushImage(store);
    const gone = digestOf(Buffer.from("gone"));
    const entry = async (name: string) => attestations([await statement(amd64.digest, name)]);
    await index([
      { ...amd64, platform: linux },
      { ...(await entry("bare")), platform: nowhere },
      { ...(await entry("variant")), platform: { ...nowhere, variant: "v8" } },
      { ...(await entry("other")), platform: nowhere, annotations: about(gone) },
      { mediaType: ociManifest, digest: gone, size: 4, platform: nowhere, annotations: about(amd64.digest) },
      { ...(await entry("right")), platform: nowhere, annotations: about(amd64.digest) },
    ]);
    const listed = await list();
    expect(typesIn(listed)).toEqual(["right"]);
    expect(listed.platforms.map(({ platform }) => platform)).toEqual(["linux/amd64"]);
    expect(listed.skipped.map(({ reason }) => reason)).toEqual([
      "the index does not say what it is about",
      "the index does not say what it is about",
      "the index says that it is about a manifest that it does not hold",
      "it is listed, but not there",
    ]);
  });

  test("in which one manifest is for several platforms: each can be named, and is one", async () => {
    const arm = await pushImage(store, undefined, "arm");
    const [v6, v7] = ["v6", "v7"].map((variant) => ({
      ...arm,
      platform: { os: "linux", architecture: "arm", variant },
    }));
    await index([v6, v7].flatMap((entry) => entry ?? []));
    const path = await writeBundle(directory, `several-${count}`, [arm.digest]);
    await attachToImage(store, "v1", [path], { created, timing: fakeTiming() });
    const listed = await list();
    expect(listed.platforms.map(({ platform }) => platform)).toEqual(["linux/arm/v6", "linux/arm/v7"]);
    expect(listed.attachments).toHaveLength(1);
    for (const platform of ["linux/arm/v6", "linux/arm/v7", undefined])
      expect(imageEvidence(listed, "app", platform).bundles).toHaveLength(platform === undefined ? 0 : 1);
    const inline = join(directory, "inline.json");
    writeFileSync(inline, statementText([arm.digest], "https://example.com/inline/v1", {}));
    await attachInLayout(store, "v1", [inline], "buildkit-image", {
      created,
      timing: fakeTiming(),
      tag: "v1",
    });
    expect((await list()).attachments).toHaveLength(2);
  });

  test("of Windows alone, put into an index: its version, without which no host takes it, comes along", async () => {
    const platform = { architecture: "amd64", os: "windows", "os.version": "10.0.20348.1" };
    const config = await pushBytes(
      store,
      Buffer.from(JSON.stringify({ ...platform, config: {} })),
      ociConfig,
    );
    const image = await push(
      { schemaVersion: 2, mediaType: ociManifest, config, layers: [] } as { mediaType: string },
      "v1",
    );
    const path = join(directory, "windows.json");
    writeFileSync(path, statementText([image.digest], "https://example.com/windows/v1", {}));
    await attachInLayout(store, "v1", [path], "buildkit-artifact", {
      created,
      timing: fakeTiming(),
      tag: "v1",
    });
    const stored = await store.fetchManifest("v1");
    const { manifests } = JSON.parse(Buffer.from(stored?.bytes ?? []).toString()) as { manifests: object[] };
    expect(manifests[0]).toEqual({ ...image, platform });
    const listed = await list();
    expect(listed.attachments.map((one) => one.platform)).toEqual(["windows/amd64:10.0.20348.1"]);
    expect(imageEvidence(listed, "app", "windows/amd64").artifact.name).toBe(`app@${image.digest}`);
  });

  test("with an artifact among its platforms: it is none of them, and may have attestations of its own", async () => {
    const amd64 = await pushImage(store);
    const artifactType = "application/vnd.example.lazy.index.v2+json";
    const own = await attestations([await statement(amd64.digest, "x")], { artifactType });
    const { digest, size } = await attestations([], { artifactType, mediaType: "" });
    await index([
      { ...amd64, platform: linux },
      { ...own, artifactType },
      { mediaType: ociManifest, digest, size },
    ]);
    const path = await writeBundle(directory, `artifact-${count}`, [own.digest]);
    await attachToImage(store, "v1", [path], { created, timing: fakeTiming() });
    const listed = await list();
    expect(listed.platforms.map(({ platform }) => platform)).toEqual(["linux/amd64"]);
    expect(listed.attachments.map(({ subject }) => subject)).toEqual([own.digest]);
    expect(attachmentTree(listed, "app")).toContain("within it");
    expect(imageEvidence(listed, "app", "linux/amd64").bundles).toEqual([]);
  });

  test("with manifests of early drafts attached, which have blobs in the place of layers", async () => {
    const image = await pushImage(store, "v1");
    await push({
      mediaType: "application/vnd.oci.artifact.manifest.v1+json",
      artifactType: inTotoStatement,
      blobs: [await statement(image.digest, "draft")],
      subject: image,
    } as { mediaType: string });
    expect(typesIn(await list())).toEqual(["draft"]);
    const target = await openLayout(fresh(), { timing: fakeTiming(), create: true });
    await copyImage(store, "v1", target, { timing: fakeTiming(), tags: ["v1"], directory: fresh() });
    expect(typesIn(await list(target))).toEqual(["draft"]);
  });

  test("with an index attached: a copy takes what is in it, and what is attached to that", async () => {
    const image = await pushImage(store, "v1");
    const inner = await pushImage(store, undefined, "s390x");
    const outer = await push({
      schemaVersion: 2,
      mediaType: ociIndex,
      artifactType: "application/x-set",
      manifests: [inner],
      subject: image,
    } as { mediaType: string });
    const path = await writeBundle(directory, `inner-${count}`, [inner.digest]);
    const { attached } = await attachToImage(store, inner.digest, [path], { created, timing: fakeTiming() });
    const target = await openLayout(fresh(), { timing: fakeTiming(), create: true });
    const options = { timing: fakeTiming(), tags: ["v1"], directory: fresh() };
    const { absent } = await copyImage(store, "v1", target, options);
    expect(absent).toEqual([]);
    for (const { digest } of [outer, inner, ...attached.map(({ manifest }) => manifest)])
      expect(await target.fetchManifest(digest)).toBeDefined();
    expect((await listAttachments(target, inner.digest, fresh())).attachments).toHaveLength(1);
  });

  test("copied to a registry that answers for referrers and forgets them: what is attached is at the fallback tag", async () => {
    const { index: image, amd64 } = await pushIndex(store, "v1");
    const paths = await Promise.all(
      [image, amd64].map(({ digest }, at) => writeBundle(directory, `forgotten-${count}-${at}`, [digest])),
    );
    await attachToImage(store, "v1", paths, { created, timing: fakeTiming() });
    const target = await client(registry, `forgetful-${count}`);
    registry.faults = [answering(/^GET \/v2\/forgetful-.*\/referrers\//, indexAnswer([]))];
    await copyImage(store, "v1", target, { timing: fakeTiming(), tags: ["v1"], directory: fresh() });
    const { attachments } = await list(target);
    registry.faults = [];
    expect(attachments.map(({ places }) => places)).toEqual([["fallback-tag"], ["fallback-tag"]]);
  });

  test("that is copied onto itself, to another tag, and by digest alone", async () => {
    const { index: image, amd64 } = await pushIndex(store, "v1");
    const path = await writeBundle(directory, `self-${count}`, [amd64.digest]);
    await attachToImage(store, "v1", [path], { created, timing: fakeTiming() });
    const before = (await list()).attachments.length;
    for (const tags of [["v1"], ["v2", "v3"], []])
      await copyImage(store, "v1", store, { timing: fakeTiming(), tags, directory: fresh() });
    expect((await list()).attachments).toHaveLength(before);
    expect((await store.tags()).toSorted()).toEqual(["v1", "v2", "v3"]);
    expect((await store.resolve("v3"))?.digest).toBe(image.digest);
  });

  test("with a statement about its index and a platform, attached at one of them: it is about both", async () => {
    const { index: image, amd64 } = await pushIndex(store, "v1");
    const path = await writeBundle(directory, `both-${count}`, [image.digest, amd64.digest]);
    const bytes = readFileSync(path);
    const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    for (const subject of [image, amd64]) {
      const own = await client(registry, `both-${count++}`);
      await copyImage(store, "v1", own, { timing: fakeTiming(), tags: ["v1"], directory: fresh() });
      await own.pushManifest(
        manifestDocument({
          schemaVersion: 2,
          mediaType: ociManifest,
          artifactType: bundleType,
          config: await pushBytes(own, Buffer.from("{}"), ociConfig),
          layers: [await pushBytes(own, bytes, bundleType)],
          subject,
        }),
      );
      const listed = await list(own);
      expect(listed.attachments.map((one) => [one.subject, one.platform])).toEqual([
        [image.digest, ""],
        [amd64.digest, "linux/amd64"],
      ]);
      for (const platform of [undefined, "linux/amd64"])
        expect(imageEvidence(listed, "app", platform).bundles).toHaveLength(1);
    }
  });

  test("with one envelope twice below its .att tag, with other parts of a bundle beside it: both are there", async () => {
    const image = await pushImage(store, "v1");
    const envelope = await pushBytes(store, await writeEnvelope([image.digest], "twice"), dsseEnvelope);
    const certificate = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
    const layers = [
      envelope,
      { ...envelope, annotations: { "dev.sigstore.cosign/certificate": certificate } },
      { ...envelope, annotations: { predicateType: "https://example.com/test/v1" } },
    ];
    const { digest } = await attestations(layers);
    const stored = await store.fetchManifest(digest);
    if (stored !== undefined) await store.pushManifest(stored, tagOfDigest(image.digest, ".att"));
    const { attachments } = await list();
    expect(attachments.map(({ annotations }) => Object.keys(annotations))).toEqual([
      [],
      ["dev.sigstore.cosign/certificate"],
    ]);
  });

  test("with types that would move a terminal's cursor, or fill it: they are shown as text, cut", async () => {
    const image = await pushImage(store, "v1");
    const type = `a\u001b[2J\n\u202e${"x".repeat(1e5)}`;
    await attestations([], { artifactType: type, subject: image });
    await attestations([await pushBytes(store, Buffer.from("x"), type)], { subject: image });
    const { skipped } = await list();
    expect(skipped).toHaveLength(2);
    for (const { reason } of skipped) {
      expect(reason).toMatch(/a \[2J x+\.\.\./);
      expect(reason).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(reason.length).toBeLessThan(200);
    }
  });
});
