/** Attestations in another repository than the image's, as COSIGN_REPOSITORY has it, on both kinds of registry. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachInLayout } from "../../src/oci/attach/layouts.js";
import { copyImage } from "../../src/oci/copy/copy.js";
import { listAttachments } from "../../src/oci/read/list.js";
import type { ContentStore } from "../../src/oci/store.js";
import { systemTiming } from "../../src/oci/timing.js";
import { imageEvidence } from "../../src/oci/verify.js";
import { loadPublicKey } from "../../src/verification/public-key.js";
import { verify } from "../../src/verification/verify.js";
import { missing, storeKinds, type StoreMaker } from "../oci/stores.js";
import { testKeys, writeBundle } from "../support/bundles.js";
import { pushIndex } from "../support/registry-images.js";
import { findCosign, runCosign } from "./cosign.js";

const cosign = findCosign();
if ("missing" in cosign) console.warn(`interoperation with cosign is skipped: ${cosign.missing}`);
const cosignPath = "path" in cosign ? cosign.path : "";
const timing = systemTiming();
const type = "https://example.com/test/v1";
const directory = mkdtempSync(join(tmpdir(), "attest-apart-"));
const keyFile = join(directory, "key.pub");
const publicPem = testKeys.publicKey.export({ format: "pem", type: "spki" }).toString();
const offline = { mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" };
afterAll(() => rmSync(directory, { recursive: true, force: true }));

beforeAll(async () => {
  writeFileSync(keyFile, publicPem);
  writeFileSync(join(directory, "predicate.json"), '{"verdict":"good"}');
  writeFileSync(join(directory, "offline.json"), JSON.stringify(offline));
  if (cosignPath !== "")
    await runCosign(cosignPath, ["generate-key-pair", "--output-key-prefix", "theirs"], directory);
});

async function list(store: ContentStore, digest: string, apart?: ContentStore) {
  return listAttachments(store, digest, mkdtempSync(join(directory, "list-")), apart);
}

async function isVerified(store: ContentStore, digest: string, apart: ContentStore, key: string) {
  const { artifact, bundles } = imageEvidence(await list(store, digest, apart), "app", undefined);
  const keys = [loadPublicKey(readFileSync(key, "utf8"))];
  return (await verify(bundles, { artifact, signers: { keys }, now: new Date() })).passed;
}

describe.for(storeKinds.filter(({ program }) => program !== undefined))("on a $name", (kind) => {
  const reason = missing(kind.program ?? "");
  const check = test.skipIf(reason !== false || "missing" in cosign);
  let maker: StoreMaker;
  beforeAll(async () => {
    if (reason === false) maker = await kind.start();
  });
  afterAll(() => maker?.stop());
  const at = (name: string) => `${maker.registry?.address ?? ""}/${name}`;
  const open = async (name: string) => [await maker.open(name), await maker.open(`${name}-apart`)] as const;
  const cosignFinds = async (image: string, repository: string, key: string, isOld = false) => {
    const args = ["verify-attestation", "--key", key, "--insecure-ignore-tlog", "--allow-http-registry"];
    const form = isOld ? ["--new-bundle-format=false"] : [];
    const variables = repository === "" ? {} : { COSIGN_REPOSITORY: repository };
    const run = await runCosign(cosignPath, [...args, ...form, "--type", type, image], directory, variables);
    return run.status === 0;
  };

  check.for(["referrer", "cosign-tag"] as const)(
    "cosign finds what is attached apart as a %s",
    async (layout) => {
      const isOld = layout === "cosign-tag";
      const name = `ours-${layout}`;
      const [store, apart] = await open(name);
      const { index } = await pushIndex(store, "v1");
      const bundle = await writeBundle(directory, `${kind.name}-${layout}`, [index.digest]);
      const options = { created: "2026-11-27T00:00:00Z", timing, tag: "v1", apart };
      for (const _ of [1, 2]) await attachInLayout(store, "v1", [bundle], layout, options);
      const image = `${at(name)}@${index.digest}`;
      expect(await cosignFinds(image, at(`${name}-apart`), keyFile, isOld)).toBe(true);
      expect(await cosignFinds(image, "", keyFile, isOld)).toBe(false);
      expect((await list(store, index.digest)).attachments).toEqual([]);
      const { attachments } = await list(store, index.digest, apart);
      expect(attachments.map(({ repositories }) => repositories)).toEqual([[at(`${name}-apart`)]]);
      expect(await isVerified(store, index.digest, apart, keyFile)).toBe(true);
      // Where the same is attached with the image, it is one attestation in two places.
      await attachInLayout(store, "v1", [bundle], layout, { ...options, apart: undefined });
      const both = (await list(store, index.digest, apart)).attachments;
      expect(both.map(({ repositories }) => repositories)).toEqual([[at(name), at(`${name}-apart`)]]);
    },
  );

  check.for([false, true])(
    "what cosign attaches apart is found and copied (old format: %s)",
    async (isOld) => {
      const name = `theirs-${isOld}`;
      const [store, apart] = await open(name);
      const { index } = await pushIndex(store, "v1");
      const form = isOld ? ["--new-bundle-format=false", "--use-signing-config=false", "--tlog-upload=false"] : ["--signing-config", "offline.json"]; // prettier-ignore
      const attested = await runCosign(
        cosignPath,
        ["attest", "-y", "--key", "theirs.key", ...form, "--allow-http-registry", "--type", type, "--predicate",
        "predicate.json", `${at(name)}@${index.digest}`], // prettier-ignore
        directory,
        { COSIGN_REPOSITORY: at(`${name}-apart`) },
      );
      expect(attested).toMatchObject({ status: 0 });
      const key = join(directory, "theirs.pub");
      expect((await list(store, index.digest)).attachments).toEqual([]);
      expect((await list(store, index.digest, apart)).attachments).toHaveLength(1);
      expect(await isVerified(store, index.digest, apart, key)).toBe(true);

      const [target, targetApart] = await open(`${name}-to`);
      const options = { timing, tags: ["v1"], directory, attachedIn: apart };
      const copied = await copyImage(store, "v1", target, { ...options, attachTo: targetApart });
      expect(copied).toMatchObject({ manifests: 3, attached: 1, absent: [] });
      const image = `${at(`${name}-to`)}@${index.digest}`;
      expect(await cosignFinds(image, at(`${name}-to-apart`), key, isOld)).toBe(true);
      expect(await cosignFinds(image, "", key, isOld)).toBe(false);
      // Without a place of its own it goes where the image goes.
      await copyImage(store, "v1", await maker.open(`${name}-one`), options);
      expect(await cosignFinds(`${at(`${name}-one`)}@${index.digest}`, "", key, isOld)).toBe(true);
    },
  );
});
