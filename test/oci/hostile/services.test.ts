/** What hosted registries do, and the storage behind them and the networks before them: each was met by users of other tools. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { attachToImage } from "../../../src/oci/attach/image.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { awaitPushed, readPublished } from "../../../src/oci/published.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { createTransport } from "../../../src/oci/registry/transport.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { bytesSource } from "../../../src/signing/source.js";
import { writeBundle } from "../../support/bundles.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { json, type Answer } from "../../support/hostile-registry/core.js";
import { answering, atFirst, bodyless, bytesOf, loginPage } from "../../support/hostile-registry/faults.js";
import {
  startHostileRegistry,
  type Fault,
  type HostileRegistry,
} from "../../support/hostile-registry/server.js";
import { descriptorOf, pushBytes, pushImage, pushIndex } from "../../support/registry-images.js";
import { client, created, outcomeOf } from "./verbs.js";

describe("a hosted registry", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-services-"));
  let registry: HostileRegistry;
  let storage: HostileRegistry;
  let count = 0;
  let repository: string;
  let store: ContentStore;
  beforeAll(async () => {
    registry = await startHostileRegistry();
    storage = await startHostileRegistry();
  });
  afterAll(async () => {
    await registry.stop();
    await storage.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    registry.faults = [];
    storage.faults = [];
    repository = `app-${count++}`;
    store = await client(registry, repository);
  });
  const fresh = () => mkdtempSync(join(directory, "fresh-"));
  const timing = fakeTiming();
  const attach = async (digest: string) => {
    const path = await writeBundle(directory, `${repository}-${count++}`, [digest]);
    return attachToImage(store, digest, [path], { created, timing });
  };
  const list = () => listAttachments(store, "v1", fresh());
  const copyTo = async (target: ContentStore) =>
    copyImage(store, "v1", target, { timing, tags: ["v1"], directory: fresh() });
  const blobs = () => registry.core.repository(repository).blobs;

  test.for([400, 403])(
    "whose storage answers HEAD with %i, since its addresses are signed for GET: what is there is found",
    async (status) => {
      const image = await pushImage(store, "v1");
      const bytes = Buffer.from("stored elsewhere");
      const blob = await pushBytes(store, bytes, "text/plain");
      registry.faults = [
        answering(/^(?:GET|HEAD) .*\/(?:blobs|manifests)\/sha256:/, (honest, { url }) => {
          const location = `${storage.origin}${url.pathname}?signature=s`;
          return honest.status === 200 ? bodyless(307, { location }) : honest;
        }),
      ];
      storage.faults = [
        (asked) => (asked.method === "HEAD" ? bodyless(status) : registry.core.answer(asked)),
      ];
      expect(await store.hasBlob(blob.digest)).toBe(true);
      expect(await store.hasBlob(descriptorOf(Buffer.from("none"), "").digest)).toBe(false);
      expect((await store.resolve(image.digest))?.digest).toBe(image.digest);
      await attach(image.digest);
      expect((await list()).attachments).toHaveLength(1);
      const target = await openLayout(fresh(), { timing, create: true });
      await copyTo(target);
      expect((await target.resolve("v1"))?.digest).toBe(image.digest);
    },
  );

  test("that refuses to tell of a blob whatever the method says why", async () => {
    registry.faults = [
      answering(/\/blobs\/sha256:/, json({ errors: [{ code: "DENIED", message: "not you" }] }, 403)),
    ];
    await expect(store.hasBlob(descriptorOf(Buffer.from("x"), "").digest)).rejects.toThrow(
      /REGISTRY_DENIED.*DENIED not you/s,
    );
  });

  test.for([
    ["_state=a%20b+c%2Fd==&signed=~x(y)*!", ""],
    ["flag&empty=&X-Amz-SignedHeaders=content-length;host", ""],
    ["", "?"],
  ])(
    "that signs its upload's address (%s): it comes back as it was given",
    async ([query = "", mark = "?"]) => {
      const bytes = Buffer.from(`signed ${query}`);
      const { digest } = descriptorOf(bytes, "text/plain");
      registry.faults = [
        answering(/^POST /, (honest) => {
          const location = `${honest.headers?.["location"] ?? ""}${query === "" ? mark : `?${query}`}`;
          return { ...honest, headers: { ...honest.headers, location } };
        }),
      ];
      const twice = await client(registry, repository, { upload: { chunkBytes: 1024, singleBytes: 0 } });
      await twice.pushBlob(descriptorOf(bytes, "text/plain"), bytesSource(bytes));
      const put = registry.asked.at(-1)?.url.search ?? "";
      expect(put).toBe(`?${query}${query === "" ? "" : "&"}digest=${encodeURIComponent(digest)}`);
    },
  );

  describe("that counts the pieces of an upload in its own way", () => {
    const bytes = Buffer.from("counted in pieces");
    const descriptor = descriptorOf(bytes, "text/plain");
    const range = (
      honest: Answer,
      change: (last: number, piece: number) => number,
      piece: number,
    ): Answer => {
      const last = Number(/^0-(\d+)$/.exec(honest.headers?.["range"] ?? "")?.[1]);
      return { ...honest, headers: { ...honest.headers, range: `0-${change(last, piece)}` } };
    };
    const counts: readonly (readonly [string, (last: number, piece: number) => number])[] = [
      ["one too many", (last) => last + 1],
      ["one too few", (last) => last - 1],
      ["the last piece alone", (_, piece) => piece - 1],
      ["nothing", () => 0],
      ["much more than there is", () => 10 ** 9],
    ];
    const push = async () => {
      blobs().delete(descriptor.digest);
      const pieces = await client(registry, repository, { upload: { chunkBytes: 5, singleBytes: 0 } });
      await pieces.pushBlob(descriptor, bytesSource(bytes));
      expect(blobs().get(descriptor.digest)).toEqual(bytes);
    };

    test.for(counts)("%s: the blob arrives", async ([, change]) => {
      registry.faults = [
        answering(/^(?:PATCH|GET) .*\/uploads\//, (honest, { body }) => range(honest, change, body.length)),
      ];
      await push();
    });

    test.for(counts)("%s, over a connection that breaks: the blob arrives", async ([, change]) => {
      registry.faults = [
        atFirst(
          1,
          answering(/^PATCH /, (honest) => honest),
        ),
        atFirst(1, (asked, honest) => {
          if (asked.method !== "PATCH") return undefined;
          honest();
          return "reset";
        }),
        answering(/^(?:PATCH|GET) .*\/uploads\//, (honest, { body }) => range(honest, change, body.length)),
      ];
      await push();
    });

    test.for([400, 405, 501])(
      "and can't go on after a break (status %i): the whole is sent",
      async (status) => {
        const lost = atFirst(1, (asked, honest) => {
          if (asked.method !== "PATCH" || !asked.headers["content-range"]?.toString().startsWith("5-"))
            return undefined;
          honest();
          return "reset";
        });
        registry.faults = [lost, answering(/^GET .*\/uploads\//, bodyless(status))];
        await push();
        const invalid = json({ errors: [{ code: "BLOB_UPLOAD_INVALID" }] }, status);
        registry.faults = [
          ({ method, headers }) =>
            method === "PATCH" && headers["content-range"]?.toString().startsWith("5-") ? invalid : undefined,
        ];
        await push();
      },
    );

    test("and then has something else than was sent: the whole is sent once more", async () => {
      const start = registry.asked.length;
      registry.faults = [atFirst(1, answering(/^PUT /, json({ errors: [{ code: "DIGEST_INVALID" }] }, 400)))];
      await push();
      const methods = registry.asked.slice(start).map(({ method }) => method);
      expect(methods.join(" ")).toBe("POST PATCH PATCH PATCH PATCH PUT POST PUT");
    });
  });

  test("whose connection ends before it says that a blob has ended: nothing is asked for behind it", async () => {
    const bytes = Buffer.from("whole, but for the end");
    const blob = await pushBytes(store, bytes, "text/plain");
    registry.faults = [
      answering(/^GET .*\/blobs\//, (honest, { headers }) =>
        headers["range"] === undefined
          ? { status: 200, body: [bytesOf(honest)], cut: bytes.length }
          : bodyless(416),
      ),
    ];
    const parts: Uint8Array[] = [];
    for await (const part of await store.openBlob(blob)) parts.push(part);
    expect(Buffer.concat(parts)).toEqual(bytes);
  });

  describe("that sends whoever asks for referrers on to a login page elsewhere, as Google's do", () => {
    beforeEach(() => {
      storage.faults = [answering(/./, loginPage)];
      registry.faults = [answering(/\/referrers\//, bodyless(302, { location: `${storage.origin}/signin` }))];
    });

    test("has no referrers API: what is attached is at the fallback tag", async () => {
      const image = await pushImage(store, "v1");
      expect(await list()).toMatchObject({ attachments: [], skipped: [] });
      await attach(image.digest);
      await attach(image.digest);
      const { attachments } = await list();
      expect(attachments.map(({ places }) => places.join())).toEqual(["fallback-tag", "fallback-tag"]);
    });

    test("and does so for other paths too: nothing is believed", async () => {
      const image = await pushImage(store, "v1");
      registry.faults = [
        answering(
          /\/(?:referrers|manifests\/sha256-)/,
          bodyless(302, { location: `${storage.origin}/signin` }),
        ),
      ];
      expect(await outcomeOf(listAttachments(store, image.digest, fresh()))).toBe(
        "REGISTRY_RESPONSE_INVALID",
      );
    });
  });

  describe("that shows what was stored only after a while", () => {
    /** Answers as before what was asked for was stored, the first few times. */
    const late = (times: number, where: RegExp, before: Answer = bodyless(404)): Fault => {
      const left = new Map<string, number>();
      return ({ method, url }, honest) => {
        const key = `${url.pathname}`;
        if (method === "PUT") left.set(key, times);
        const rest = left.get(key) ?? times;
        if (method === "PUT" || !where.test(`${method} ${url.pathname}`) || rest === 0) return honest();
        left.set(key, rest - 1);
        return before;
      };
    };

    test("a copy waits for its tag, and for the manifest that it names", async () => {
      const source = await openLayout(fresh(), { timing, create: true });
      const { index } = await pushIndex(source, "v1");
      registry.faults = [late(3, /^GET .*\/manifests\/v1$/)];
      await copyImage(source, "v1", store, { timing, tags: ["v1"], directory: fresh() });
      registry.faults = [];
      expect((await store.resolve("v1"))?.digest).toBe(index.digest);
    });

    test("a copy waits for a tag that moves", async () => {
      const old = await pushImage(store, "v1");
      const source = await openLayout(fresh(), { timing, create: true });
      await pushImage(source, "v1");
      const { bytes = Buffer.alloc(0), type = "" } =
        registry.core.repository(repository).manifests.get(old.digest) ?? {};
      const stale = { status: 200, headers: { "content-type": type }, body: bytes };
      registry.faults = [late(3, /^GET .*\/manifests\/v1$/, stale)];
      await copyImage(source, "v1", store, { timing, tags: ["v1"], directory: fresh() });
      registry.faults = [late(1000, /^GET .*\/manifests\/v1$/, stale)];
      const again = copyImage(source, "v1", store, { timing, tags: ["v1"], directory: fresh() });
      expect(await outcomeOf(again)).toBe("DIGEST_MISMATCH");
    });

    test("an index is pushed again while its manifests are not known", async () => {
      const source = await openLayout(fresh(), { timing, create: true });
      const { index } = await pushIndex(source, "v1");
      const unknown = json({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] }, 404);
      registry.faults = [
        atFirst(2, (asked) =>
          asked.method === "PUT" && asked.body.includes('"manifests"') ? unknown : undefined,
        ),
      ];
      await copyImage(source, "v1", store, { timing, tags: ["v1"], directory: fresh() });
      expect((await store.resolve("v1"))?.digest).toBe(index.digest);
    });

    test("what was published is read back when it is there, and what does not come is told", async () => {
      const { index, amd64, arm64 } = await pushIndex(store, "v1");
      await attach(index.digest);
      const [attachment] = (await list()).attachments;
      const expected = {
        digest: index.digest,
        platforms: [amd64.digest, arm64.digest],
        statements: [attachment?.statementSha256 ?? ""],
        areSigned: true,
        now: new Date(),
      };
      const readBack = () => readPublished(store, "v1", expected, fresh(), timing);
      const none = json({ schemaVersion: 2, manifests: [] });
      registry.faults = [late(3, /^HEAD .*\/manifests\/sha256:/)];
      await awaitPushed(store, index.digest, timing);
      registry.faults = [late(2, /^GET .*\/manifests\/v1$/), late(2, /\/referrers\//, none)];
      await readBack();
      registry.faults = [late(1000, /\/referrers\//, none)];
      expect(await outcomeOf(readBack())).toBe("DIGEST_MISMATCH");
      registry.faults = [late(1000, /^GET .*\/manifests\/v1$/)];
      await expect(readBack()).rejects.toThrow(/DIGEST_MISMATCH.*got nothing/s);
    });
  });

  test("that remembers blobs which it lost: they are sent all the same when a manifest is refused for want of them", async () => {
    const source = await openLayout(fresh(), { timing, create: true });
    const image = await pushImage(source, "v1", "amd64", Buffer.alloc(100_000, "layer"));
    registry.faults = [answering(/^HEAD .*\/blobs\//, bodyless(200))];
    await copyImage(source, "v1", store, { timing, tags: ["v1"], directory: fresh() });
    await attach(image.digest);
    registry.faults = [];
    expect((await list()).attachments).toHaveLength(1);
    const target = await openLayout(fresh(), { timing, create: true });
    expect((await copyTo(target)).blobs.pushed).toBe(4);
  });

  test("that needs long to store what it was sent is given longer than one that says nothing at all", async () => {
    const { createServer } = await import("node:net");
    const silent = createServer((socket) => socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const send = await createTransport({ idle: 50, total: 60_000, connections: 1 });
    const url = new URL(`http://127.0.0.1:${port}/`);
    await expect(send({ method: "GET", url, headers: {} })).rejects.toThrow("nothing came for 0.05 s");
    const body = bytesSource(Buffer.from("x"));
    await expect(send({ method: "PUT", url, headers: {}, body })).rejects.toThrow("nothing came for 0.25 s");
    silent.close();
  });

  test("that says 403 for too many requests: it is asked again when it says so, and else what it is is told", async () => {
    const image = await pushImage(store, "v1");
    const tooMany = { errors: [{ code: "TOOMANYREQUESTS", message: "slow down" }] };
    const answer = json(tooMany, 403);
    const patient = { ...answer, headers: { ...answer.headers, "retry-after": "7" } };
    registry.faults = [atFirst(3, answering(/^GET /, patient))];
    expect((await store.fetchManifest("v1"))?.descriptor.digest).toBe(image.digest);
    registry.faults = [answering(/^GET /, answer)];
    await expect(store.fetchManifest("v1")).rejects.toThrow(/REGISTRY_FAILED.*slow down.*Try again later/s);
  });

  test.for([400, 415])(
    "that knows no manifest of OCI 1.1 (status %i): what helps is told",
    async (status) => {
      const image = await pushImage(store, "v1");
      registry.faults = [
        ({ method, body }) =>
          method === "PUT" && body.includes('"subject"')
            ? json({ errors: [{ code: "MANIFEST_INVALID", message: "manifest invalid" }] }, status)
            : undefined,
      ];
      await expect(attach(image.digest)).rejects.toThrow(
        /REGISTRY_RESPONSE_INVALID.*refers to another.*MANIFEST_INVALID.*COSIGN_TAG/s,
      );
    },
  );
});
