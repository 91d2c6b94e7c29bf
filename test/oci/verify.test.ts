/** Envelopes of older cosign versions, signed without a key: what stands beside them is verified with them. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, test } from "vitest";

import { attachInLayout } from "../../src/oci/attach/layouts.js";
import { openLayout } from "../../src/oci/layout/open.js";
import { listAttachments } from "../../src/oci/read/list.js";
import type { Attachment, Listing } from "../../src/oci/read/types.js";
import { withoutSignature } from "../../src/oci/signature.js";
import type { ContentStore } from "../../src/oci/store.js";
import { systemTiming } from "../../src/oci/timing.js";
import { choosePlatform } from "../../src/oci/choose-platform.js";
import { imageEvidence } from "../../src/oci/verify.js";
import { keySigner } from "../../src/signing/key-signer.js";
import { keylessSigning } from "../../src/signing/services.js";
import { signStatement, type SigningOptions } from "../../src/signing/sign.js";
import { publicKeyFromSpki } from "../../src/verification/public-key.js";
import { loadTrustedRoot, type TrustedRoot } from "../../src/verification/trusted-root.js";
import { verify } from "../../src/verification/verify.js";
import {
  identityToken,
  servicesClock,
  startSigstore,
  type SigstoreDouble,
} from "../signing/sigstore-double.js";
import { statementText, testKeys } from "../support/bundles.js";
import { manifestDocument } from "../../src/oci/manifest.js";
import { ociIndex } from "../../src/oci/media-types.js";
import { pushImage } from "../support/registry-images.js";

const identity = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1";
const issuer = "https://token.actions.githubusercontent.com";
const now = servicesClock();
const timing = systemTiming();
const options = { created: "2026-11-26T00:00:00Z", timing, tag: "v1" };
const type = "https://example.com/test/v1";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-oci-verify-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

let count = 0;
const fresh = (): string => join(directory, String(count++));

/** An image in a layout with one statement about it, signed and kept as older cosign versions do. */
async function imageWithTag(signing: SigningOptions): Promise<{ store: ContentStore; digest: string }> {
  const store = await openLayout(fresh(), { timing, create: true });
  const { digest } = await pushImage(store, "v1");
  const bundle = await signStatement(Buffer.from(statementText([digest], type, { ok: true })), signing);
  const path = fresh();
  await writeFile(path, bundle);
  await attachInLayout(store, "v1", [path], "cosign-tag", options);
  return { store, digest };
}

