import { createPublicKey, X509Certificate } from "node:crypto";
import type { TransparencyLogEntry } from "@sigstore/bundle";
import { preAuthEncoding } from "./dsse.js";
import { keyAlgorithm } from "./key-algorithm.js";
import { callService } from "./service-error.js";
import type { SignerIdentity } from "./signer.js";
import { gather, sha256Of } from "./source.js";
import type { SignedEnvelope, Witness } from "./witness.js";

export type RekorOptions = {
  /** Base URL of the log. */
  readonly url: string;
  /** Major version of its interface. */
  readonly version: 1 | 2;
  /** Per request; 30 000 unless given: version 2 answers only once the entry is in the log. */
  readonly timeoutMilliseconds?: number;
};

/** Public logs refuse requests of some megabytes; above this an entry holds the digest of the envelope alone. */
const largestLoggedPayload = 1024 * 1024;

/**
 * A transparency log (Rekor): it publishes that the signature exists. A statement up to 1 MiB becomes an entry
 * of kind `dsse` in version 1; a larger one, and all in version 2, one of kind `hashedrekord` that holds the
 * digest of what was signed.
 * https://github.com/sigstore/rekor-tiles/blob/main/CLIENTS.md
 *
 * @throws AttestError SIGNING_FAILED when it does not answer
 */
export function rekorWitness({ url, version, timeoutMilliseconds = 30_000 }: RekorOptions): Witness {
  const log = version === 1 ? logInVersion1 : logInVersion2;
  return {
    ...(version === 1 ? {} : { provesOnly: true }),
    testify: (signed) =>
      callService({ name: "the transparency log", url }, [], async () => ({
        tlogEntries: [await log(url, signed, timeoutMilliseconds)],
      })),
  };
}

async function logInVersion1(
  url: string,
  signed: SignedEnvelope,
  timeout: number,
): Promise<TransparencyLogEntry> {
  const { RekorWitness } = await import("@sigstore/sign");
  const witness = new RekorWitness({
    rekorBaseURL: url,
    majorApiVersion: 1,
    entryType: "dsse",
    timeout,
    retry: 2,
  });
  const content =
    signed.payload.size > largestLoggedPayload ? await digestContent(signed) : await envelopeContent(signed);
  const { tlogEntries = [] } = await witness.testify(content, toPem(signed.identity));
  const [entry] = tlogEntries;
  if (entry === undefined) throw new Error("the answer holds no entry");
  return entry;
}

async function envelopeContent({ payload, payloadType, signature }: SignedEnvelope) {
  const dsseEnvelope = {
    payload: await gather(payload),
    payloadType,
    signatures: [{ sig: signature, keyid: "" }],
  };
  return { $case: "dsseEnvelope" as const, dsseEnvelope };
}

async function digestContent({ payload, payloadType, signature }: SignedEnvelope) {
  const { HashAlgorithm } = await import("@sigstore/protobuf-specs");
  const digest = await sha256Of(preAuthEncoding(payloadType, payload));
  const messageDigest = { algorithm: HashAlgorithm.SHA2_256, digest };
  return { $case: "messageSignature" as const, messageSignature: { messageDigest, signature } };
}

/**
 * Version 2 is asked directly: \@sigstore/sign 5.1 proposes entries of kind `dsse`, which the log refuses, and
 * knows no other signers than certificates for P-256.
 */
async function logInVersion2(
  url: string,
  signed: SignedEnvelope,
  timeout: number,
): Promise<TransparencyLogEntry> {
  const { TransparencyLogEntry: Entry } = await import("@sigstore/protobuf-specs");
  const digest = await sha256Of(preAuthEncoding(signed.payloadType, signed.payload));
  const response = await fetch(new URL("api/v2/log/entries", url.endsWith("/") ? url : `${url}/`), {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({
      hashedRekordRequestV002: {
        digest: digest.toString("base64"),
        signature: { content: signed.signature.toString("base64"), verifier: verifierOf(signed.identity) },
      },
    }),
    signal: AbortSignal.timeout(timeout),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const { logId, kindVersion, ...entry } = Entry.fromJSON(await response.json());
  if (logId === undefined || kindVersion === undefined) throw new Error("the answer holds no entry");
  return { ...entry, logId, kindVersion };
}

function verifierOf(identity: SignerIdentity): object {
  const keyDetails = keyDetailsOf(identity);
  switch (identity.kind) {
    case "certificate":
      return { x509Certificate: { rawBytes: identity.certificate.toString("base64") }, keyDetails };
    case "public-key":
      return { publicKey: { rawBytes: identity.spki.toString("base64") }, keyDetails };
  }
}

/** What version 2 takes, of what is signed here: it hashes P-384 otherwise, and no Ed25519 signature of a message. */
const keyDetails: Readonly<Record<string, string>> = {
  "ECDSA P-256": "PKIX_ECDSA_P256_SHA_256",
  "RSA-2048": "PKIX_RSA_PKCS1V15_2048_SHA256",
  "RSA-3072": "PKIX_RSA_PKCS1V15_3072_SHA256",
  "RSA-4096": "PKIX_RSA_PKCS1V15_4096_SHA256",
};

function keyDetailsOf(identity: SignerIdentity): string {
  const key =
    identity.kind === "certificate"
      ? new X509Certificate(identity.certificate).publicKey
      : createPublicKey({ key: identity.spki, format: "der", type: "spki" });
  const name = keyAlgorithm(key)?.name ?? "";
  const details = keyDetails[name];
  if (details === undefined) throw new Error(`version 2 of the log takes no ${name} signature`);
  return details;
}

function toPem(identity: SignerIdentity): string {
  return identity.kind === "certificate"
    ? new X509Certificate(identity.certificate).toString()
    : createPublicKey({ key: identity.spki, format: "der", type: "spki" })
        .export({ format: "pem", type: "spki" })
        .toString();
}
