/** Registries that ask who is there, and ways around registries, at the module's edge. */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { attachInLayout } from "../../src/oci/attach/layouts.js";
import { openLayout } from "../../src/oci/layout/open.js";
import { openRegistry, type RegistryOptions } from "../../src/oci/registry/open.js";
import { systemTiming } from "../../src/oci/timing.js";
import { keylessSigning } from "../../src/signing/services.js";
import { signStatement } from "../../src/signing/sign.js";
import { identityToken, servicesClock, startSigstore } from "../signing/sigstore-double.js";
import { statementText, writeBundle } from "../support/bundles.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";
import { pushImage } from "../support/registry-images.js";
import {
  installedTools,
  makeCertificates,
  startDistribution,
  type DistributionOptions,
  type RunningRegistry,
} from "../support/registry.js";
import { startTokenServer, type TokenServer } from "../support/token-server.js";

const program = installedTools().get("docker-registry");
const type = "https://example.com/test/v1";
const user = "reader";
const password = "s3cret-pa55";
// Of the password above, by bcrypt.
const htpasswd = `${user}:$2b$04$LNg6CfCu6UjM.Uq/erVhYe5ywuO.WHgG4Mm.aaSh9RfqHlakWRZRC\n`;
const timing = systemTiming();
const options = { created: "2026-11-26T00:00:00Z", timing, tag: "1.0" };

let session: ModuleSession;
const seen: string[] = [];

beforeAll(async () => {
  session = await startModule();
});
afterAll(() => session.close());

const fileId = async (name: string, content: string | Uint8Array): Promise<string> =>
  literal(await session.file(name, content));
const secretId = async (name: string, content: string | Uint8Array): Promise<string> =>
  literal(await session.secret(name, content));
const image = async (args: string, fields: string): Promise<Record<string, unknown>> => {
  const answer = session.query(`{ attest { image(${args}) { ${fields} } } }`);
  seen.push(await answer.then(JSON.stringify, String));
  return ((await answer) as { attest: { image: Record<string, unknown> } }).attest.image;
};
const refused = (args: string): Promise<string> =>
  image(args, "digest").then(JSON.stringify, (error: unknown) => String(error));

