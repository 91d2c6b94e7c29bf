import { X509Certificate, type KeyObject } from "node:crypto";
import type { X509Certificate as SigstoreCertificate } from "@sigstore/core";
import { describeKey, keyAlgorithm } from "../signing/key-algorithm.js";
import type { ReadBundle } from "./bundle/types.js";
import { readNames, usageFaults, type CertificateNames } from "./certificate.js";
import { failed, omitted, passed, type Findings } from "./findings.js";
import type { IdentityMatcher } from "./identity.js";
import { sigstoreCore } from "./libraries.js";
import { rememberResults } from "./remember.js";
import type { CheckedRequest } from "./request.js";
import { checkSignature } from "./signature.js";
import { checkTrust, type Thresholds, type TrustedSignature } from "./trust.js";
import type { VerifiedSigner } from "./types.js";
import { reportWitnesses } from "./witnesses.js";

/** Checks a signature that was made with a certificate, and whom the certificate names. */
export async function checkCertificateSigner(
  bundle: ReadBundle,
  certificate: Buffer,
  request: CheckedRequest,
  findings: Findings,
): Promise<TrustedSignature | undefined> {
  const { identities, trustedRoot, forCertificates } = request;
  if (trustedRoot === undefined || identities?.length === 0) {
    failed(
      findings,
      "signer",
      "SIGNER_KIND",
      "Signed with a certificate.",
      "one of the trusted keys",
      "a certificate",
    );
    return undefined;
  }
  const leaf = await readCertificate(certificate, findings);
  if (leaf === undefined) return undefined;
  const { key } = leaf;
  const checked = await checkSignature(bundle.content, bundle.signature, key, request.file);
  if (!checked.valid) {
    failed(
      findings,
      "signature",
      "SIGNATURE_INVALID",
      "The signature does not fit the content and the certificate.",
      "a signature by the certificate's key",
      "one that does not verify: content, payload type, signature or certificate were altered",
    );
    return undefined;
  }
  passed(findings, "signature", "The signature fits the content and the certificate's key.");
  const outcome = await checkTrust(bundle, leaf, checked, trustedRoot, forCertificates);
  if ("failure" in outcome) {
    findings.failures.push(outcome.failure);
    return undefined;
  }
  const signer = { kind: "certificate" as const, ...leaf.names };
  reportCertificate(leaf, forCertificates, trustedRoot.name, findings);
  reportWitnesses(bundle, outcome.times, findings);
  checkIdentity(signer, identities, findings);
  return { signer, times: outcome.times, checked };
}

type Leaf = {
  readonly key: KeyObject;
  readonly certificate: SigstoreCertificate;
  readonly names: Exclude<CertificateNames, { fault: string }>;
  readonly usageFaults: readonly string[];
};

async function readCertificate(der: Buffer, findings: Findings): Promise<Leaf | undefined> {
  const { X509Certificate: Parsed } = await sigstoreCore();
  try {
    const node = new X509Certificate(der);
    const certificate = rememberResults(Parsed.parse(Buffer.from(der)));
    const key = node.publicKey;
    const names = readNames(certificate);
    if (keyAlgorithm(key) === undefined)
      refuse(findings, "The certificate's key can't be used.", "ECDSA, Ed25519 or RSA", describeKey(key));
    else if ("fault" in names)
      refuse(findings, "The certificate can be read in two ways.", "one name and one issuer", names.fault);
    else return { key, certificate, names, usageFaults: usageFaults(node, certificate) };
  } catch {
    refuse(findings, "The certificate can't be read.", "X.509 in DER", "something else");
  }
  return undefined;
}

function refuse(findings: Findings, message: string, expected: string, got: string): void {
  failed(findings, "certificate", "CERTIFICATE_INVALID", message, expected, got);
}

function reportCertificate(
  { usageFaults: faults }: Leaf,
  { certificateLogs }: Thresholds,
  root: string,
  findings: Findings,
): void {
  if (faults.length === 0)
    passed(
      findings,
      "certificate",
      `The certificate chains to ${root}, was valid when it signed, and is for code signing.`,
    );
  else
    failed(
      findings,
      "certificate",
      "CERTIFICATE_PURPOSE",
      "The certificate is not for code signing.",
      "the extended key usage code signing, and no authority",
      faults.join(", "),
    );
  if (certificateLogs > 0)
    passed(findings, "certificate-transparency", "The issue of the certificate was logged.");
  else omitted(findings, "certificate-transparency", "Not asked for.");
}

function checkIdentity(
  signer: VerifiedSigner & { kind: "certificate" },
  identities: readonly IdentityMatcher[] | undefined,
  findings: Findings,
): void {
  const named = `${signer.identity}, vouched for by ${signer.issuer}`;
  if (identities === undefined) return omitted(findings, "signer", `Any identity was taken; it is ${named}.`);
  const bySubject = identities.filter(({ subject }) => subject(signer.identity));
  if (bySubject.some(({ issuer }) => issuer(signer.issuer)))
    return passed(findings, "signer", `Signed by ${named}.`);
  const expected = identities.map(({ description }) => description).join(" or ");
  if (bySubject.length === 0)
    failed(findings, "signer", "IDENTITY_MISMATCH", "Someone else has signed.", expected, named);
  else failed(findings, "signer", "ISSUER_MISMATCH", "Someone else vouches for the signer.", expected, named);
}
