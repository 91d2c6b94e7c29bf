import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { bundleText } from "../../src/signing/bundle.js";
import { preAuthEncoding, statementPayloadType } from "../../src/signing/dsse.js";
import { keySigner } from "../../src/signing/key-signer.js";
import { signStatement } from "../../src/signing/sign.js";
import { bytesSource } from "../../src/signing/source.js";
import { loadPublicKey, type PublicKey } from "../../src/verification/public-key.js";
import type { BundleInput, VerificationRequest } from "../../src/verification/request.js";
import type { Artifact } from "../../src/verification/types.js";

/** The artifact that everything here is about. */
export const artifactBytes = Buffer.from("hello\n");
export const sha256 = createHash("sha256").update(artifactBytes).digest("hex");
export const artifact: Artifact = { name: "hello.txt", digests: { sha256 } };
export const predicateType = "https://example.com/review/v1";
export const now = new Date("2026-11-24T00:00:00Z");

export type KeyPair = {
  readonly privateKey: KeyObject;
  readonly trusted: PublicKey;
  readonly publicPem: string;
};

export type KeyKind = "P-256" | "P-384" | "P-521" | "Ed25519" | "RSA-2048" | "RSA-3072";
export const keyKinds: readonly KeyKind[] = ["P-256", "P-384", "P-521", "Ed25519", "RSA-2048", "RSA-3072"];

export function makeKey(kind: KeyKind = "P-256"): KeyPair {
  const { privateKey, publicKey } = generate(kind);
  const publicPem = publicKey.export({ format: "pem", type: "spki" }).toString();
  return { privateKey, publicPem, trusted: loadPublicKey(publicPem) };
}

function generate(kind: KeyKind) {
  switch (kind) {
    case "Ed25519":
      return generateKeyPairSync("ed25519");
    case "RSA-2048":
    case "RSA-3072":
      return generateKeyPairSync("rsa", { modulusLength: Number(kind.slice(4)) });
    case "P-256":
    case "P-384":
    case "P-521":
      return generateKeyPairSync("ec", { namedCurve: kind });
  }
}

export function statement(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "hello.txt", digest: { sha256 } }],
    predicateType,
    predicate: { verdict: "good" },
    ...changes,
  };
}

/** Signs any bytes as the payload of a bundle, as an attacker with a valid key would. */
export async function signBytes(
  payload: string | Uint8Array,
  key: KeyPair,
  payloadType = statementPayloadType,
): Promise<Buffer> {
  const source = bytesSource(Buffer.from(payload));
  const signature = await keySigner(key.privateKey).sign(preAuthEncoding(payloadType, source));
  const pieces: string[] = [];
  for await (const piece of bundleText({ ...signature, payloadType, payload: source }, []))
    pieces.push(piece);
  return Buffer.from(pieces.join(""));
}

export function signValue(value: unknown, key: KeyPair): Promise<Buffer> {
  return signStatement(Buffer.from(JSON.stringify(value)), { signer: keySigner(key.privateKey) });
}

export function input(bundle: Uint8Array | string, name = "bundle"): BundleInput {
  return { name, source: bytesSource(Buffer.from(bundle)) };
}

export function request(key: KeyPair, changes: Partial<VerificationRequest> = {}): VerificationRequest {
  return { artifact, signers: { keys: [key.trusted] }, now, ...changes };
}
