import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseSigning, type SigningChoice } from "../../src/signing/choose.js";
import { signStatement } from "../../src/signing/sign.js";
import { assertSafeForSecrets } from "../../src/signing/token.js";
import { makeKey, statement } from "../verification/support.js";
import { identityToken, servicesClock, startSigstore, type SigstoreDouble } from "./sigstore-double.js";

const now = servicesClock();
const pem = makeKey().privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const token = identityToken({ iss: "https://issuer.example", sub: "somebody" });

let sigstore: SigstoreDouble;
beforeAll(async () => {
  sigstore = await startSigstore(now);
});
afterAll(() => sigstore.stop());

type Material = {
  publicKey?: unknown;
  certificate?: unknown;
  tlogEntries?: unknown[];
  timestampVerificationData?: unknown;
};

async function materialOf(choice: Omit<SigningChoice, "now">): Promise<Material> {
  const payload = Buffer.from(JSON.stringify(statement()));
  const bundle = await signStatement(payload, await chooseSigning({ ...choice, now }));
  return (JSON.parse(bundle.toString()) as { verificationMaterial: Material }).verificationMaterial;
}

/** A config that names the double's services. */
function config(rekorVersion: number): string {
  const service = (majorApiVersion: number) => ({
    url: sigstore.url,
    majorApiVersion,
    validFor: { start: "2020-01-01T00:00:00Z" },
  });
  return JSON.stringify({
    mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
    caUrls: [service(1)],
    rekorTlogUrls: [service(rekorVersion)],
    tsaUrls: [service(1)],
  });
}

describe("how to sign", () => {
  test("with a key alone is offline", async () => {
    sigstore.requests.splice(0);
    expect(Object.keys(await materialOf({ key: pem }))).toEqual(["publicKey"]);
    expect(sigstore.requests).toEqual([]);
  });

  test("with a key and witnesses asks these, and no certificate authority", async () => {
    for (const choice of [
      { key: pem, rekorUrl: sigstore.url, timestampUrl: sigstore.url },
      { key: pem, signingConfig: config(1) },
    ]) {
      sigstore.requests.splice(0);
      expect(Object.keys(await materialOf(choice))).toEqual([
        "publicKey",
        "tlogEntries",
        "timestampVerificationData",
      ]);
      expect(sigstore.requests.sort()).toEqual(["POST /api/v1/log/entries", "POST /api/v1/timestamp"]);
    }
  });

  test.each([1, 2])("with a token, by URLs and by a config, in a log of version %d", async (rekorVersion) => {
    const { url } = sigstore;
    for (const services of [
      { fulcioUrl: url, rekorUrl: url, rekorVersion, timestampUrl: url },
      { signingConfig: config(rekorVersion) },
    ]) {
      const material = await materialOf({ identityToken: `${token}\n`, ...services });
      expect(Object.keys(material)).toEqual(["certificate", "tlogEntries", "timestampVerificationData"]);
    }
  });

  test("with a token request asks for a token, for the audience sigstore", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.end(JSON.stringify({ value: token }));
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const material = await materialOf({
        tokenRequestUrl: `http://127.0.0.1:${port}/token?api-version=2`,
        tokenRequestToken: "bearer",
        fulcioUrl: sigstore.url,
        rekorUrl: sigstore.url,
      });
      expect(Object.keys(material)).toEqual(["certificate", "tlogEntries"]);
      expect(asked).toEqual(["/token?api-version=2&audience=sigstore Bearer bearer"]);
    } finally {
      server.close();
    }
  });

  test.each<[string, Omit<SigningChoice, "now">, string]>([
    ["nothing", {}, "0 of them"],
    ["a key and a token", { key: pem, identityToken: token }, "2 of them"],
    ["half a token request", { tokenRequestUrl: "https://x.example" }, "tokenRequestToken together"],
    ["a passphrase alone", { identityToken: token, passphrase: "p" }, "passphrase"],
    ["a key and an authority", { key: pem, fulcioUrl: "https://x.example" }, "fulcioUrl"],
    ["URLs and a config", { key: pem, rekorUrl: "https://x.example", signingConfig: "{}" }, "signingConfig"],
    ["a version 3", { key: pem, rekorUrl: "https://x.example", rekorVersion: 3 }, "1 or 2 expected, got 3"],
    ["a version without log", { key: pem, rekorVersion: 2 }, "a rekorUrl with it"],
    [
      "a log of version 2 and no time",
      { identityToken: token, fulcioUrl: "https://x.example" },
      "timestamp authority",
    ],
  ])("is refused with %s", async (_name, choice, message) => {
    await expect(chooseSigning({ ...choice, now })).rejects.toMatchObject({
      code: "ARGUMENT_INVALID",
      message: expect.stringContaining(message) as string,
    });
  });
});

describe("a token is sent", () => {
  test.each([
    "https://a.example",
    "http://127.0.0.1:1",
    "http://localhost",
    "http://fulcio:5555",
    "http://x.dagger.local",
  ])("to %s", (url) => expect(() => assertSafeForSecrets(url, "fulcioUrl")).not.toThrow());
  test.each(["http://a.example", "http://127.0.0.1.evil.example", "ftp://localhost", "fulcio", ""])(
    "not to %j",
    (url) => expect(() => assertSafeForSecrets(url, "fulcioUrl")).toThrow(/^ARGUMENT_INVALID[^]*fulcioUrl/),
  );
});
