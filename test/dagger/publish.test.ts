/** `publish` at the module's edge, from the container to what other people's tools say of the result. */
import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { findCosign, runCosign } from "../interop/cosign.js";
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

  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(session.workdir, name), content, { mode: 0o600 });
    return literal(await session.id("file", join(session.workdir, name)));
  };
  const secret = async (name: string, content: string): Promise<string> => {
    await file(name, content);
    return literal(await session.id("secret", `file:${join(session.workdir, name)}`));
  };
  const query = async (fields: string): Promise<unknown> => {
    const answer = session.query(`{ attest { ${fields} } }`);
    seen.push(await answer.catch(String));
    return ((await answer) as { attest: unknown }).attest;
  };
  const publish = async (args: string, fields: string): Promise<unknown> =>
    ((await query(`publish(container: ${container}, ${args}) { ${fields} }`)) as { publish: unknown })
      .publish;
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
      const path = "path" in cosign ? cosign.path : "";
      const access = [
        "--allow-http-registry",
        `--registry-username=${user}`,
        `--registry-password=${password}`,
      ];
      for (const type of ["slsaprovenance1", "spdxjson"]) {
        const args = ["verify-attestation", "--key=key.pub", "--insecure-ignore-tlog", `--type=${type}`];
        const verified = await runCosign(path, [...args, ...access, `${address}:1.0`], session.workdir);
        expect(verified).toMatchObject({ status: 0 });
      }
      const tree = await runCosign(path, ["tree", ...access, `${address}:1.0`], session.workdir);
      expect(tree).toMatchObject({ status: 0 });
      for (const type of [slsa, spdx]) expect(tree.output).toContain(type);
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
