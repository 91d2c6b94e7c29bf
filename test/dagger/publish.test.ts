/** `publish` at the module's edge, from the container to what other people's tools say of the result. */
import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ociIndex } from "../../src/oci/media-types.js";
import { findCosign, runCosign } from "../interop/cosign.js";
import {
  identityToken,
  servicesClock,
  startSigstore,
  type SigstoreDouble,
} from "../signing/sigstore-double.js";
import { answering, withHeaders } from "../support/hostile-registry/faults.js";
import {
  startHostileRegistry,
  type Fault,
  type HostileRegistry,
} from "../support/hostile-registry/server.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";
import { installedTools, startDistribution, type RunningRegistry } from "../support/registry.js";

const program = installedTools().get("docker-registry");
const cosign = findCosign();
const spdx = "https://spdx.dev/Document";
const slsa = "https://slsa.dev/provenance/v1";

const user = "publisher";
const password = "s3cret-pa55";
// Of the password above, by bcrypt.
const htpasswd = `${user}:$2b$04$LNg6CfCu6UjM.Uq/erVhYe5ywuO.WHgG4Mm.aaSh9RfqHlakWRZRC\n`;
const passphrase = "canary-of-the-passphrase";
const pair = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  privateKeyEncoding: { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase },
  publicKeyEncoding: { format: "pem", type: "spki" },
});
const cosignPath = "path" in cosign ? cosign.path : "";
const cosignAccess = [
  "--allow-http-registry",
  `--registry-username=${user}`,
  `--registry-password=${password}`,
];
const keyLines = pair.privateKey.split("\n").slice(1, -2);

type Statement = { readonly predicateType: string; readonly subject: unknown; readonly predicate: unknown };
type File = { readonly contents: string };
type Publication = {
  readonly reference: string;
  readonly digest: string;
  readonly summary: string;
  readonly statements: readonly File[];
  readonly bundles: readonly File[];
};

