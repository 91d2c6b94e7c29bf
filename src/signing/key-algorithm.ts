import type { KeyObject } from "node:crypto";

/**
 * The signature algorithms that Sigstore's registry allows and that its clients verify.
 * https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md
 */
export type KeyAlgorithm = {
  readonly name: string;
  /** The digest that is signed; null where the algorithm takes the whole message (Ed25519). */
  readonly hash: "sha256" | null;
  /** The digests that are accepted when a signature is verified. */
  readonly accepted: readonly ("sha256" | "sha384" | "sha512" | null)[];
};

// The registry pairs P-384 with SHA-384, and cosign and @sigstore/verify check a bare key with SHA-256 whatever
// its curve. What is written has to verify there; what is read may follow either.
const curves: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: { name: "ECDSA P-256", hash: "sha256", accepted: ["sha256"] },
  secp384r1: { name: "ECDSA P-384", hash: "sha256", accepted: ["sha384", "sha256"] },
  secp521r1: { name: "ECDSA P-521", hash: "sha256", accepted: ["sha512", "sha256"] },
};

const smallestModulus = 2048;
const largestModulus = 8192;

/** What the key signs with, or undefined where Sigstore clients would refuse it. */
export function keyAlgorithm(key: KeyObject): KeyAlgorithm | undefined {
  const { namedCurve = "", modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ec") return curves[namedCurve];
  if (key.asymmetricKeyType === "ed25519") return { name: "Ed25519", hash: null, accepted: [null] };
  const isRsa = key.asymmetricKeyType === "rsa";
  if (!isRsa || modulusLength < smallestModulus || modulusLength > largestModulus) return undefined;
  return { name: `RSA-${modulusLength}`, hash: "sha256", accepted: ["sha256"] };
}

/** For messages: the kind of a key that is not usable. */
export function describeKey(key: KeyObject): string {
  const details = key.asymmetricKeyDetails;
  const extent =
    details?.namedCurve ?? (details?.modulusLength === undefined ? "" : `${details.modulusLength} bits`);
  return [key.asymmetricKeyType ?? key.type, extent].filter((part) => part !== "").join(" ");
}

export const usableKeys = "ECDSA P-256, P-384 or P-521, Ed25519, or RSA of 2048 to 8192 bits";
