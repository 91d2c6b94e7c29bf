import type { X509Certificate } from "node:crypto";
import type { Signer } from "@sigstore/verify";
import type { CertificateIdentity } from "./identity.js";
import type { VerifiedSigner } from "./types.js";

/** The extended key usage for code signing. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12 */
const codeSigning = "1.3.6.1.5.5.7.3.3";

/** What Fulcio writes into a certificate. https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const claimNames: Readonly<Record<string, string>> = {
  "1.3.6.1.4.1.57264.1.9": "buildSignerURI",
  "1.3.6.1.4.1.57264.1.10": "buildSignerDigest",
  "1.3.6.1.4.1.57264.1.11": "runnerEnvironment",
  "1.3.6.1.4.1.57264.1.12": "sourceRepositoryURI",
  "1.3.6.1.4.1.57264.1.13": "sourceRepositoryDigest",
  "1.3.6.1.4.1.57264.1.14": "sourceRepositoryRef",
  "1.3.6.1.4.1.57264.1.15": "sourceRepositoryIdentifier",
  "1.3.6.1.4.1.57264.1.16": "sourceRepositoryOwnerURI",
  "1.3.6.1.4.1.57264.1.17": "sourceRepositoryOwnerIdentifier",
  "1.3.6.1.4.1.57264.1.18": "buildConfigURI",
  "1.3.6.1.4.1.57264.1.19": "buildConfigDigest",
  "1.3.6.1.4.1.57264.1.20": "buildTrigger",
  "1.3.6.1.4.1.57264.1.21": "runInvocationURI",
  "1.3.6.1.4.1.57264.1.22": "sourceRepositoryVisibilityAtSigning",
};

/** Whether the certificate was issued for signing code; @sigstore/verify does not look. */
export function isForCodeSigning(certificate: X509Certificate): boolean {
  // Node calls the extended key usages keyUsage; undefined where the extension is absent.
  const usages: readonly string[] | undefined = certificate.keyUsage;
  return usages?.includes(codeSigning) ?? false;
}

const issuerOid = "1.3.6.1.4.1.57264.1.8";
const formerIssuerOid = "1.3.6.1.4.1.57264.1.1";

/** Whom a certificate names, for the question whether just that identity has signed. Nothing is verified. */
export async function claimedIdentity(der: Buffer): Promise<CertificateIdentity> {
  const { X509Certificate } = await import("@sigstore/core");
  const certificate = X509Certificate.parse(Buffer.from(der));
  // The former extension holds the text itself, the present one a UTF8String around it.
  const issuer =
    certificate.extension(issuerOid)?.valueObj.subs[0]?.value ??
    certificate.extension(formerIssuerOid)?.value;
  return {
    subject: { exact: certificate.subjectAltName ?? "" },
    issuer: { exact: issuer?.toString("utf8") ?? "" },
  };
}

/** Who a verified certificate names. */
export function certificateSigner(signer: Signer): VerifiedSigner & { kind: "certificate" } {
  const claims: Record<string, string> = {};
  for (const { oid, value } of signer.identity?.oids ?? []) {
    const name = claimNames[oid?.id.join(".") ?? ""];
    const text = derText(value);
    if (name !== undefined && text !== undefined) claims[name] = text;
  }
  return {
    kind: "certificate",
    identity: signer.identity?.subjectAlternativeName ?? "",
    issuer: signer.identity?.extensions?.issuer ?? "",
    claims,
  };
}

/** The claims are DER UTF8Strings; a length below 128 is one byte, otherwise the first says how many follow. */
function derText(value: Buffer): string | undefined {
  if (value[0] !== 0x0c) return undefined;
  const length = value[1] ?? 0;
  const start = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return value.subarray(start).toString("utf8");
}
