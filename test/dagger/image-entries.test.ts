/** An image of which not all that is attached can be read, at the module's edge. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { attachToImage } from "../../src/oci/attach/image.js";
import { openLayout } from "../../src/oci/layout/open.js";
import { systemTiming } from "../../src/oci/timing.js";
import { testKeys, writeBundle } from "../support/bundles.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";
import { pushImage } from "../support/registry-images.js";

const timing = systemTiming();
const reason = /IMAGE_INVALID: malformed entry: manifests\[\d\]\.digest: sha256:.* got "none"/;

let session: ModuleSession;
let key: string;
beforeAll(async () => {
  session = await startModule();
  const pem = testKeys.publicKey.export({ format: "pem", type: "spki" }).toString();
  key = literal(await session.file("public.pem", pem));
});
afterAll(() => session.close());

/** A layout with so many attestations, and one entry that is none. */
async function layoutWith(attestations: number): Promise<string> {
  const path = join(session.workdir, `layout-${attestations}`);
  const store = await openLayout(path, { timing, create: true });
  const { digest } = await pushImage(store, "v1");
  const names = Array.from({ length: attestations }, (_, at) => `bundle-${at}`);
  const bundles = await Promise.all(names.map((name) => writeBundle(session.workdir, name, [digest])));
  await attachToImage(store, "v1", bundles, { created: "2026-11-27T00:00:00Z", timing });
  const index = join(path, "index.json");
  const text = readFileSync(index, "utf8").replace(/\]}$/, ',{"mediaType":"x","digest":"none","size":1}]}');
  writeFileSync(index, text);
  return session.id("directory", path);
}

const image = async (id: string, fields: string): Promise<Record<string, unknown>> => {
  const answer = await session.query(`{ attest { image(layout: ${literal(id)}) { ${fields} } } }`);
  return (answer as { attest: { image: Record<string, unknown> } }).attest.image;
};
const verdict = "passed notChecked failures";

it("what is there is listed and verified, and what can't be read is told", async () => {
  const fields = `attestations { predicateType } skipped tree any: verify(keys: [${key}]) { ${verdict} }
    every: verify(keys: [${key}], all: true) { ${verdict} }`;
  const found = await image(await layoutWith(1), fields);
  expect(found).toMatchObject({
    attestations: [{ predicateType: "https://example.com/test/v1" }],
    skipped: [expect.stringMatching(/^no digest \(referrer\): IMAGE_INVALID/)],
    tree: expect.stringContaining("1 skipped") as string,
    any: { passed: true, notChecked: expect.arrayContaining([expect.stringMatching(reason)]) as string[] },
    every: { passed: false, failures: [expect.stringMatching(/THRESHOLD.*1 that can't be read/)] },
  });
});

it("where nothing else is there, it is not taken for nothing", async () => {
  const id = await layoutWith(0);
  const { verify } = await image(id, `verify(keys: [${key}]) { ${verdict} }`);
  expect(verify).toMatchObject({
    passed: false,
    failures: [expect.stringMatching(/NO_BUNDLE.*can't be read/)],
    notChecked: expect.arrayContaining([expect.stringMatching(reason)]) as string[],
  });
  await expect(image(id, "attestations { predicateType }")).rejects.toThrow(
    /IMAGE_INVALID.*nothing was found/s,
  );
  await expect(image(id, `attestations(predicateType: "x") { predicateType }`)).rejects.toThrow(
    "IMAGE_INVALID",
  );
});