describe.skipIf(program === undefined)("a registry (docker-registry, where it can be had)", () => {
  const running: RunningRegistry[] = [];
  let tokens: TokenServer;
  beforeAll(async () => {
    tokens = await startTokenServer(session.workdir, user, password);
  });
  afterAll(async () => {
    tokens.stop();
    await Promise.all(running.map((registry) => registry.stop()));
  });

  /** A registry with an attested image in it; returns the address, and the image's digest. */
  async function filled(given: DistributionOptions, access: Partial<RegistryOptions>) {
    const registry = await startDistribution(program ?? "", given);
    running.push(registry);
    const { address } = registry;
    const store = await openRegistry({ registry: address, repository: "app" }, { timing, ...access });
    const { digest } = await pushImage(store, "1.0");
    const bundle = await writeBundle(session.workdir, "app", [digest]);
    await attachInLayout(store, digest, [bundle], "referrer", options);
    return { address, reference: `reference: "${address}/app:1.0"`, digest };
  }
  const known = { kind: "password", username: user, password } as const;
  const listed = { attestations: [{ predicateType: type }] };

  it("with passwords takes them as arguments or from docker's configuration", async () => {
    const { address, reference, digest } = await filled({ htpasswd }, { credentials: known });
    const auth = Buffer.from(`${user}:${password}`).toString("base64");
    const config = await secretId("config.json", JSON.stringify({ auths: { [address]: { auth } } }));
    const fields = `digest attestations { predicateType }`;
    expect(await image(`${reference}, dockerConfig: ${config}`, fields)).toEqual({ digest, ...listed });
    const given = `username: "${user}", password: ${await secretId("password", password)}`;
    expect(await image(`${reference}, ${given}`, fields)).toEqual({ digest, ...listed });
    // A copy within the registry needs no second word.
    const copy = `copy(to: "${address}/copied:1.0") { reference attestations { predicateType } }`;
    expect(await image(`${reference}, dockerConfig: ${config}`, copy)).toEqual({
      copy: { reference: `${address}/copied@${digest}`, ...listed },
    });
    expect(await refused(reference)).toContain("REGISTRY_DENIED");
    const other = await secretId("other.json", JSON.stringify({ auths: { "other.example": { auth } } }));
    expect(await refused(`${reference}, dockerConfig: ${other}`)).toContain("REGISTRY_DENIED");
    expect(await refused(`${reference}, username: "${user}"`)).toContain("ARGUMENT_INVALID");
  });

  it("with tokens asks its token server for what it needs, and no more", async () => {
    const { reference, digest } = await filled({ token: tokens.token }, { credentials: known });
    const given = `username: "${user}", password: ${await secretId("password", password)}`;
    const before = tokens.scopes.length;
    expect(await image(`${reference}, ${given}`, "digest attestations { predicateType }")).toEqual({
      digest,
      ...listed,
    });
    expect(new Set(tokens.scopes.slice(before))).toEqual(new Set(["repository:app:pull"]));
    const wrong = await secretId("wrong", "canary-of-a-password");
    expect(await refused(`${reference}, username: "${user}", password: ${wrong}`)).toContain(
      "REGISTRY_DENIED",
    );
  });

  it("with a certificate of one's own authority needs that authority", async () => {
    const { ca, certificate, key } = makeCertificates(session.workdir);
    const tls = { certificate, key };
    const { reference, digest } = await filled({ tls }, { ca: readFileSync(ca, "utf8"), protocol: "https" });
    const file = literal(await session.id("file", ca));
    expect(await image(`${reference}, ca: ${file}`, "digest attestations { predicateType }")).toEqual({
      digest,
      ...listed,
    });
    // On loopback plain http is tried without it.
    expect(await refused(reference)).toMatch(/REGISTRY_FAILED.*speaks https.*--ca=/s);
  });

  it("with such a certificate is published to by the client that knows the authority", async () => {
    const { ca, certificate, key } = makeCertificates(session.workdir);
    const { reference } = await filled(
      { tls: { certificate, key }, htpasswd },
      { ca: readFileSync(ca, "utf8"), protocol: "https", credentials: known },
    );
    const address = reference.replace(/.*"(.*):1\.0".*/, "$1");
    const variant = literal(
      await session.value(
        `container(platform: "linux/arm64") { withNewFile(path: "/app.txt", contents: "the app") { id } }`,
      ),
    );
    const container = literal(
      await session.value(`container { withNewFile(path: "/app.txt", contents: "the app") { id } }`),
    );
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const access = `ca: ${literal(await session.id("file", ca))}, username: "${user}", password: ${await secretId("password", password)}`;
    const args = `container: ${container}, platformVariants: [${variant}], address: "${address}:2.0", provenance: true, key: ${await secretId("key.pem", pem)}`;
    const published = session.query(
      `{ attest { publish(${args}, ${access}) { reference summary platforms { platform } } } }`,
    );
    expect(await published).toMatchObject({
      attest: {
        publish: {
          summary: expect.stringContaining("3 signed; read back and verified") as unknown,
          platforms: [{}, {}],
        },
      },
    });
    seen.push(JSON.stringify(await published));
    const digest = JSON.stringify(await published).match(/sha256:[0-9a-f]{64}/)?.[0] ?? "";
    expect(await image(`reference: "${address}:2.0", ${access}`, "digest")).toEqual({ digest });
    const wrong = access.replace(
      /password: .*/,
      `password: ${await secretId("wrong", "canary-of-a-password")}`,
    );
    await expect(session.query(`{ attest { publish(${args}, ${wrong}) { reference } } }`)).rejects.toThrow(
      /REGISTRY_DENIED/,
    );
  });

  it("hears no secret repeated", () => {
    const said = [...seen, ...session.output].join("\n");
    expect(said).not.toMatch(/canary/);
    expect(said).not.toContain(password);
    expect(said).not.toContain(Buffer.from(`${user}:${password}`).toString("base64"));
  });
});

