/** An engine's own words on a push that failed, as an error with a code. */
import { AttestError } from "../error.js";
import { redactorFor } from "../provenance/redact.js";

const longestReason = 400;

/**
 * REGISTRY_DENIED where the registry refused the credentials, else REGISTRY_FAILED.
 * @param host the name that the session gave to the registry, where that is a service
 */
export function pushError(
  reason: unknown,
  target: { readonly registry: string; readonly name: string },
  host = "",
): AttestError {
  const got = wordsOf(reason, target.registry, host);
  const isDenied = /\b40[13]\b|unauthorized|forbidden|denied|authorization failed/i.test(got);
  const next = isDenied ? undefined : nextAfter(got);
  return new AttestError(
    isDenied ? "REGISTRY_DENIED" : "REGISTRY_FAILED",
    `the engine could not push to ${target.name}`,
    {
      problems: [{ path: "", expected: "a push", got }],
      ...(next === undefined ? {} : { next }),
      cause: reason,
    },
  );
}

/** An engine trusts whom its own configuration names; what it can't be told, the module's client does. */
function nextAfter(said: string): string | undefined {
  if (/x509|certificate|HTTP request to an HTTPS/i.test(said))
    return "Give the authority that signed the registry's certificate with --ca: the image is pushed without the engine then.";
  return /HTTP response to HTTPS client/i.test(said)
    ? "Say --plain-http: the image is pushed without the engine then."
    : undefined;
}

/** REGISTRY_FAILED: a registry that is a service of the session does not run. */
export function serviceFailed(registry: string, reason: unknown): AttestError {
  return new AttestError("REGISTRY_FAILED", `the service that is given for ${registry} does not run`, {
    problems: [{ path: "", expected: "a service that answers", got: wordsOf(reason, registry) }],
    next: "Check that the service runs by itself: its command, the port that it exposes, and what it prints.",
    cause: reason,
  });
}

/** Names that a session gives to its services for one run, with the port. */
const sessionHost = /[a-z0-9]+(?:\.[a-z0-9]+)*\.dagger\.local(?::\d+)?/gi;

/** How an engine begins where a service does not start, with such a name that nothing follows. */
const notStarted = /\bstart [a-z0-9]+ \(aliased as [^)]*\)/gi;

function wordsOf(reason: unknown, registry: string, host = ""): string {
  const message = reason instanceof Error ? reason.message : String(reason);
  const text = redactorFor([])
    .text(message)
    .replaceAll(sessionHost, registry)
    .replaceAll(notStarted, () => `start ${registry}`);
  return (host === "" ? text : text.replaceAll(host, registry)).slice(0, longestReason);
}
