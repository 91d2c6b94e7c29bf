/** What Node's client says of a connection that broke, and what helps. */
import { AttestError, errorCode } from "../../error.js";
import { expectsTls } from "./expects-tls.js";
import type { HttpRequest } from "./transport.js";

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

/** What connections that break may be tried in all, where more attempts than these help nobody. */
const mostAttempts: Readonly<Record<string, number>> = {
  // The system's resolver asked each of its servers several times already, and waited up to 5 s for every answer.
  EAI_AGAIN: 3,
};

/** Requests in all, of as many as may be sent, until what broke so is given up. */
export function attemptsAfter(error: unknown, attempts: number): number {
  if (!isTransient(error)) return 1;
  return Math.min(attempts, mostAttempts[errorCode(error)] ?? attempts);
}

/** What to do about it, by its code where Node gives one, else by what it says. */
export function nextAfter(cause: unknown, reason: string, request: Asked): string {
  const { url, server } = request;
  const whose = server === undefined ? "the registry's certificate" : `the certificate of ${server}`;
  const giveAuthority = `give the certificate authority (PEM) that signed ${whose}, as in --ca=ca.pem`;
  const code = errorCode(cause);
  const isPlain = url.protocol === "http:";
  if (code === expectsTls && server === undefined)
    return `The registry speaks https: ${giveAuthority}, and no --plain-http.`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || /does not match certificate/i.test(reason))
    return `Use a name that ${whose} is for, or a certificate for this name.`;
  if (/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/.test(code))
    return `Have ${whose} renewed (or its authority's), or set the clock of this machine right.`;
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code) || /certificate/i.test(reason))
    return `If you trust ${server ?? "the registry"}, ${giveAuthority}; a certificate that signed itself is its own authority.`;
  if (/header overflow/i.test(reason))
    return `Ask who runs ${server ?? "the registry"}: the headers of its answer are longer than any client reads.`;
  if (server !== undefined)
    return `The registry answers, and sends its clients there: check that ${server} is running and that this machine reaches it.`;
  if (/EPROTO|ERR_SSL|HPE_/.test(code) || /wrong version number|packet length|Parse Error/i.test(reason)) {
    return isPlain
      ? `Check whether the registry speaks https instead; then ${giveAuthority}, and no --plain-http.`
      : "Check whether the registry speaks plain http instead; then speak plain http to it with --plain-http.";
  }
  if (isPlain && /socket hang up|ECONNRESET/.test(reason))
    return `Check that the registry is running and speaks plain http; where it speaks https, ${giveAuthority}.`;
  return "Check the registry's address and that it is running, then try again.";
}

type Asked = Pick<HttpRequest, "url" | "server">;