describe("an envelope below an .att tag that was signed without a key", () => {
  let sigstore: SigstoreDouble;
  let trustedRoot: TrustedRoot;
  let listing: Listing;
  beforeAll(async () => {
    sigstore = await startSigstore(now);
    trustedRoot = await loadTrustedRoot(sigstore.trustedRoot, "the double");
    const token = identityToken({ iss: issuer, sub: identity });
    const { store } = await imageWithTag(keylessSigning(sigstore.services, token));
    listing = await listAttachments(store, "v1", fresh());
  });
  afterAll(() => sigstore.stop());

  async function verdict(change: (annotations: Record<string, string>) => Record<string, string>) {
    const changed = listing.attachments.map((one): Attachment => ({
      ...one,
      annotations: change(one.annotations),
    }));
    const { artifact, bundles } = imageEvidence({ ...listing, attachments: changed }, "app", undefined);
    const signers = { identities: [{ subject: { exact: identity }, issuer: { exact: issuer } }] };
    return verify(bundles, { artifact, signers, trustedRoot, now });
  }
  const failures = async (change: Parameters<typeof verdict>[0]) =>
    (await verdict(change)).bundles.flatMap((one) => one.failures.map(({ code }) => code));

  it("is verified with certificate, log entry and timestamp out of the annotations", async () => {
    expect(listing.attachments).toMatchObject([{ form: "envelope", places: ["cosign-tag"] }]);
    const { passed, bundles } = await verdict((annotations) => ({ ...annotations }));
    expect(passed).toBe(true);
    expect(bundles[0]?.signer).toMatchObject({ kind: "certificate", identity, issuer });
    expect(bundles[0]?.times.map(({ source }) => source).sort()).toEqual([
      "timestamp-authority",
      "transparency-log",
    ]);
  });

  it("has no room for an entry of a log of version 2, and nothing is written", async () => {
    const services = { ...sigstore.services, rekor: { url: sigstore.url, version: 2 as const } };
    const token = identityToken({ iss: issuer, sub: identity });
    await expect(imageWithTag(keylessSigning(services, token))).rejects.toThrow(/ARGUMENT_INVALID.*layout/);
  });

  const annotation = (name: string) => `dev.sigstore.cosign/${name}`;
  const without = (name: string) => (given: Record<string, string>) =>
    Object.fromEntries(Object.entries(given).filter(([key]) => key !== annotation(name)));

  it("needs each of them where it is asked for", async () => {
    expect(await failures(without("certificate"))).toEqual(["SIGNER_KIND"]);
    expect(await failures(without("bundle"))).toEqual(["LOG_ENTRY_MISSING"]);
    // The log's time alone is enough.
    expect(await failures(without("rfc3161timestamp"))).toEqual([]);
  });

  it("fails with what was changed", async () => {
    const entry = (edit: (value: { Payload: Record<string, unknown> }) => void) =>
      failures((given) => {
        const value = JSON.parse(given[annotation("bundle")] ?? "") as { Payload: Record<string, unknown> };
        edit(value);
        return { ...given, [annotation("bundle")]: JSON.stringify(value) };
      });
    expect(await entry(({ Payload }) => (Payload["integratedTime"] = 1_700_000_000))).toEqual([
      "CERTIFICATE_INVALID",
    ]);
    expect(await entry(({ Payload }) => (Payload["logIndex"] = 8))).toEqual(["LOG_ENTRY_INVALID"]);
    expect(await entry(({ Payload }) => (Payload["logID"] = "00"))).toEqual(["LOG_ENTRY_INVALID"]);
  });

  it.each(["certificate", "bundle", "rfc3161timestamp"])("fails where %s is no such thing", async (name) => {
    // Text that is base64 is no certificate either.
    const codes = name === "certificate" ? /^(BUNDLE|CERTIFICATE)_INVALID$/ : /^BUNDLE_INVALID$/;
    for (const text of ["nonsense", "{}", "null", '{"Payload":7}'])
      expect(await failures((given) => ({ ...given, [annotation(name)]: text }))).toEqual([
        expect.stringMatching(codes),
      ]);
  });
});

test("a platform that several manifests have is not guessed; one that nobody filled in is none", async () => {
  const store = await openLayout(fresh(), { timing, create: true });
  const windows = (version: string) => ({ os: "windows", architecture: "amd64", "os.version": version });
  const manifests = [
    { ...(await pushImage(store)), platform: windows("10.0.17763.1") },
    { ...(await pushImage(store)), platform: windows("10.0.20348.1") },
    { ...(await pushImage(store, undefined, "")), platform: { os: "", architecture: "" } },
  ];
  await store.pushManifest(manifestDocument({ schemaVersion: 2, mediaType: ociIndex, manifests }), "v1");
  const listing = await listAttachments(store, "v1", fresh());
  const [old, recent] = ["windows/amd64:10.0.17763.1", "windows/amd64:10.0.20348.1"];
  expect(listing.platforms.map(({ platform }) => platform)).toEqual([old, recent, ""]);
  const [first, second] = manifests;
  expect(() => imageEvidence(listing, "app", "windows/amd64")).toThrow(
    `ARGUMENT_INVALID: the image has several manifests of windows/amd64
  platform: one manifest expected, got ${old} ${first?.digest}, ${recent} ${second?.digest}`,
  );
  expect(imageEvidence(listing, "app", recent).artifact.name).toBe(`app@${second?.digest}`);
  expect(() => imageEvidence(listing, "app", "windows/amd64:10.0.1")).toThrow(`one of ${old}, ${recent}`);
  expect(
    imageEvidence(await listAttachments(store, second?.digest ?? "", fresh()), "app", undefined),
  ).toEqual({
    artifact: { name: `app@${second?.digest}`, digests: { sha256: second?.digest.slice("sha256:".length) } },
    bundles: [],
    unread: [],
  });
});

