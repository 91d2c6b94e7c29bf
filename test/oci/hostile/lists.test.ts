/** Lists of referrers and tags: pages that lead nowhere, and lists without an end. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { attachToImage } from "../../../src/oci/attach/image.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { manifestDocument } from "../../../src/oci/manifest.js";
import { ociEmpty, ociManifest } from "../../../src/oci/media-types.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { writeBundle } from "../../support/bundles.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { digestOf, indexAnswer, json, type Answer } from "../../support/hostile-registry/core.js";
import { answering, withHeaders } from "../../support/hostile-registry/faults.js";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile-registry/server.js";
import { pushBytes, pushImage } from "../../support/registry-images.js";
import { client, created, outcomeOf } from "./verbs.js";

const referrers = /^GET .*\/referrers\//;
const tags = /^GET .*\/tags\/list$/;

const descriptor = (at: number, artifactType = "application/x-other") => ({
  mediaType: ociManifest,
  digest: digestOf(Buffer.from(`${at}`)),
  size: 100,
  artifactType,
});

const next = (answer: Answer, link: string): Answer => ({
  ...answer,
  headers: { ...answer.headers, link: `<${link}>; rel="next"` },
});

describe("lists of a hostile registry", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-lists-"));
  let registry: HostileRegistry;
  let store: ContentStore;
  const subject = digestOf(Buffer.from("subject"));
  beforeAll(async () => {
    registry = await startHostileRegistry({ page: 10 });
  });
  afterAll(async () => {
    await registry.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    registry.faults = [];
    store = await client(registry, "app");
  });

  const pages = {
    referrers: [referrers, () => store.referrers(subject)],
    tags: [tags, () => store.tags()],
  } as const;
  const page = (kind: keyof typeof pages, at: number): Answer =>
    kind === "tags" ? json({ name: "app", tags: [`v${at}`] }) : indexAnswer([descriptor(at)]);

  describe.for(["referrers", "tags"] as const)("%s", (kind) => {
    const [where, list] = pages[kind];

    test("a page that leads to itself", async () => {
      registry.faults = [answering(where, (_, { url }) => next(page(kind, 0), url.href))];
      await expect(list()).rejects.toThrow(/REGISTRY_RESPONSE_INVALID.*a page that leads back/s);
    });

    test("two pages that lead to each other", async () => {
      registry.faults = [
        answering(where, (_, { url }) => next(page(kind, 0), url.search === "?b" ? "?a" : "?b")),
      ];
      const before = registry.asked.length;
      await expect(list()).rejects.toThrow(/REGISTRY_RESPONSE_INVALID.*a page that leads back/s);
      expect(registry.asked.length - before).toBeLessThanOrEqual(3);
    });

    test("fresh pages without end, each with something new", async () => {
      let count = 0;
      registry.faults = [answering(where, () => next(page(kind, ++count), `?last=${count}`))];
      expect(await outcomeOf(list())).toBe("LIMIT_EXCEEDED");
      expect(count).toBeLessThanOrEqual(1001);
    });

    test("fresh pages without end, each with the same", async () => {
      let count = 0;
      registry.faults = [answering(where, () => next(page(kind, 0), `?last=${++count}`))];
      expect(await outcomeOf(list())).toBe("REGISTRY_RESPONSE_INVALID");
      expect(count).toBeLessThanOrEqual(20);
    });

    test("large pages without end are not read without end", async () => {
      let count = 0;
      const filler = "x".repeat(4 * 1024 * 1024);
      const large = (at: number) =>
        kind === "tags"
          ? json({ name: filler, tags: [`v${at}`] })
          : indexAnswer([{ ...descriptor(at), annotations: { filler } }]);
      registry.faults = [answering(where, () => next(large(++count), `?last=${count}`))];
      const before = registry.sent();
      expect(await outcomeOf(list())).toBe("LIMIT_EXCEEDED");
      expect(registry.sent() - before).toBeLessThan(100 * 1024 * 1024);
    });

    test.for([
      "https://elsewhere.example/v2/",
      "//elsewhere.example/v2/",
      "http://localhost:1/v2/",
      "file:///etc/passwd",
      "https://[",
    ])("a next page at %s is not asked for", async (link) => {
      registry.faults = [
        answering(where, (_, { url }) => (url.search === "" ? next(page(kind, 0), link) : page(kind, 1))),
      ];
      expect(await outcomeOf(list())).toBe("REGISTRY_RESPONSE_INVALID");
    });

    test("a next page that is not there is an error, not an end", async () => {
      registry.faults = [
        answering(where, (_, { url }) =>
          url.search === "" ? next(page(kind, 0), "?last=1") : json({}, 404),
        ),
      ];
      expect(await outcomeOf(list())).not.toBe("right");
    });

    test("links of other kinds and links that are none end the list", async () => {
      for (const link of [
        '<?a>; rel="prev"',
        "",
        "<",
        `${"<".repeat(15_000)}`,
        "next",
        '<?a>; rel="nextish"',
        '<?a>; title="; rel=next"',
      ]) {
        registry.faults = [withHeaders(where, { link: link === "" ? undefined : link })];
        expect(await outcomeOf(list())).toBe("right");
      }
    });
  });

  test("all pages are read, by absolute and by relative links", async () => {
    const image = await pushImage(store, "v1");
    const config = await pushBytes(store, Buffer.from("{}"), ociEmpty);
    for (let at = 0; at < 35; at += 1) {
      const annotations = { at: `${at}` };
      await store.pushManifest(
        manifestDocument({
          schemaVersion: 2,
          mediaType: ociManifest,
          config,
          layers: [],
          subject: image,
          annotations,
        }),
      );
    }
    expect((await store.referrers(image.digest))?.manifests).toHaveLength(35);
    const spellings: ((link: string) => string)[] = [
      (link) => link.replace("<", `<${registry.origin}`).replaceAll('"', ""),
      // The name that a registry has behind a proxy.
      (link) => link.replace("<", "<https://registry.example.com"),
      (link) => link.replace(/<[^?]*/, "<"),
      (link) => link.replace('rel="next"', 'REL = "last NEXT"'),
      (link) => link.replace("; ", '; title="one, two; rel=prev" ; '),
      (link) => `</first>; rel="first", ${link}`,
    ];
    for (const spelt of spellings) {
      registry.faults = [
        answering(referrers, (honest) => {
          const link = honest.headers?.["link"];
          return link === undefined
            ? honest
            : { ...honest, headers: { ...honest.headers, link: spelt(link) } };
        }),
      ];
      expect((await store.referrers(image.digest))?.manifests).toHaveLength(35);
    }
  });

  test.for([400, 404, 405, 406, 501])(
    "status %i for referrers: there is no such API, and the fallback tag holds what is attached",
    async (status) => {
      const own = await client(registry, `without-${status}`);
      registry.faults = [answering(referrers, json({ errors: [{ code: "UNSUPPORTED" }] }, status))];
      const image = await pushImage(own, "v1");
      const path = await writeBundle(directory, `without-${status}`, [image.digest]);
      await attachToImage(own, "v1", [path], { created, timing: fakeTiming() });
      const { attachments } = await listAttachments(own, "v1", mkdtempSync(join(directory, "list-")));
      expect(attachments.map(({ places }) => places)).toEqual([["fallback-tag"]]);
    },
  );

  test("a list of referrers under the general type of JSON, or in another spelling, is one", async () => {
    const image = await pushImage(store, "typed");
    const path = await writeBundle(directory, "typed", [image.digest]);
    await attachToImage(store, "typed", [path], { created, timing: fakeTiming() });
    for (const type of ["application/json", "Application/VND.OCI.Image.Index.v1+JSON; charset=utf-8"]) {
      registry.faults = [withHeaders(referrers, { "content-type": type })];
      expect((await store.referrers(image.digest))?.manifests).toHaveLength(1);
    }
  });

  test("10 000 referrers of other types: the one attestation is found, and the others are reported", async () => {
    const image = await pushImage(store, "many");
    const path = await writeBundle(directory, "many", [image.digest]);
    const [attached] = (await attachToImage(store, "many", [path], { created, timing: fakeTiming() }))
      .attached;
    const others = Array.from({ length: 9_999 }, (_, at) => descriptor(at));
    registry.faults = [answering(referrers, indexAnswer([...others, attached?.manifest]))];
    const { attachments, skipped } = await listAttachments(
      store,
      "many",
      mkdtempSync(join(directory, "list-")),
    );
    expect(attachments.map(({ manifest }) => manifest)).toEqual([attached?.manifest.digest]);
    expect(skipped).toHaveLength(9_999);
    const again = await attachToImage(store, "many", [path], { created, timing: fakeTiming() });
    expect(again.attached.map(({ outcome }) => outcome)).toEqual(["present"]);
  });

  test("10 001 referrers are more than what is read", async () => {
    const image = await pushImage(store, "too-many");
    const all = Array.from({ length: 10_001 }, (_, at) => descriptor(at));
    registry.faults = [answering(referrers, indexAnswer(all))];
    const path = await writeBundle(directory, "too-many", [image.digest]);
    const target = await openLayout(mkdtempSync(join(directory, "layout-")), {
      timing: fakeTiming(),
      create: true,
    });
    const options = { timing: fakeTiming(), tags: [], directory };
    const verbs = [
      listAttachments(store, "too-many", mkdtempSync(join(directory, "list-"))),
      attachToImage(store, "too-many", [path], { created, timing: fakeTiming() }),
      copyImage(store, "too-many", target, options),
    ];
    expect(await Promise.all(verbs.map(outcomeOf))).toEqual([
      "LIMIT_EXCEEDED",
      "LIMIT_EXCEEDED",
      "LIMIT_EXCEEDED",
    ]);
  });
});
