/** Signing at the module's edge, against a Sigstore instance on loopback; no secret is shown to anyone. */
import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  identityToken,
  servicesClock,
  startSigstore,
  type SigstoreDouble,
} from "../signing/sigstore-double.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";

const predicateType = "https://example.com/review/v1";
const identity = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1";
const issuer = "https://token.actions.githubusercontent.com";
const token = identityToken({ iss: issuer, sub: identity, jti: "canary-in-the-claims" });
const bearer = "canary-bearer-of-the-token-request";

describe("signing", () => {
  let session: ModuleSession;
  let sigstore: SigstoreDouble;
  let requests: Server;
  let app: string;
  let predicate: string;
  let trustedRoot: string;

  const file = (name: string, content: string): Promise<string> => session.file(name, content);
  const secret = async (name: string, content: string): Promise<string> =>
    literal(await session.secret(name, content));
  const sign = async (args: string): Promise<string> =>
    String(
      await session.value(
        `attest { statement(predicateType: ${literal(predicateType)}, predicate: ${literal(predicate)}) {
           withSubjectFile(file: ${literal(app)}) { sign(${args}) { asFile { contents } } } } }`,
      ),
    );
  const failure = (args: string): Promise<string> =>
    sign(args).then(String, (error: unknown) => String(error));
  const services = (): string =>
    ["fulcioUrl", "rekorUrl", "timestampUrl"].map((name) => `${name}: ${literal(sigstore.url)}`).join(", ");

  beforeAll(async () => {
    session = await startModule();
    sigstore = await startSigstore(servicesClock());
    requests = createServer((request, response) => {
      const known = request.headers.authorization === `Bearer ${bearer}`;
      response
        .writeHead(known ? 200 : 403)
        .end(JSON.stringify(known ? { value: token } : { message: bearer }));
    });
    await new Promise<void>((resolve) => void requests.listen(0, "127.0.0.1", resolve));
    app = await file("app.bin", "the app");
    predicate = await file("predicate.json", '{"ok":true}');
    trustedRoot = await file("trusted_root.json", sigstore.trustedRoot);
  });
  afterAll(async () => {
    await session.close();
    await sigstore.stop();
    requests.close();
  });

  // Dagger's clients ask for each value of an object by a query of its own, from its beginning.
  it("happens once in a session, however many of its values are read", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const key = `key: ${await secret("once.pem", pem)}`;
    expect(await sign(key)).toBe(await sign(key));
  });

  const verify = async (bundle: string): Promise<unknown> => {
    const id = await file("app.sigstore.json", bundle);
    return session.value(
      `attest { open(file: ${literal(id)}) {
         verify(file: ${literal(app)}, identity: ${literal(identity)}, issuer: ${literal(issuer)},
           trustedRoot: ${literal(trustedRoot)}) { failures } } }`,
    );
  };

  it("with a token makes a bundle that verifies by identity, in logs of both versions", async () => {
    const identityToken = await secret("token", token);
    for (const version of ["", ", rekorVersion: 2"]) {
      const bundle = await sign(`identityToken: ${identityToken}, ${services()}${version}`);
      expect(await verify(bundle)).toEqual([]);
      for (const part of token.split(".")) expect(bundle).not.toContain(part);
    }
  });

  it("with a token request asks for the token itself", async () => {
    const { port } = requests.address() as AddressInfo;
    const request = `tokenRequestUrl: "http://127.0.0.1:${port}/?v=1", tokenRequestToken: ${await secret("bearer", bearer)}`;
    expect(await verify(await sign(`${request}, ${services()}`))).toEqual([]);
  });

  it("shows no secret in errors or output, whatever a service answers", async () => {
    const { port } = requests.address() as AddressInfo;
    const encrypted = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "right" },
      publicKeyEncoding: { format: "pem", type: "spki" },
    }).privateKey;
    const other = identityToken({ iss: issuer, sub: "canary-of-another" });
    sigstore.fail("/api/v2/signingCert", 400, JSON.stringify({ message: `bad token ${other}` }));
    const failures = [
      await failure(`identityToken: ${await secret("other", other)}, ${services()}`),
      await failure(`identityToken: ${await secret("none", "canary-that-is-no-token")}, ${services()}`),
      await failure(
        `tokenRequestUrl: "http://127.0.0.1:${port}/", tokenRequestToken: ${await secret("wrong", "canary-wrong")}, ${services()}`,
      ),
      await failure(
        `key: ${await secret("key", encrypted)}, passphrase: ${await secret("phrase", "canary-phrase")}`,
      ),
      await failure(`identityToken: ${await secret("token", token)}, fulcioUrl: "http://ca.example"`),
    ];
    expect(failures.map((text) => /(SIGNING_FAILED|KEY_INVALID|ARGUMENT_INVALID)/.exec(text)?.[1])).toEqual([
      "SIGNING_FAILED",
      "SIGNING_FAILED",
      "SIGNING_FAILED",
      "KEY_INVALID",
      "ARGUMENT_INVALID",
    ]);
    const said = [...failures, ...session.output].join("\n");
    expect(said).not.toMatch(/canary/);
    const hidden = [...token.split("."), ...other.split("."), ...encrypted.split("\n").slice(1, -2)];
    for (const part of hidden) expect(said).not.toContain(part);
  });
});
