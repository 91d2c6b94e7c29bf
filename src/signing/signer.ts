import type { ByteSource } from "./source.js";

/** What a verifier needs to check a signature: a bare public key, or a certificate that holds one. */
export type SignerIdentity =
  /** `spki`: SubjectPublicKeyInfo, DER. */
  | { readonly kind: "public-key"; readonly spki: Buffer }
  /** `certificate`: X.509, DER; the leaf only, as Sigstore bundles v0.3 want it. */
  | { readonly kind: "certificate"; readonly certificate: Buffer };

export type Signature = {
  /** ECDSA: ASN.1 DER. RSA: PKCS #1 v1.5. Ed25519: the 64 bytes. */
  readonly signature: Buffer;
  readonly identity: SignerIdentity;
};

/** The thing that signs: a key, a key behind a certificate authority, a key management service. */
export type Signer = {
  /** What verifies its signatures, where that is known before there is one: of a bare key. */
  readonly identity?: SignerIdentity;
  /** Signs the message. May read it more than once. */
  sign(message: ByteSource): Promise<Signature>;
};
