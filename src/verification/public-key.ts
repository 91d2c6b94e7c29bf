import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { AttestError } from "../error.js";
import { describeKey, keyAlgorithm, usableKeys } from "../signing/key-algorithm.js";
import { publicKeyHint } from "../signing/bundle.js";

/** A public key that the caller trusts. */
export type PublicKey = {
  readonly key: KeyObject;
  /** base64 of the SHA-256 of the SubjectPublicKeyInfo: how bundles name this key. */
  readonly hint: string;
  /** All names under which a bundle may mean this key; a bundle that names another is refused. */
  readonly names: ReadonlySet<string>;
};

/**
 * Reads a public key from PEM: SubjectPublicKeyInfo (`PUBLIC KEY`) or PKCS #1 (`RSA PUBLIC KEY`).
 *
 * @param names further names by which bundles call the key, where the signer chose its own `hint`
 * @throws AttestError KEY_INVALID
 */
export function loadPublicKey(pem: string, names: readonly string[] = []): PublicKey {
  return publicKeyOf(parse(pem), names);
}

/** The public key of one's own signatures. @param spki SubjectPublicKeyInfo, DER. @throws AttestError KEY_INVALID */
export function publicKeyFromSpki(spki: Buffer): PublicKey {
  return publicKeyOf(createPublicKey({ key: spki, format: "der", type: "spki" }), []);
}

function publicKeyOf(key: KeyObject, names: readonly string[]): PublicKey {
  if (keyAlgorithm(key) === undefined)
    throw new AttestError("KEY_INVALID", `${usableKeys} expected, got ${describeKey(key)}`);
  const spki = key.export({ format: "der", type: "spki" });
  const hint = publicKeyHint(spki);
  return { key, hint, names: new Set([...knownNames(spki, hint), ...names]) };
}

/** Sigstore's clients write the hint in base64; npm's registry, for one, as `SHA256:` without padding. */
function knownNames(spki: Buffer, hint: string): string[] {
  return [hint, `SHA256:${hint.replace(/=+$/, "")}`, createHash("sha256").update(spki).digest("hex")];
}

function parse(pem: string): KeyObject {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(pem)?.[1];
  // createPublicKey would take a private key or a certificate too: the one is a secret in the wrong
  // place, the other says who signed only if its chain and its time are checked.
  if (label !== "PUBLIC KEY" && label !== "RSA PUBLIC KEY")
    throw new AttestError(
      "KEY_INVALID",
      `a public key in PEM expected, got ${label ?? "something that is not PEM"}`,
      {
        next:
          label === "CERTIFICATE"
            ? "To trust a certificate, give its identity and issuer, and a trusted root."
            : "Give the PEM that begins with -----BEGIN PUBLIC KEY-----.",
      },
    );
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new AttestError("KEY_INVALID", "the public key can't be read: malformed, or of an unknown kind", {
      cause,
    });
  }
}
