import { createHash } from "node:crypto";
import { encodeBase64 } from "./base64.js";
import type { SignerIdentity } from "./signer.js";
import type { SignedEnvelope, Testimony } from "./witness.js";

/**
 * The Sigstore bundle, version 0.3, around a DSSE envelope.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
 */
export const bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** The hint by which a bundle names a bare public key: base64 of the SHA-256 of its SubjectPublicKeyInfo. */
export function publicKeyHint(spki: Uint8Array): string {
  return createHash("sha256").update(spki).digest("base64");
}

/**
 * The bundle as pieces of text, in the order of the protobuf definition and without white space. The payload
 * is encoded as it is read, so a large statement is never held.
 *
 * The signature carries no `keyid`: Go's verifiers skip a signature whose keyid they can't map to a key.
 */
export async function* bundleText(
  signed: SignedEnvelope,
  testimonies: readonly Testimony[],
): AsyncGenerator<string> {
  const material = await verificationMaterial(signed.identity, testimonies);
  yield `{"mediaType":${JSON.stringify(bundleMediaType)},"verificationMaterial":${JSON.stringify(material)},`;
  yield `"dsseEnvelope":{"payload":"`;
  yield* encodeBase64(signed.payload.chunks());
  const signatures = [{ sig: signed.signature.toString("base64") }];
  yield `","payloadType":${JSON.stringify(signed.payloadType)},"signatures":${JSON.stringify(signatures)}}}`;
}

async function verificationMaterial(
  identity: SignerIdentity,
  testimonies: readonly Testimony[],
): Promise<object> {
  const tlogEntries = testimonies.flatMap((testimony) => testimony.tlogEntries ?? []);
  const timestamps = testimonies.flatMap((testimony) => testimony.timestamps ?? []);
  return {
    ...identityMaterial(identity),
    ...(tlogEntries.length === 0 ? {} : { tlogEntries: await serializeEntries(tlogEntries) }),
    ...(timestamps.length === 0
      ? {}
      : {
          timestampVerificationData: {
            rfc3161Timestamps: timestamps.map((der) => ({ signedTimestamp: der.toString("base64") })),
          },
        }),
  };
}

function identityMaterial(identity: SignerIdentity): object {
  switch (identity.kind) {
    case "public-key":
      return { publicKey: { hint: publicKeyHint(identity.spki) } };
    case "certificate":
      return { certificate: { rawBytes: identity.certificate.toString("base64") } };
  }
}

async function serializeEntries(entries: NonNullable<Testimony["tlogEntries"]>): Promise<unknown[]> {
  const { TransparencyLogEntry } = await import("@sigstore/protobuf-specs");
  return entries.map((entry) => TransparencyLogEntry.toJSON(entry));
}