describe.skipIf(program === undefined)("publish (docker-registry, where it can be had)", () => {
  let session: ModuleSession;
  let registry: RunningRegistry;
  let container: string;
  let credentials: string;
  let key: string;
  /** All that anyone could see of what was done here. */
  const seen: unknown[] = [];

  const file = async (name: string, content: string): Promise<string> =>
    literal(await session.file(name, content));
  const secret = async (name: string, content: string): Promise<string> =>
    literal(await session.secret(name, content));
  const query = async (fields: string): Promise<unknown> => {
    const answer = session.query(`{ attest { ${fields} } }`);
    seen.push(await answer.catch(String));
    return ((await answer) as { attest: unknown }).attest;
  };
  const publish = async (args: string, fields: string): Promise<unknown> =>
    ((await query(`publish(container: ${container}, ${args}) { ${fields} }`)) as { publish: unknown })
      .publish;
  const cosignVerifies = async (type: string, reference: string): Promise<unknown> => {
    const args = ["verify-attestation", "--key=key.pub", "--insecure-ignore-tlog", `--type=${type}`];
    return runCosign(cosignPath, [...args, ...cosignAccess, reference], session.workdir);
  };
  const failure = (args: string): Promise<string> =>
    publish(args, "reference").then(String, (error: unknown) => String(error));

  beforeAll(async () => {
    registry = await startDistribution(program ?? "", { htpasswd });
    session = await startModule();
    container = literal(
      await session.value(`container { withNewFile(path: "/app.txt", contents: "the app") { id } }`),
    );
    credentials = `username: ${literal(user)}, password: ${await secret("password", password)}`;
    key = `key: ${await secret("key.pem", pair.privateKey)}, passphrase: ${await secret("phrase", passphrase)}`;
    await writeFile(join(session.workdir, "key.pub"), pair.publicKey);
  });
  afterAll(async () => {
    await session.close();
    await registry.stop();
  });

  describe("with an SBOM and provenance", () => {
    let address: string;
    let published: Publication;

    beforeAll(async () => {
      address = `${registry.address}/app`;
      published = (await publish(
        `address: "${address}:1.0", sbom: true, provenance: true, ${key}, ${credentials}`,
        `reference digest summary statements { contents } bundles { contents }
         provenance { predicateType subjects { name digests } }
         sbom { predicateType subjects { name digests } }
         image { tree verify(keys: [${literal(await session.id("file", join(session.workdir, "key.pub")))}], requiredTypes: ["${spdx}", "${slsa}"]) { passed failures } }`,
      )) as Publication;
    });

    it("gives both with the publication as their subject, read back and verified", async () => {
      const subjects = [{ name: address, digests: [published.digest] }];
      expect(published).toMatchObject({
        reference: `${address}:1.0@${published.digest}`,
        provenance: { predicateType: slsa, subjects },
        sbom: { predicateType: spdx, subjects },
        image: { verify: { passed: true, failures: [] } },
      });
      expect(published.summary).toMatch(/2 attestation\(s\) attached \(referrer\), 2 signed; read back/);
      const head = await fetch(`http://${registry.address}/v2/app/manifests/1.0`, {
        method: "HEAD",
        headers: {
          accept: "application/vnd.oci.image.manifest.v1+json",
          authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
        },
      });
      expect(head.headers.get("docker-content-digest")).toBe(published.digest);
    });

    it("states in each file what the publication states", () => {
      const statements = published.statements.map(({ contents }) => JSON.parse(contents) as Statement);
      const subject = [{ name: address, digest: { sha256: published.digest.slice("sha256:".length) } }];
      expect(statements).toMatchObject([
        { predicateType: spdx, subject },
        { predicateType: slsa, subject, predicate: { buildDefinition: {}, runDetails: {} } },
      ]);
      const inBundles = published.bundles.map(({ contents }) => {
        const { dsseEnvelope } = JSON.parse(contents) as { dsseEnvelope: { payload: string } };
        return Buffer.from(dsseEnvelope.payload, "base64").toString();
      });
      expect(inBundles).toEqual(published.statements.map(({ contents }) => contents));
    });

    it.skipIf("missing" in cosign)("is what cosign finds and verifies", async () => {
      for (const type of ["slsaprovenance1", "spdxjson"])
        expect(await cosignVerifies(type, `${address}:1.0`)).toMatchObject({ status: 0 });
      const tree = await runCosign(cosignPath, ["tree", ...cosignAccess, `${address}:1.0`], session.workdir);
      expect(tree).toMatchObject({ status: 0 });
      for (const type of [slsa, spdx]) expect(tree.output).toContain(type);
    });
  });

  describe("for two platforms", () => {
    let variants: string;
    let publicKey: string;
    beforeAll(async () => {
      const arm = `container(platform: "linux/arm64") { withNewFile(path: "/app.txt", contents: "the app") { id } }`;
      variants = `[${literal(await session.value(arm))}]`;
      publicKey = literal(await session.id("file", join(session.workdir, "key.pub")));
    });

    const subjectOf = (name: string, digest: string) => [{ name, digests: [digest] }];
    const fields = `reference digest summary platforms { platform digest } statements { contents }
      sbom { subjects { name digests } summary predicate { contents } }
      provenance { subjects { name digests } predicate { contents } }`;
    type Index = Publication & {
      readonly platforms: readonly { readonly platform: string; readonly digest: string }[];
      readonly sbom: { readonly predicate: File };
      readonly provenance: { readonly predicate: File };
    };

    it("says of the index and of each platform what is theirs", async () => {
      const name = `${registry.address}/multi`;
      const args = `platformVariants: ${variants}, sbom: true, provenance: true, ${key}, ${credentials}`;
      const verified = `verify(keys: [${publicKey}], requiredTypes: ["${spdx}", "${slsa}"]`;
      const published = (await publish(
        `address: "${name}:1.0", ${args}`,
        `${fields} arm: sbom(platform: "linux/arm64") { subjects { name digests } }
         image { index: ${verified}) { failures } }`,
      )) as Index;
      const { digest, platforms } = published;
      const arm = platforms.find(({ platform }) => platform.startsWith("linux/arm64"))?.digest ?? "";
      expect(platforms).toHaveLength(2);
      expect(published).toMatchObject({
        sbom: { subjects: subjectOf(name, digest) },
        provenance: { subjects: subjectOf(name, digest) },
        arm: { subjects: subjectOf(name, arm) },
        image: { index: { failures: [] } },
      });
      expect(published.summary).toMatch(/6 attestation\(s\) attached \(referrer\), 6 signed; read back and/);
      // The index's SBOM names each platform and the document of each.
      const sbom = JSON.parse(published.sbom.predicate.contents) as Record<string, unknown>;
      const documents = published.statements.map(({ contents }) => JSON.parse(contents) as Statement);
      const namespaces = documents
        .filter(({ predicateType }) => predicateType === spdx)
        .map(({ predicate }) => (predicate as { documentNamespace: string }).documentNamespace);
      expect(sbom["externalDocumentRefs"]).toHaveLength(2);
      expect(namespaces.slice(1)).toEqual(
        (sbom["externalDocumentRefs"] as { spdxDocument: string }[]).map((one) => one.spdxDocument),
      );
      // The index's provenance tells of the files of both.
      expect(published.provenance.predicate.contents.match(/withNewFile/g)?.length).toBeGreaterThan(1);
      if ("missing" in cosign) return;
      for (const type of ["slsaprovenance1", "spdxjson"])
        for (const reference of [`${name}:1.0`, `${name}@${arm}`])
          expect(await cosignVerifies(type, reference)).toMatchObject({ status: 0 });
    });

    it("puts statements into the index where BuildKit does, and signs about the index that comes of it", async () => {
      const name = `${registry.address}/inline`;
      const args = `platformVariants: ${variants}, provenance: true, layout: BUILDKIT_ARTIFACT`;
      const published = (await publish(
        `address: "${name}:1.0", ${args}, ${key}, ${credentials}`,
        `reference digest summary provenance { subjects { name digests } }
         image { attestations { places form platform } verify(keys: [${publicKey}]) { failures } }`,
      )) as Publication;
      expect(published).toMatchObject({
        provenance: { subjects: subjectOf(name, published.digest) },
        image: { verify: { failures: [] } },
      });
      const { attestations } = (published as unknown as { image: { attestations: { form: string }[] } })
        .image;
      expect(attestations.map(({ form }) => form).sort()).toEqual([
        "bundle", "bundle", "bundle", "statement", "statement",
      ]); // prettier-ignore
      if ("missing" in cosign) return;
      expect(await cosignVerifies("slsaprovenance1", `${name}:1.0`)).toMatchObject({ status: 0 });
    });
  });

  describe("without a key", () => {
    const identity = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1";
    const issuer = "https://token.actions.githubusercontent.com";
    const token = identityToken({ iss: issuer, sub: identity, jti: "canary-in-the-claims" });
    let sigstore: SigstoreDouble;
    let other: SigstoreDouble;
    let services: string;
    beforeAll(async () => {
      sigstore = await startSigstore(servicesClock());
      other = await startSigstore(servicesClock());
      const urls = ["fulcioUrl", "rekorUrl", "timestampUrl"].map((name) => `${name}: "${sigstore.url}"`);
      services = `provenance: true, identityToken: ${await secret("token", token)}, ${urls.join(", ")}`;
    });
    afterAll(async () => {
      await sigstore.stop();
      await other.stop();
    });

    const keyless = (name: string, args: string, shown: string) =>
      publish(`address: "${registry.address}/${name}:1.0", ${services}, ${credentials}${args}`, shown);

    it("verifies what it reads back against the root that it is given", async () => {
      const root = await file("trusted_root.json", sigstore.trustedRoot);
      const judged = `verify(identity: "${identity}", issuer: "${issuer}", trustedRoot: ${root}) { failures }`;
      expect(await keyless("keyless", `, trustedRoot: ${root}`, `summary image { ${judged} }`)).toMatchObject(
        {
          summary: expect.stringContaining("read back and verified") as unknown,
          image: { verify: { failures: [] } },
        },
      );
    });

    it("pushes nothing where the layout has no room for what the log gives", async () => {
      const layout = ", layout: COSIGN_TAG, rekorVersion: 2";
      await expect(keyless("no-room", layout, "summary")).rejects.toThrow(
        /ARGUMENT_INVALID.*log of version 1/s,
      );
      expect(await keyless("room", ", layout: COSIGN_TAG", "summary")).toMatchObject({
        summary: expect.stringContaining("attached (cosign-tag), 1 signed") as unknown,
      });
      await expect(
        query(`image(reference: "${registry.address}/no-room:1.0", ${credentials}) { digest }`),
      ).rejects.toThrow(/IMAGE_NOT_FOUND/);
    });

    it("says that it did not where it has no root, and fails where the root is another's", async () => {
      expect(await keyless("unverified", "", "summary")).toMatchObject({
        summary: expect.stringContaining("not verified") as unknown,
      });
      const root = await file("other_root.json", other.trustedRoot);
      await expect(keyless("refused", `, trustedRoot: ${root}`, "summary")).rejects.toThrow(
        /VERIFICATION_FAILED/,
      );
    });
  });

  it("pushes nothing where something is wrong beforehand", async () => {
    const wrong = await secret("other-phrase", "canary-of-another-passphrase");
    const args = `address: "${registry.address}/none:1.0", sbom: true, ${credentials}`;
    const pem = await secret("again.pem", pair.privateKey);
    expect(await failure(`${args}, key: ${pem}, passphrase: ${wrong}`)).toContain("KEY_INVALID");
    expect(await failure(`${args.replace(":1.0", `@sha256:${"0".repeat(64)}`)}, ${key}`)).toContain(
      "ARGUMENT_INVALID",
    );
    await expect(
      query(`image(reference: "${registry.address}/none:1.0", ${credentials}) { digest }`),
    ).rejects.toThrow(/IMAGE_NOT_FOUND/);
  });

  describe("to a registry that has something else than it was sent", () => {
    let liar: HostileRegistry;
    beforeAll(async () => {
      liar = await startHostileRegistry();
    });
    afterAll(() => liar.stop());

    const other = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests: [], annotations: { not: "it" } }),
    );
    const announcing = (method: string): Fault =>
      withHeaders(new RegExp(`^${method} .*/manifests/1\\.0$`), {
        "docker-content-digest": `sha256:${"0".repeat(64)}`,
      });
    const notWhatWasPublished = "does not give back what was published";
    it.for<[string, Fault, string]>([
      ["announces another digest when it is stored", announcing("PUT"), "under another digest"],
      ["announces another digest when it is read", announcing("(GET|HEAD)"), notWhatWasPublished],
      [
        "gives another image at the tag",
        answering(/^GET .*\/manifests\/1\.0$/, {
          status: 200,
          headers: { "content-type": ociIndex },
          body: other,
        }),
        notWhatWasPublished,
      ],
    ])("fails and claims nothing: it %s", async ([, fault, message]) => {
      liar.faults = [fault];
      const said = await failure(`address: "${liar.address}/app:1.0", ${key}, sbom: true`);
      expect(said).toContain("DIGEST_MISMATCH");
      expect(said).toContain(message);
      expect(said).toMatch(/sha256:[0-9a-f]{64}.* expected, got "?sha256:/s);
      expect(said).not.toContain("reference");
    });
  });

  it("says so where the registry lets nobody in", async () => {
    const args = `address: "${registry.address}/denied:1.0", ${key}`;
    expect(await failure(args)).toMatch(/REGISTRY_DENIED|denied|unauthorized|authentication required/i);
    const wrong = await secret("other-password", "canary-of-another-password");
    expect(await failure(`${args}, username: ${literal(user)}, password: ${wrong}`)).toMatch(
      /REGISTRY_DENIED|denied|unauthorized|authentication required/i,
    );
  });

  it("shows password, key and passphrase to nobody", () => {
    const said = [JSON.stringify(seen), ...session.output].join("\n");
    expect(said).not.toMatch(/canary/);
    for (const hidden of [password, ...keyLines]) expect(said).not.toContain(hidden);
  });
});
