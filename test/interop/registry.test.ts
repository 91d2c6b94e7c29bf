/** Images and what is attached to them, between this project and other people's tools, on both kinds of registry. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachInLayout } from "../../src/oci/attach/layouts.js";
import { copyImage } from "../../src/oci/copy/copy.js";
import { packLayout } from "../../src/oci/layout/archive.js";
import { layoutImage } from "../../src/oci/layout/image.js";
import { openLayout } from "../../src/oci/layout/open.js";
import { listAttachments } from "../../src/oci/read/list.js";
import type { ContentStore } from "../../src/oci/store.js";
import { systemTiming } from "../../src/oci/timing.js";
import { imageEvidence } from "../../src/oci/verify.js";
import { loadPublicKey } from "../../src/verification/public-key.js";
import { verify } from "../../src/verification/verify.js";
import { missing, storeKinds, tools, type StoreMaker } from "../oci/stores.js";
import { testKeys, writeBundle } from "../support/bundles.js";
import { pushIndex, pushRealImage } from "../support/registry-images.js";
import { findCosign, runCosign, type Run } from "./cosign.js";

const cosign = findCosign();
if ("missing" in cosign) console.warn(`interoperation with cosign is skipped: ${cosign.missing}`);
const cosignPath = "path" in cosign ? cosign.path : "";
const timing = systemTiming();
const options = { created: "2026-11-26T00:00:00Z", timing, tag: "v1" };
const predicateType = "https://example.com/test/v1";
const directory = mkdtempSync(join(tmpdir(), "attest-interop-"));
const keyFile = join(directory, "key.pub");
const publicPem = testKeys.publicKey.export({ format: "pem", type: "spki" }).toString();

beforeAll(() => {
  writeFileSync(keyFile, publicPem);
  writeFileSync(join(directory, "predicate.json"), '{"verdict":"good"}');
  writeFileSync(
    join(directory, "offline.json"),
    JSON.stringify({ mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" }),
  );
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs a tool of another project without waiting for its output to be read. */
function run(name: string, ...args: string[]): Promise<Run> {
  const env = { ...process.env, HOME: directory };
  return new Promise((resolve) => {
    execFile(tools.get(name) ?? name, args, { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

const verifyArguments = (key: string, reference: string, type = predicateType) => [
  "verify-attestation",
  "--key",
  key,
  "--insecure-ignore-tlog",
  "--allow-http-registry",
  "--type",
  type,
  reference,
];

async function verdict(store: ContentStore, pem: string) {
  const listing = await listAttachments(store, "v1", mkdtempSync(join(directory, "list-")));
  const { artifact, bundles } = imageEvidence(listing, "app", undefined);
  return verify(bundles, { artifact, signers: { keys: [loadPublicKey(pem)] }, now: new Date() });
}

const registryKinds = storeKinds.filter(({ program }) => program !== undefined);

describe.for(registryKinds)("on a $name", (kind) => {
  const reason = missing(kind.program ?? "");
  const check = test.skipIf(reason !== false || "missing" in cosign);
  let maker: StoreMaker;
  beforeAll(async () => {
    if (reason === false) maker = await kind.start();
  });
  afterAll(() => maker?.stop());
  const at = (name: string, digest: string) => `${maker.registry?.address ?? ""}/${name}@${digest}`;

  check("cosign finds, shows, downloads and verifies what is attached here", async () => {
    const store = await maker.open("ours");
    const { index, arm64 } = await pushIndex(store, "v1");
    const paths = [
      await writeBundle(directory, `${kind.name}-index`, [index.digest]),
      await writeBundle(directory, `${kind.name}-arm`, [arm64.digest]),
    ];
    await attachInLayout(store, "v1", paths, "referrer", options);
    for (const { digest } of [index, arm64]) {
      const verified = await runCosign(cosignPath, verifyArguments(keyFile, at("ours", digest)), directory);
      expect(verified).toMatchObject({ status: 0 });
    }
    const tree = await runCosign(
      cosignPath,
      ["tree", "--allow-http-registry", at("ours", index.digest)],
      directory,
    );
    expect(tree).toMatchObject({ status: 0, output: expect.stringContaining(predicateType) as unknown });
    const args = ["download", "attestation", "--allow-http-registry", at("ours", index.digest)];
    const downloaded = await runCosign(cosignPath, args, directory);
    expect(downloaded).toMatchObject({ status: 0, output: expect.stringContaining("payload") as unknown });
  });

  check("cosign verifies envelopes below the tag of its older versions", async () => {
    const store = await maker.open("tag");
    const { index } = await pushIndex(store, "v1");
    const path = await writeBundle(directory, `${kind.name}-tag`, [index.digest]);
    await attachInLayout(store, "v1", [path], "cosign-tag", options);
    const args = verifyArguments(keyFile, at("tag", index.digest));
    const old = await runCosign(cosignPath, [...args, "--new-bundle-format=false"], directory);
    expect(old).toMatchObject({ status: 0 });
  });

  check("what cosign attaches is found and verified here, beside what is there already", async () => {
    const store = await maker.open("theirs");
    const { index } = await pushIndex(store, "v1");
    await attachInLayout(
      store,
      "v1",
      [await writeBundle(directory, `${kind.name}-first`, [index.digest])],
      "referrer",
      options,
    );
    await runCosign(
      cosignPath,
      ["generate-key-pair", "--output-key-prefix", kind.name.split(" ")[0] ?? ""],
      directory,
    );
    const prefix = join(directory, kind.name.split(" ")[0] ?? "");
    const attested = await runCosign(
      cosignPath,
      ["attest", "-y", "--key", `${prefix}.key`, "--signing-config", "offline.json", "--allow-http-registry",
        "--type", predicateType, "--predicate", "predicate.json", at("theirs", index.digest)], // prettier-ignore
      directory,
    );
    expect(attested).toMatchObject({ status: 0 });
    const listing = await listAttachments(store, "v1", join(directory, `${kind.name}-theirs`));
    expect(listing.attachments.map(({ header, form }) => [header.predicateType, form])).toEqual([
      [predicateType, "bundle"],
      [predicateType, "bundle"],
    ]);
    expect(listing.skipped).toEqual([]);
    expect((await verdict(store, readFileSync(`${prefix}.pub`, "utf8"))).passed).toBe(true);
    expect((await verdict(store, publicPem)).passed).toBe(true);
    // And cosign still finds both.
    for (const key of [keyFile, `${prefix}.pub`]) {
      const verified = await runCosign(
        cosignPath,
        verifyArguments(key, at("theirs", index.digest)),
        directory,
      );
      expect(verified).toMatchObject({ status: 0 });
    }
  });

  check("what cosign saves as a layout is read, verified and copied with all that is attached", async () => {
    const store = await maker.open("saved");
    const image = await pushRealImage(store, "v1");
    const name = kind.name.split(" ")[0] ?? "";
    const paths = [await writeBundle(directory, `${name}-saved`, [image.digest])];
    await attachInLayout(store, "v1", paths, "referrer", options);
    const old = [await writeBundle(directory, `${name}-saved-old`, [image.digest])];
    await attachInLayout(store, "v1", old, "cosign-tag", options);
    const layout = join(directory, `${name}-cosign-save`);
    const saved = await runCosign(
      cosignPath,
      ["save", "--allow-http-registry", "--dir", layout, at("saved", image.digest)],
      directory,
    );
    expect(saved).toMatchObject({ status: 0 });
    const read = await openLayout(layout, { timing });
    const { digest } = await layoutImage(layout, read, undefined);
    expect(digest).toBe(image.digest);
    await copyImage(read, digest, await maker.open("restored"), { timing, tags: ["v1"], directory });
    for (const [source, reference] of [
      [read, digest],
      [await maker.open("restored"), "v1"],
    ] as const) {
      const list = mkdtempSync(join(directory, "list-"));
      const { attachments } = await listAttachments(source, reference, list);
      expect(attachments.map(({ form }) => form).sort()).toEqual(["bundle", "envelope"]);
    }
    expect((await verdict(await maker.open("restored"), publicPem)).passed).toBe(true);
  });

  check("a copy made here is whole for cosign, crane, skopeo and oras", async () => {
    const store = await maker.open("from");
    const image = await pushRealImage(store, "v1");
    const path = await writeBundle(directory, `${kind.name}-copy`, [image.digest]);
    await attachInLayout(store, "v1", [path], "referrer", options);
    await copyImage(store, "v1", await maker.open("to"), { timing, tags: ["v1"], directory });
    const copied = at("to", image.digest);
    expect(await runCosign(cosignPath, verifyArguments(keyFile, copied), directory)).toMatchObject({
      status: 0,
    });
    if (tools.has("crane"))
      expect(await run("crane", "validate", "--insecure", "--remote", copied)).toMatchObject({ status: 0 });
    if (tools.has("skopeo")) {
      const inspected = await run("skopeo", "inspect", "--tls-verify=false", `docker://${copied}`);
      expect(inspected).toMatchObject({
        status: 0,
        output: expect.stringContaining(image.digest) as unknown,
      });
    }
    if (tools.has("oras")) {
      // Not by type: go-containerregistry's registry lists the type of the configuration.
      const { attachments } = await listAttachments(store, "v1", join(directory, `${kind.name}-from`));
      const discovered = await run("oras", "discover", "--plain-http", copied);
      expect(discovered).toMatchObject({
        status: 0,
        output: expect.stringContaining(attachments[0]?.manifest ?? "no manifest") as unknown,
      });
    }
  });
});

const layoutTools = missing("skopeo", "docker-registry");

describe.skipIf(layoutTools !== false)("layouts between this project and skopeo", () => {
  let maker: StoreMaker;
  beforeAll(async () => {
    maker = await (registryKinds.find(({ name }) => name === "distribution") ?? registryKinds[0])!.start();
  });
  afterAll(() => maker?.stop());

  test("skopeo pushes a layout and an archive that were written here, with the same digest", async () => {
    const layout = join(directory, "ours-layout");
    const store = await openLayout(layout, { timing, create: true });
    const image = await pushRealImage(store, "v1");
    const path = await writeBundle(directory, "layout", [image.digest]);
    await attachInLayout(store, "v1", [path], "referrer", options);
    const archive = join(directory, "ours.tar");
    await packLayout(layout, archive);
    const address = maker.registry?.address ?? "";
    for (const [source, name] of [
      [`oci:${layout}:v1`, "a"],
      [`oci-archive:${archive}:v1`, "b"],
    ] as const) {
      const pushed = await run("skopeo", "copy", "-q", "--preserve-digests", "--dest-tls-verify=false", source,
        `docker://${address}/skopeo-${name}:v1`); // prettier-ignore
      expect(pushed).toMatchObject({ status: 0 });
      expect((await (await maker.open(`skopeo-${name}`)).resolve("v1"))?.digest).toBe(image.digest);
    }
  });

  test("a layout that skopeo wrote takes attestations, and they reach a registry", async () => {
    const image = await pushRealImage(await maker.open("source"), "v1");
    const layout = join(directory, "skopeo-layout");
    const address = maker.registry?.address ?? "";
    const pulled = await run("skopeo", "copy", "-q", "--preserve-digests", "--src-tls-verify=false",
      `docker://${address}/source:v1`, `oci:${layout}:v1`); // prettier-ignore
    expect(pulled).toMatchObject({ status: 0 });
    const store = await openLayout(layout, { timing });
    const { digest } = await layoutImage(layout, store, undefined);
    expect(digest).toBe(image.digest);
    const path = await writeBundle(directory, "skopeo", [digest]);
    await attachInLayout(store, digest, [path], "referrer", options);
    await copyImage(store, digest, await maker.open("pushed"), { timing, tags: ["v1"], directory });
    expect((await verdict(await maker.open("pushed"), publicPem)).passed).toBe(true);
  });
});
