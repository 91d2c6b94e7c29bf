import type { X509Certificate as NodeCertificate } from "node:crypto";
import type { X509Certificate } from "@sigstore/core";
import { AttestError } from "../error.js";
import type { CertificateIdentity } from "./identity.js";
import { sigstoreCore } from "./libraries.js";

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

const subjectAltName = "2.5.29.17";
const issuerV1 = "1.3.6.1.4.1.57264.1.1";
const issuerV2 = "1.3.6.1.4.1.57264.1.8";

/** The extensions that are looked at, here or by the library: a critical one besides these can't be honoured. */
const understood: ReadonlySet<string> = new Set([
  subjectAltName,
  "2.5.29.14", // subjectKeyIdentifier
  "2.5.29.15", // keyUsage
  "2.5.29.19", // basicConstraints
  "2.5.29.35", // authorityKeyIdentifier
  "2.5.29.37", // extKeyUsage
]);

/** What a certificate may be used for; \@sigstore/verify does not look. */
export function usageFaults(node: NodeCertificate, certificate: X509Certificate): string[] {
  // Node calls the extended key usages keyUsage; undefined where the extension is absent.
  const usages: readonly string[] | undefined = node.keyUsage;
  return [
    ...(usages?.includes(codeSigning) ? [] : ["not for code signing"]),
    ...(certificate.extBasicConstraints?.isCA === true ? ["an authority's own certificate"] : []),
    ...(certificate.extKeyUsage?.digitalSignature === false ? ["not for signatures"] : []),
  ];
}

type Extension = { readonly oid: string; readonly critical: boolean; readonly value: Element };
type Element = X509Certificate["root"];

/** Whom a certificate names, or why it can be read as naming several. */
export type CertificateNames =
  | { readonly fault: string }
  | {
      readonly identity: string;
      readonly issuer: string;
      readonly claims: Readonly<Record<string, string>>;
    };

/**
 * Reads whom a certificate names. The library takes the first of several names and drops the eighth bit of its
 * characters: a certificate that could be read in two ways is refused here.
 */
export function readNames(certificate: X509Certificate): CertificateNames {
  const extensions = certificate.extensions.map(readExtension);
  const oids = extensions.map(({ oid }) => oid);
  const repeated = oids.find((oid, at) => oids.indexOf(oid) !== at);
  if (repeated !== undefined) return { fault: `the extension ${repeated} twice` };
  const ignored = extensions.find(({ oid, critical }) => critical && !understood.has(oid));
  if (ignored !== undefined) return { fault: `a critical extension that is not known (${ignored.oid})` };
  const valueOf = (oid: string): Element | undefined => extensions.find((each) => each.oid === oid)?.value;
  const identity = readIdentity(valueOf(subjectAltName));
  if (typeof identity !== "string") return identity;
  const issuer = readIssuer(valueOf(issuerV1)?.value, valueOf(issuerV2)?.value);
  if (typeof issuer !== "string") return issuer;
  const claims = Object.entries(claimNames).flatMap(([oid, name]) => {
    const text = derText(valueOf(oid)?.value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return { identity, issuer, claims: Object.fromEntries(claims) };
}

function readExtension({ subs }: Element): Extension {
  const [oid, critical] = subs;
  const value = subs.at(-1);
  if (oid === undefined || value === undefined) throw new Error("an extension without a value");
  return { oid: oid.toOID(), critical: subs.length === 3 && critical?.toBoolean() === true, value };
}

const email = 1;
const uri = 6;

/** https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6 */
function readIdentity(extension: Element | undefined): string | { fault: string } {
  if (extension === undefined) return "";
  const names = extension.subs[0]?.subs ?? [];
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) return { fault: `${names.length} names` };
  const isEmail = name.tag.isContextSpecific(email);
  // Other kinds are for machines and people that no identity here can mean.
  if (!isEmail && !name.tag.isContextSpecific(uri)) return "";
  const text = asciiText(name.value);
  if (text === undefined) return { fault: "a name that is not printable ASCII" };
  return isEmail && text.includes("://") ? { fault: "a URI as an e-mail address" } : text;
}

/** Fulcio writes the issuer twice: as bare text, and since 2023 as a DER string. They have to agree. */
function readIssuer(v1: Buffer | undefined, v2: Buffer | undefined): string | { fault: string } {
  const texts = [v1 && asciiText(v1), v2 && asciiText(Buffer.from(derText(v2) ?? "\0"))];
  if ((v1 && texts[0] === undefined) || (v2 && texts[1] === undefined))
    return { fault: "an issuer that is not printable ASCII" };
  const [bare, encoded] = texts;
  if (bare !== undefined && encoded !== undefined && bare !== encoded) return { fault: "two issuers" };
  return encoded ?? bare ?? "";
}

function asciiText(bytes: Buffer): string | undefined {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f) ? bytes.toString("latin1") : undefined;
}

/** The claims are DER UTF8Strings; a length below 128 is one byte, otherwise the first says how many follow. */
function derText(value: Buffer | undefined): string | undefined {
  if (value?.[0] !== 0x0c) return undefined;
  const length = value[1] ?? 0;
  const start = length < 0x80 ? 2 : 2 + (length & 0x7f);
  const stated = length < 0x80 ? length : parseInt(value.subarray(2, start).toString("hex"), 16);
  return value.length - start === stated ? value.subarray(start).toString("utf8") : undefined;
}

/**
 * Whom a certificate names, for the question whether just that identity has signed. Nothing is verified.
 * @throws AttestError BUNDLE_INVALID for a certificate that can be read in two ways
 */
export async function claimedIdentity(der: Buffer): Promise<CertificateIdentity> {
  const { X509Certificate } = await sigstoreCore();
  const names = readNames(X509Certificate.parse(Buffer.from(der)));
  if (!("fault" in names)) return { subject: { exact: names.identity }, issuer: { exact: names.issuer } };
  throw new AttestError("BUNDLE_INVALID", "the certificate can be read in two ways", {
    problems: [{ path: "certificate", expected: "one name and one issuer", got: names.fault }],
  });
}
