/** What Node's client says of a connection that broke, and what helps. */
import { AttestError, errorCode } from "../../error.js";
import { expectsTls } from "./expects-tls.js";

const permanentErrors: readonly string[] = ["ENOTFOUND", "ECONNREFUSED", "ERR_INVALID_URL", "EPROTO"];

/** A wrong name, a closed port, the wrong protocol or an untrusted certificate does not become right by waiting. */
export function isTransient(error: unknown): boolean {
  if (error instanceof AttestError)
    return error.code === "REGISTRY_FAILED" && (error.cause === undefined || isTransient(error.cause));
  const code = errorCode(error);
  return !permanentErrors.includes(code) && !/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO|HPE_/.test(code);
}

/** For people, on one line. */
export function whatBroke(cause: unknown): string {
  if (!(cause instanceof Error)) return "an unknown failure";
  // Node names the addresses that it tried only in the parts of an AggregateError.
  if (cause.message === "" && cause instanceof AggregateError) return cause.errors.map(String).join(", ");
  // Advice to whoever starts Node helps nobody here.
  return cause.message.replace(/; if the root CA is installed locally.*$/, "");
}

const giveAuthority =
  "give the certificate authority (PEM) that signed the registry's certificate, as in --ca=ca.pem";

const speaksPlain = "speak plain http to it with --plain-http";

/** What to do about it, by its code where Node gives one, else by what it says. */
export function nextAfter(cause: unknown, reason: string, url: URL): string {
  const code = errorCode(cause);
  const isPlain = url.protocol === "http:";
  if (code === expectsTls) return `The registry speaks https: ${giveAuthority}, and no --plain-http.`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || /does not match certificate/i.test(reason))
    return "Use a name that the registry's certificate is for, or a certificate for this name.";
  if (/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/.test(code))
    return "Have the registry's certificate renewed (or its authority's), or set the clock of this machine right.";
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code) || /certificate/i.test(reason))
    return `If you trust the registry, ${giveAuthority}; a certificate that signed itself is its own authority.`;
  if (/header overflow/i.test(reason))
    return "Ask who runs the registry: the headers of its answer are longer than any client reads.";
  if (/EPROTO|ERR_SSL|HPE_/.test(code) || /wrong version number|packet length|Parse Error/i.test(reason)) {
    return isPlain
      ? `Check whether the registry speaks https instead; then ${giveAuthority}, and no --plain-http.`
      : `Check whether the registry speaks plain http instead; then ${speaksPlain}.`;
  }
  if (isPlain && /socket hang up|ECONNRESET/.test(reason))
    return `Check that the registry is running and speaks plain http; where it speaks https, ${giveAuthority}.`;
  return "Check the registry's address and that it is running, then try again.";
}