describe("an image in a layout", () => {
  let layout: string;
  let digest: string;
  let key: string;
  let publicKey: string;

  beforeAll(async () => {
    const directory = join(session.workdir, "layout");
    const store = await openLayout(directory, { timing, create: true });
    const pushed = await pushImage(store, "1.0");
    const statement = join(session.workdir, "statement.json");
    await writeFile(statement, statementText([pushed.digest], type, { ok: true }));
    digest = (await attachInLayout(store, "1.0", [statement], "buildkit-artifact", options)).digest;
    layout = `layout: ${literal(await session.id("directory", directory))}`;
    // A new signature of the same statement is another one each time.
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    key = await secretId("key.pem", pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString());
    publicKey = await fileId("key.pub", pair.publicKey.export({ format: "pem", type: "spki" }).toString());
  });

  const forms = "attestations { form }";
  const bundles = (count: number) => ({
    attestations: [...Array<string>(count).fill("bundle"), "statement"].map((form) => ({ form })),
  });

  // They are listed by digest, and a signature is another one each time.
  const ordered = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, (key, found: unknown) =>
        key === "attestations"
          ? (found as { form: string }[]).toSorted((one, other) => one.form.localeCompare(other.form))
          : found,
      ),
    );

  it("is signed once by a key, and once more when that is asked for", async () => {
    const sign = `sign(key: ${key}`;
    const signed = await image(
      layout,
      `${sign}) { digest ${forms} ${sign}) { ${forms} ${sign}, again: true) { ${forms} } } }`,
    );
    expect(ordered(signed)).toEqual({
      sign: { digest, ...bundles(1), sign: { ...bundles(1), sign: bundles(2) } },
    });
  });

  it("has no bundle, which names it; those that are signed can be asked for alone", async () => {
    const signed = `sign(key: ${key})`;
    const failure = await image(layout, `${signed} { attestations { bundle { attestation { id } } } }`).catch(
      String,
    );
    expect(failure).toMatch(
      /ARGUMENT_INVALID: this attestation is not signed\n {2}sha256:[0-9a-f]{64}: a bundle/,
    );
    expect(failure).toContain("attestations --signed");
    const only = `attestations(signed: true) { form bundle { attestation { predicateType } } }`;
    expect(await image(layout, `${only} ${signed} { ${only} }`)).toEqual({
      attestations: [],
      sign: { attestations: [{ form: "bundle", bundle: { attestation: { predicateType: type } } }] },
    });
  });

  it("goes into an archive with what is attached, and comes out of it the same", async () => {
    const archive = await session.value(
      `attest { image(${layout}) { sign(key: ${key}) { asArchive(fileName: "app.oci.tar") { id } } } }`,
    );
    const within = `archive: ${literal(archive)}`;
    const verified = `verify(keys: [${publicKey}], platform: "linux/amd64") { failures }`;
    expect(ordered(await image(within, `digest ${forms} ${verified} asLayout { entries }`))).toMatchObject({
      digest,
      ...bundles(1),
      verify: { failures: [] },
      asLayout: { entries: expect.arrayContaining(["index.json", "oci-layout"]) as unknown },
    });
  });

  it("gives what older cosign versions attached without a key as a bundle, which verifies", async () => {
    const identity = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1";
    const issuer = "https://token.actions.githubusercontent.com";
    const sigstore = await startSigstore(servicesClock());
    const directory = join(session.workdir, "older");
    const store = await openLayout(directory, { timing, create: true });
    const pushed = await pushImage(store, "1.0");
    const token = identityToken({ iss: issuer, sub: identity });
    const statement = Buffer.from(statementText([pushed.digest], type, { ok: true }));
    const bundle = join(session.workdir, "keyless.sigstore.json");
    await writeFile(bundle, await signStatement(statement, keylessSigning(sigstore.services, token)));
    await sigstore.stop();
    await attachInLayout(store, "1.0", [bundle], "cosign-tag", options);
    const older = `layout: ${literal(await session.id("directory", directory))}`;
    const root = await fileId("root.json", sigstore.trustedRoot);
    const trust = `identity: "${identity}", issuer: "${issuer}", trustedRoot: ${root}`;
    const found = `attestations { form places bundle { verify(digest: "${pushed.digest}", ${trust}) { failures } } }`;
    expect(await image(older, `${found} verify(${trust}) { failures }`)).toEqual({
      attestations: [{ form: "envelope", places: ["cosign-tag"], bundle: { verify: { failures: [] } } }],
      verify: { failures: [] },
    });
  });

  it("that is none is called by the name that it was given", async () => {
    const wrong = await refused(`archive: ${await fileId("my-app.tar", "no archive at all")}`);
    expect(wrong).toMatch(/IMAGE_INVALID/);
    expect(wrong).toContain("my-app.tar");
    expect(wrong).not.toMatch(/attest-\w+\//);
    const bundle = await fileId(
      "my.sigstore.json",
      readFileSync(await writeBundle(session.workdir, "none", [`sha256:${"0".repeat(64)}`])),
    );
    const foreign = await image(layout, `attach(bundles: [${bundle}]) { digest }`).catch(String);
    expect(foreign).toMatch(/my\.sigstore\.json: a subject with one of/);
    expect(foreign).not.toMatch(/attest-\w+\//);
  });
});
