/** What a registry gives back is held against what was meant. */
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { AttestError } from "../../src/error.js";
import { attachInLayout } from "../../src/oci/attach/layouts.js";
import { openLayout } from "../../src/oci/layout/open.js";
import { readPublished, type ExpectedImage } from "../../src/oci/published.js";
import type { ContentStore } from "../../src/oci/store.js";
import { systemTiming } from "../../src/oci/timing.js";
import { publicKeyFromSpki } from "../../src/verification/public-key.js";
import { statementText, testKeys, writeBundle } from "../support/bundles.js";
import { fakeTiming } from "../support/fake-timing.js";
import { pushImage, pushIndex } from "../support/registry-images.js";

const timing = systemTiming();
const keyOf = (pair: { publicKey: typeof testKeys.publicKey }) =>
  publicKeyFromSpki(pair.publicKey.export({ format: "der", type: "spki" }));

let directory: string;
let store: ContentStore;
let expected: ExpectedImage;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-published-"));
  store = await openLayout(join(directory, "layout"), { timing, create: true, name: "the registry" });
  const { index, amd64, arm64 } = await pushIndex(store, "v1");
  const bundle = await writeBundle(directory, "about", [index.digest]);
  const options = { created: "2026-11-26T00:00:00Z", timing, tag: "v1" };
  await attachInLayout(store, "v1", [bundle], "referrer", options);
  const statement = statementText([index.digest], "https://example.com/test/v1", { name: "about" });
  expected = {
    digest: index.digest,
    platforms: [amd64.digest, arm64.digest],
    statements: [createHash("sha256").update(statement).digest("hex")],
    areSigned: true,
    trust: { signers: { keys: [keyOf(testKeys)] } },
    now: new Date(),
  };
});
afterAll(() => rm(directory, { recursive: true, force: true }));

let count = 0;
async function failure(change: Partial<ExpectedImage>, tag = "v1"): Promise<AttestError | undefined> {
  const listed = join(directory, `list-${count++}`);
  try {
    await readPublished(store, tag, { ...expected, ...change }, listed, fakeTiming());
    return undefined;
  } catch (error) {
    if (error instanceof AttestError) return error;
    throw error;
  }
}

test("all that was meant is there", async () => {
  expect(await failure({})).toBeUndefined();
});

test("all that is missing or other is named at once", async () => {
  const other = `sha256:${"0".repeat(64)}`;
  const found = await failure({ digest: other, platforms: [other], statements: ["0".repeat(64)] });
  expect(found?.code).toBe("DIGEST_MISMATCH");
  expect(found?.problems.map(({ path }) => path)).toEqual(["v1", "platforms", "attestations"]);
  expect(found?.problems[0]).toMatchObject({ expected: other, got: expected.digest });
});

test("a tag that another writer moved is noticed", async () => {
  await pushImage(store, "moved");
  expect((await failure({}, "moved"))?.code).toBe("DIGEST_MISMATCH");
});

test("a signature by somebody else does not hold", async () => {
  const other = keyOf(generateKeyPairSync("ec", { namedCurve: "P-256" }));
  const found = await failure({ trust: { signers: { keys: [other] } } });
  expect(found?.code).toBe("VERIFICATION_FAILED");
  expect(found?.problems).toMatchObject([{ path: "signatures" }]);
  const { trust: _unknown, ...unverified } = expected;
  await readPublished(store, "v1", unverified, join(directory, "unverified"), fakeTiming());
});
