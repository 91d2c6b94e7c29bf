import { createPublicKey, generateKeyPairSync, randomBytes, scryptSync, type KeyObject } from "node:crypto";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { describe, expect, test } from "vitest";
import { AttestError } from "../../src/error.js";
import { loadPrivateKey } from "../../src/signing/private-key.js";

const passphrase = "canary-passphrase-0f1e2d";

function spki(key: KeyObject): string {
  return createPublicKey(key).export({ format: "der", type: "spki" }).toString("hex");
}

/** A key file as cosign writes it. */
function cosignKey(key: KeyObject, label: "SIGSTORE" | "COSIGN", n = 32768): string {
  const salt = randomBytes(32);
  const nonce = randomBytes(24);
  const secret = scryptSync(passphrase, salt, 32, { N: n, r: 8, p: 1, maxmem: 256 * n * 8 });
  const sealed = xsalsa20poly1305(secret, nonce).encrypt(key.export({ format: "der", type: "pkcs8" }));
  const body = {
    kdf: { name: "scrypt", params: { N: n, r: 8, p: 1 }, salt: salt.toString("base64") },
    cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
    ciphertext: Buffer.from(sealed).toString("base64"),
  };
  return pem(`ENCRYPTED ${label} PRIVATE KEY`, JSON.stringify(body));
}

function pem(label: string, body: string): string {
  const lines =
    Buffer.from(body)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const encryption = { cipher: "aes-256-cbc", passphrase } as const;

describe("a private key is read from", () => {
  test.each([
    ["PKCS #8", ec, ec.export({ format: "pem", type: "pkcs8" })],
    ["SEC1", ec, ec.export({ format: "pem", type: "sec1" })],
    ["PKCS #1", rsa, rsa.export({ format: "pem", type: "pkcs1" })],
  ])("%s", async (_name, key, text) => {
    expect(spki(await loadPrivateKey(text.toString()))).toBe(spki(key));
  });

  test.each([
    ["encrypted PKCS #8", ec, ec.export({ format: "pem", type: "pkcs8", ...encryption }).toString()],
    ["encrypted SEC1", ec, ec.export({ format: "pem", type: "sec1", ...encryption }).toString()],
    ["cosign's file", ec, cosignKey(ec, "SIGSTORE")],
    ["cosign's file, former header", ec, cosignKey(ec, "COSIGN")],
    ["cosign's file with the default cost", rsa, cosignKey(rsa, "SIGSTORE", 65536)],
  ])("%s", async (_name, key, text) => {
    expect(spki(await loadPrivateKey(text, passphrase))).toBe(spki(key));
  });
});

const encrypted = ec.export({ format: "pem", type: "pkcs8", ...encryption }).toString();

/** The key material of a PEM: what must not be seen. */
function body(text: string): string[] {
  return text.split("\n").filter((line) => line.length > 8 && !line.includes("-----"));
}

async function refusal(text: string, pass?: string): Promise<AttestError> {
  const error: unknown = await loadPrivateKey(text, pass).then(
    () => "read",
    (reason: unknown) => reason,
  );
  if (!(error instanceof AttestError)) throw new Error(`no AttestError: ${String(error)}`);
  return error;
}

/** Everything of an error that can end in a log. */
function everything(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.message, error.stack, JSON.stringify(error), everything(error.cause)].join("\n");
}

describe("a private key is refused, and shown to nobody", () => {
  test.each([
    ["a wrong passphrase", encrypted, "wrong-canary", /can't be decrypted/],
    ["a passphrase with a line break", encrypted, `${passphrase}\n`, /line break/],
    ["no passphrase", encrypted, undefined, /no passphrase was given/],
    ["no passphrase for cosign's file", cosignKey(ec, "SIGSTORE"), undefined, /no passphrase was given/],
    ["a wrong passphrase for cosign's file", cosignKey(ec, "SIGSTORE"), "wrong-canary", /can't be decrypted/],
    ["costs that cosign refuses", cosignKey(ec, "SIGSTORE", 1024), passphrase, /N 32768, 65536 or 131072/],
    [
      "cosign's file without JSON",
      pem("ENCRYPTED SIGSTORE PRIVATE KEY", "canary-body"),
      passphrase,
      /JSON object/,
    ],
    ["a truncated PEM", "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5LWJvZHk\n", undefined, /can't be read/],
    ["a passphrase in the place of the key", passphrase, undefined, /not PEM/],
    ["nothing", "\n", undefined, /got nothing/],
    [
      "a public key",
      createPublicKey(ec).export({ format: "pem", type: "spki" }).toString(),
      undefined,
      /PUBLIC KEY/,
    ],
    [
      "RSA of 1024 bits",
      generateKeyPairSync("rsa", { modulusLength: 1024 })
        .privateKey.export({ format: "pem", type: "pkcs8" })
        .toString(),
      undefined,
      /rsa 1024 bits/,
    ],
    [
      "Ed448",
      generateKeyPairSync("ed448").privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
      undefined,
      /ed448/,
    ],
    [
      "secp256k1",
      generateKeyPairSync("ec", { namedCurve: "secp256k1" })
        .privateKey.export({ format: "pem", type: "pkcs8" })
        .toString(),
      undefined,
      /secp256k1/,
    ],
  ])("%s", async (_name, text, pass, message) => {
    const error = await refusal(text, pass);
    expect(error.code).toBe("KEY_INVALID");
    expect(error.message).toMatch(message);
    const said = everything(error);
    for (const secret of [passphrase, "wrong-canary", "canary-body", ...body(text)])
      expect(said).not.toContain(secret);
  });
});
