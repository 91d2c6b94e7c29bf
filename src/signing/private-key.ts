import { createPrivateKey, type KeyObject } from "node:crypto";
import { AttestError } from "../error.js";
import { isCosignKey, openCosignKey } from "./cosign-key.js";
import { describeKey, keyAlgorithm, usableKeys } from "./key-algorithm.js";

/**
 * Reads a private signing key from PEM: PKCS #8 (plain or encrypted), SEC1 (`EC PRIVATE KEY`), PKCS #1
 * (`RSA PRIVATE KEY`), or cosign's encrypted key file in either header.
 *
 * Neither the key nor the passphrase is part of any error.
 *
 * @param passphrase needed exactly when the key is encrypted; may be empty for a cosign key
 * @throws AttestError KEY_INVALID
 */
export async function loadPrivateKey(pem: string, passphrase?: string): Promise<KeyObject> {
  const key = isCosignKey(pem) ? await loadCosignKey(pem, passphrase) : loadPem(pem, passphrase);
  if (keyAlgorithm(key) === undefined)
    throw new AttestError("KEY_INVALID", `${usableKeys} expected, got ${describeKey(key)}`, {
      next: "Use a key that Sigstore clients verify.",
    });
  return key;
}

async function loadCosignKey(pem: string, passphrase: string | undefined): Promise<KeyObject> {
  if (passphrase === undefined) throw passphraseMissing();
  const der = await openCosignKey(pem, passphrase);
  try {
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } catch (cause) {
    throw new AttestError("KEY_INVALID", "the cosign key holds no PKCS #8 private key", { cause });
  } finally {
    der.fill(0);
  }
}

function loadPem(pem: string, passphrase: string | undefined): KeyObject {
  if (!/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(pem))
    throw new AttestError("KEY_INVALID", `a private key in PEM expected, got ${describeText(pem)}`, {
      next: "Give a PKCS #8, SEC1 or PKCS #1 private key, or the cosign.key that cosign generate-key-pair wrote.",
    });
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch (cause) {
    throw unreadable(pem, passphrase, cause);
  }
}

function unreadable(pem: string, passphrase: string | undefined, cause: unknown): AttestError {
  const encrypted = /-----BEGIN ENCRYPTED |Proc-Type: 4,ENCRYPTED/.test(pem);
  if (!encrypted)
    return new AttestError("KEY_INVALID", "the private key can't be read: malformed, or of an unknown kind", {
      cause,
    });
  if (passphrase === undefined) return passphraseMissing();
  const lineBreak = /[\r\n]$/.test(passphrase)
    ? " The passphrase ends in a line break: it may be one too many."
    : "";
  return new AttestError("KEY_INVALID", "the private key can't be decrypted", {
    next: `Check the passphrase.${lineBreak}`,
    cause,
  });
}

function passphraseMissing(): AttestError {
  return new AttestError("KEY_INVALID", "the private key is encrypted and no passphrase was given", {
    next: "Give the passphrase as a secret.",
  });
}

/** Says what a text is without showing any of it: it may be a secret that was put in the wrong place. */
function describeText(text: string): string {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
  if (label !== undefined) return `PEM of another kind (${label})`;
  return text.trim() === "" ? "nothing" : "something that is not PEM";
}
