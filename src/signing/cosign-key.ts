import { scrypt } from "node:crypto";
import { AttestError } from "../error.js";

/**
 * cosign's own encrypted private key file: PEM around JSON, the key derived with scrypt and the PKCS #8 DER
 * sealed with NaCl secretbox.
 * https://github.com/secure-systems-lab/go-securesystemslib/blob/v0.11.0/encrypted/encrypted.go
 */
const header =
  /-----BEGIN ENCRYPTED (SIGSTORE|COSIGN) PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END ENCRYPTED \1 PRIVATE KEY-----/;

/** The scrypt costs that cosign itself accepts: anything else is a way to make the reader burn memory. */
const acceptedCosts: readonly unknown[] = [32768, 65536, 131072];

type Sealed = { n: number; salt: Buffer; nonce: Buffer; ciphertext: Buffer };

/** Whether the text is a cosign key, in the present (`SIGSTORE`) or the former (`COSIGN`) header. */
export function isCosignKey(pem: string): boolean {
  return /-----BEGIN ENCRYPTED (SIGSTORE|COSIGN) PRIVATE KEY-----/.test(pem);
}

/**
 * Opens a cosign key.
 *
 * @returns the private key as PKCS #8 DER
 * @throws AttestError KEY_INVALID when the file is malformed or the passphrase is wrong
 */
export async function openCosignKey(pem: string, passphrase: string): Promise<Buffer> {
  const sealed = parseSealed(pem);
  const { xsalsa20poly1305 } = await import("@noble/ciphers/salsa.js");
  const key = await deriveKey(passphrase, sealed);
  try {
    return Buffer.from(xsalsa20poly1305(key, sealed.nonce).decrypt(sealed.ciphertext));
  } catch {
    throw new AttestError("KEY_INVALID", "the cosign key can't be decrypted", {
      next: "Check the passphrase (the value of COSIGN_PASSWORD when the key was made; mind a line break at its end).",
    });
  }
}

function deriveKey(passphrase: string, { n, salt }: Sealed): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Node's default memory limit is below what these costs need: 128 * N * r bytes, and some on top.
    scrypt(passphrase, salt, 32, { N: n, r: 8, p: 1, maxmem: 256 * n * 8 }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function parseSealed(pem: string): Sealed {
  const body = header.exec(pem)?.[2];
  if (body === undefined) throw malformed("a complete PEM block");
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body, "base64").toString("utf8"));
  } catch {
    throw malformed("base64 of a JSON object between the PEM lines");
  }
  const kdf = member(value, "kdf");
  const cipher = member(value, "cipher");
  const cost = member(kdf, "params");
  if (member(kdf, "name") !== "scrypt") throw malformed("kdf.name scrypt");
  if (member(cipher, "name") !== "nacl/secretbox") throw malformed("cipher.name nacl/secretbox");
  const n = member(cost, "N");
  if (
    typeof n !== "number" ||
    !acceptedCosts.includes(n) ||
    member(cost, "r") !== 8 ||
    member(cost, "p") !== 1
  )
    throw malformed("kdf.params with N 32768, 65536 or 131072, r 8 and p 1");
  return {
    n,
    salt: bytes(member(kdf, "salt"), "kdf.salt", 1),
    nonce: bytes(member(cipher, "nonce"), "cipher.nonce", 24, 24),
    ciphertext: bytes(member(value, "ciphertext"), "ciphertext", 17),
  };
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function bytes(value: unknown, path: string, least: number, most = 65536): Buffer {
  const decoded = typeof value === "string" ? Buffer.from(value, "base64") : Buffer.alloc(0);
  if (decoded.length < least || decoded.length > most) throw malformed(`${path} as base64`);
  return decoded;
}

function malformed(expected: string): AttestError {
  return new AttestError("KEY_INVALID", `the cosign key is malformed: ${expected} expected`, {
    next: "Give the file that cosign generate-key-pair wrote, unchanged.",
  });
}
