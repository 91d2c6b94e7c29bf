import { bytes, integer, list, object, string, type Shape } from "./shape.js";

/**
 * The Sigstore bundle and the DSSE envelope, field by field.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
 * https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md
 */

/** As many as sigstore-go reads. */
const mostEntries = 32;
const mostCertificates = 16;
const mostHashes = 64;

/** The media types that bundles have had. A dotted `.v0.1` or `.v0.2` never existed. */
export const bundleVersions: ReadonlyMap<string, "0.1" | "0.2" | "0.3"> = new Map([
  ["application/vnd.dev.sigstore.bundle+json;version=0.1", "0.1"],
  ["application/vnd.dev.sigstore.bundle+json;version=0.2", "0.2"],
  ["application/vnd.dev.sigstore.bundle+json;version=0.3", "0.3"],
  ["application/vnd.dev.sigstore.bundle.v0.3+json", "0.3"],
]);

const certificate = object({ rawBytes: bytes }, ["rawBytes"]);

const inclusionProof = object(
  {
    logIndex: integer,
    rootHash: bytes,
    treeSize: integer,
    hashes: list(bytes, mostHashes),
    checkpoint: object({ envelope: string }, ["envelope"]),
  },
  ["rootHash"],
);

const tlogEntry = object(
  {
    logIndex: integer,
    logId: object({ keyId: bytes }, ["keyId"]),
    kindVersion: object({ kind: string, version: string }, ["kind", "version"]),
    integratedTime: integer,
    inclusionPromise: object({ signedEntryTimestamp: bytes }, ["signedEntryTimestamp"]),
    inclusionProof,
    canonicalizedBody: bytes,
  },
  ["logId", "kindVersion", "canonicalizedBody"],
);

const verificationMaterial = object({
  publicKey: object({ hint: string }),
  certificate,
  x509CertificateChain: object({ certificates: list(certificate, mostCertificates) }, ["certificates"]),
  tlogEntries: list(tlogEntry, mostEntries),
  timestampVerificationData: object({
    rfc3161Timestamps: list(object({ signedTimestamp: bytes }, ["signedTimestamp"]), mostEntries),
  }),
});

function envelope(open: boolean): Shape {
  const signature = { ...object({ sig: bytes, keyid: string }, ["sig"]), open };
  // The payload is checked where it is decoded: it may be too large to be held as text.
  return {
    ...object({ payload: string, payloadType: string, signatures: list(signature, mostEntries) }, [
      "payload",
      "payloadType",
      "signatures",
    ]),
    open,
  };
}

const messageSignature = object(
  { messageDigest: object({ algorithm: string, digest: bytes }, ["digest"]), signature: bytes },
  ["signature"],
);

/** A Sigstore bundle. Fields that are not listed are refused, as protobuf's own readers do. */
export const bundleShape: Shape = object(
  { mediaType: string, verificationMaterial, dsseEnvelope: envelope(false), messageSignature },
  ["mediaType", "verificationMaterial"],
);

/** A bare envelope. Fields that are not listed are ignored, as DSSE asks. */
export const envelopeShape: Shape = envelope(true);
