import { createPublicKey, createSign, sign, type KeyObject } from "node:crypto";
import { AttestError } from "../error.js";
import { describeKey, keyAlgorithm, usableKeys } from "./key-algorithm.js";
import { loadPrivateKey } from "./private-key.js";
import type { Signer } from "./signer.js";
import { gather, type ByteSource } from "./source.js";

/**
 * A signer for a private key in PEM. Works without any network.
 *
 * @throws AttestError KEY_INVALID
 */
export async function keySignerFromPem(pem: string, passphrase?: string): Promise<Signer> {
  return keySigner(await loadPrivateKey(pem, passphrase));
}

/** A signer for a key: ECDSA (DER) and RSA (PKCS #1 v1.5) sign the SHA-256. */
export function keySigner(key: KeyObject): Signer {
  const algorithm = keyAlgorithm(key);
  if (algorithm === undefined)
    throw new AttestError("KEY_INVALID", `${usableKeys} expected, got ${describeKey(key)}`);
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const identity = { kind: "public-key", spki } as const;
  return {
    identity,
    sign: async (message) => ({ signature: await signMessage(message, key, algorithm.hash), identity }),
  };
}

async function signMessage(message: ByteSource, key: KeyObject, hash: string | null): Promise<Buffer> {
  // Ed25519 hashes the message twice, so it can't be streamed.
  if (hash === null) return sign(null, await gather(message), key);
  const signing = createSign(hash);
  for await (const chunk of message.chunks()) signing.update(chunk);
  return signing.sign(key);
}
