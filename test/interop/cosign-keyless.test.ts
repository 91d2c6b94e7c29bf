import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attachInLayout } from "../../src/oci/attach/layouts.js";
import { evidenceSource } from "../../src/oci/read/evidence.js";
import { listAttachments } from "../../src/oci/read/list.js";
import { systemTiming } from "../../src/oci/timing.js";
import { imageEvidence } from "../../src/oci/verify.js";
import { keylessSigning } from "../../src/signing/services.js";
import { signStatement } from "../../src/signing/sign.js";
import { loadTrustedRoot, type TrustedRoot } from "../../src/verification/trusted-root.js";
import { verify } from "../../src/verification/verify.js";
import { makerOf, type StoreMaker } from "../oci/stores.js";
import {
  identityToken,
  servicesClock,
  startSigstore,
  type SigstoreDouble,
} from "../signing/sigstore-double.js";
import { statementText } from "../support/bundles.js";
import { pushRealImage } from "../support/registry-images.js";
import { installedTools, startDistribution } from "../support/registry.js";
import { artifact, artifactBytes, input, predicateType, statement } from "../verification/support.js";
import { findCosign, runCosign } from "./cosign.js";

const cosign = findCosign();
if ("missing" in cosign) console.warn(`interoperation with cosign is skipped: ${cosign.missing}`);
const cosignPath = "path" in cosign ? cosign.path : "";

const registryProgram = installedTools().get("docker-registry");

const identity = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1";
const issuer = "https://token.actions.githubusercontent.com";
const now = servicesClock();
const token = identityToken({
  iss: issuer,
  sub: identity,
  aud: "sigstore",
  exp: Math.floor(now.getTime() / 1000) + 600,
});

let directory: string;
let sigstore: SigstoreDouble;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-cosign-"));
  sigstore = await startSigstore(now);
  await writeFile(join(directory, "hello.txt"), artifactBytes);
  await writeFile(join(directory, "trusted_root.json"), sigstore.trustedRoot);
  await writeFile(join(directory, "predicate.json"), JSON.stringify({ verdict: "good" }));
});
afterAll(async () => {
  await sigstore.stop();
  await rm(directory, { recursive: true, force: true });
});

function cosignVerify(bundle: string): Promise<{ status: number; output: string }> {
  const args = [
    "verify-blob-attestation",
    "--bundle",
    bundle,
    "--trusted-root",
    "trusted_root.json",
    "--certificate-identity",
    identity,
    "--certificate-oidc-issuer",
    issuer,
    "--type",
    predicateType,
    "hello.txt",
  ];
  return runCosign(cosignPath, args, directory);
}

