import type { X509Certificate } from "@sigstore/core";

/**
 * Makes a parsed certificate remember what it computed: its DER, and which certificates verified it. Both
 * never change, and \@sigstore/verify asks for them again and again: an authority's chain was two thirds of the
 * time that a verification took.
 *
 * @returns the same certificate
 */
export function rememberResults(certificate: X509Certificate): X509Certificate {
  const { root } = certificate;
  const toDER = root.toDER.bind(root);
  let der: ReturnType<typeof toDER> | undefined;
  root.toDER = () => (der ??= toDER());

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
  return certificate;
}