test("a platform is named as it stands there, or by what means the same", () => {
  const named = (...names: string[]) => names.map((platform, at) => ({ platform, digest: `sha256:${at}` }));
  const both = named("linux/amd64", "linux/arm64/v8");
  expect(choosePlatform(both, "linux/arm64/v8").digest).toBe("sha256:1");
  expect(choosePlatform(both, "linux/arm64").digest).toBe("sha256:1");
  expect(choosePlatform(both, "linux/amd64/v1").digest).toBe("sha256:0");
  expect(choosePlatform(named("linux/arm/v6", "linux/arm/v7"), "linux/arm").digest).toBe("sha256:1");
  // What stands there word for word comes first.
  expect(choosePlatform(named("linux/arm64/v8", "linux/arm64"), "linux/arm64").digest).toBe("sha256:1");
  expect(choosePlatform(named("linux/amd64", "windows/amd64:10.0"), "windows/amd64").digest).toBe("sha256:1");
  expect(choosePlatform(named(""), undefined).digest).toBe("sha256:0");
  expect(() => choosePlatform(both, undefined)).toThrow(
    "platform: one of linux/amd64, linux/arm64/v8 expected, got none of them named",
  );
  expect(() => choosePlatform(both, "linux/arm/v7")).toThrow(
    'platform: one of linux/amd64, linux/arm64/v8 expected, got "linux/arm/v7"',
  );
  expect(() => choosePlatform([], undefined)).toThrow("one of none expected");
});

test("a key's envelope below the tag is verified as before", async () => {
  const { store } = await imageWithTag({ signer: keySigner(testKeys.privateKey) });
  const { artifact, bundles } = imageEvidence(await listAttachments(store, "v1", fresh()), "app", undefined);
  const key = publicKeyFromSpki(testKeys.publicKey.export({ format: "der", type: "spki" }));
  expect((await verify(bundles, { artifact, signers: { keys: [key] }, now })).passed).toBe(true);
});

test("what a key has signed is known by statement, subject and a signature that holds", async () => {
  const key = publicKeyFromSpki(testKeys.publicKey.export({ format: "der", type: "spki" }));
  const { store, digest } = await imageWithTag({ signer: keySigner(testKeys.privateKey) });
  const { attachments } = await listAttachments(store, "v1", fresh());
  const [signed] = attachments;
  if (signed === undefined) throw new Error("nothing is attached");
  const unsigned: Attachment = { ...signed, form: "statement", isSigned: false, subject: digest };
  const left = async (...given: Attachment[]) => (await withoutSignature(given, key, now)).length;
  expect(await left(unsigned, signed)).toBe(0);
  expect(await left(unsigned)).toBe(1);
  expect(await left(unsigned, { ...signed, statementSha256: "0".repeat(64) })).toBe(1);
  expect(await left(unsigned, { ...signed, subject: `sha256:${"0".repeat(64)}` })).toBe(1);
  // A signature of somebody else, who had every right to attach it.
  const { store: foreign } = await imageWithTag({
    signer: keySigner(generateKeyPairSync("ed25519").privateKey),
  });
  const [theirs] = (await listAttachments(foreign, "v1", fresh())).attachments;
  if (theirs === undefined) throw new Error("nothing is attached");
  expect(await left({ ...theirs, isSigned: false }, theirs)).toBe(1);
});