describe.skipIf("missing" in cosign)("without a key, against a local instance", () => {
  test.each([1, 2] as const)(
    "cosign verifies what is signed here with a log of version %d",
    async (version) => {
      const services = { ...sigstore.services, rekor: { url: sigstore.url, version } };
      const bundle = await signStatement(
        Buffer.from(JSON.stringify(statement())),
        keylessSigning(services, token),
      );
      await writeFile(join(directory, `ours-${version}.json`), bundle);
      expect(await cosignVerify(`ours-${version}.json`)).toMatchObject({ status: 0 });
    },
  );

  // Without timestamp authority: the double takes no binary requests, which are what cosign sends.
  test("what cosign signs verifies here", async () => {
    const service = {
      url: sigstore.url,
      majorApiVersion: 1,
      validFor: { start: "2020-01-01T00:00:00Z" },
      operator: "double",
    };
    const config = {
      mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
      caUrls: [service],
      rekorTlogUrls: [service],
      rekorTlogConfig: { selector: "ANY" },
    };
    await writeFile(join(directory, "config.json"), JSON.stringify(config));
    const args = [
      "attest-blob",
      "--identity-token",
      token,
      "--signing-config",
      "config.json",
      "--trusted-root",
      "trusted_root.json",
      "--predicate",
      "predicate.json",
      "--type",
      predicateType,
      "--bundle",
      "theirs.json",
      "--yes",
      "hello.txt",
    ];
    expect(await runCosign(cosignPath, args, directory)).toMatchObject({ status: 0 });
    const { failures } = await verify([input(await readFile(join(directory, "theirs.json")))], {
      artifact,
      signers: { identities: [{ subject: { exact: identity }, issuer: { exact: issuer } }] },
      trustedRoot: await loadTrustedRoot(sigstore.trustedRoot, "the double"),
      predicateType,
      now,
    });
    expect(failures).toEqual([]);
  });

  describe.skipIf(registryProgram === undefined)("below the tag of older cosign versions", () => {
    let maker: StoreMaker;
    let root: TrustedRoot;
    beforeAll(async () => {
      maker = makerOf(await startDistribution(registryProgram ?? ""));
      root = await loadTrustedRoot(sigstore.trustedRoot, "the double");
    });
    afterAll(() => maker.stop());

    const expected = [
      "--certificate-identity",
      identity,
      "--certificate-oidc-issuer",
      issuer,
      "--type",
      predicateType,
    ];
    const older = ["--allow-http-registry", "--new-bundle-format=false"];

    test("cosign verifies what is signed and attached here", async () => {
      const store = await maker.open("ours");
      const { digest } = await pushRealImage(store, "v1");
      const statement = Buffer.from(statementText([digest], predicateType, { verdict: "good" }));
      const path = join(directory, "tag.sigstore.json");
      await writeFile(path, await signStatement(statement, keylessSigning(sigstore.services, token)));
      await attachInLayout(store, "v1", [path], "cosign-tag", {
        created: "2026-11-26T00:00:00Z",
        timing: systemTiming(),
        tag: "v1",
      });
      const reference = `${maker.registry?.address ?? ""}/ours@${digest}`;
      const args = [
        "verify-attestation",
        ...older,
        "--trusted-root",
        "trusted_root.json",
        ...expected,
        reference,
      ];
      expect(await runCosign(cosignPath, args, directory)).toMatchObject({ status: 0 });
    });

    test("what cosign signs and attaches verifies here", async () => {
      const store = await maker.open("theirs");
      const { digest } = await pushRealImage(store, "v1");
      const reference = `${maker.registry?.address ?? ""}/theirs@${digest}`;
      const args = ["attest", ...older, "--use-signing-config=false", "--trusted-root", "trusted_root.json", "--fulcio-url", sigstore.url,
        "--rekor-url", sigstore.url, "--identity-token", token, "--predicate", "predicate.json", "--type", predicateType, "-y", reference]; // prettier-ignore
      expect(await runCosign(cosignPath, args, directory)).toMatchObject({ status: 0 });
      const listing = await listAttachments(store, "v1", join(directory, "theirs"));
      const { artifact, bundles } = imageEvidence(listing, "theirs", undefined);
      const { failures } = await verify(bundles, {
        artifact,
        signers: { identities: [{ subject: { exact: identity }, issuer: { exact: issuer } }] },
        trustedRoot: root,
        predicateType,
        now,
      });
      expect(failures).toEqual([]);
      expect(listing.attachments).toMatchObject([{ form: "envelope", places: ["cosign-tag"] }]);
      // As a bundle it can move to where cosign v3 looks.
      const [found] = listing.attachments;
      const moved = join(directory, "moved.sigstore.json");
      if (found !== undefined) await writeFile(moved, evidenceSource(found).chunks());
      await attachInLayout(store, "v1", [moved], "referrer", {
        created: "2026-11-26T00:00:00Z",
        timing: systemTiming(),
        tag: "v1",
      });
      const verified = ["verify-attestation", "--allow-http-registry", "--trusted-root", "trusted_root.json"];
      expect(await runCosign(cosignPath, [...verified, ...expected, reference], directory)).toMatchObject({
        status: 0,
      });
    });
  });
});
