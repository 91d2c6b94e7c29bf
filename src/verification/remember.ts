import type { X509Certificate } from "@sigstore/core";

type Element = X509Certificate["root"];

/**
 * Makes a parsed certificate remember what it computed: its encoding, and which certificates verified it. Both
 * never change, and \@sigstore/verify asks for them again and again, for every bundle and every time of signing.
 * The parts that signatures cover are the bytes that were parsed, as X.509 has it, and not encoded anew.
 *
 * @returns the same certificate
 */
export function rememberResults(certificate: X509Certificate): X509Certificate {
  const { root, tbsCertificate } = certificate;
  keepEncoding(tbsCertificate, () => firstWithin(root, tbsCertificate));
  // The public key is the one part that is asked for by itself.
  for (const element of tbsCertificate.subs) keepEncoding(element);
  keepEncoding(root);
  keepOutcomes(certificate);
  return certificate;
}

function keepEncoding(element: Element, encode = element.toDER.bind(element)): void {
  let der: ReturnType<Element["toDER"]> | undefined;
  element.toDER = () => (der ??= encode());
}

/** The bytes of the first element inside another one, header and all: both are views of one buffer. */
function firstWithin(outer: Element, first: Element): Element["value"] {
  const end = first.value.byteOffset - outer.value.byteOffset + first.value.length;
  return outer.value.subarray(0, end);
}

function keepOutcomes(certificate: X509Certificate): void {
  const verify = certificate.verify.bind(certificate);
  // Weak: a bundle's certificate may be tried as issuer too, and must not be kept for it.
  const outcomes = new WeakMap<X509Certificate, boolean>();
  certificate.verify = (issuer = certificate) => {
    const known = outcomes.get(issuer);
    if (known !== undefined) return known;
    const outcome = verify(issuer);
    outcomes.set(issuer, outcome);
    return outcome;
  };
}
