import { AttestError } from "../error.js";

/** A service that signing needs, and where it is. */
export type Service = { readonly name: string; readonly url: string };

/**
 * Runs a call to a service; what it throws becomes SIGNING_FAILED. Libraries and servers put into their
 * messages whatever they like, so the secrets are taken out of all of it and the original is not kept as cause.
 */
export async function callService<T>(
  service: Service,
  secrets: readonly string[],
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new AttestError(
      "SIGNING_FAILED",
      `${service.name} did not do its part: ${redact(reasons(error), secrets)}`,
      {
        next: `Check that ${redactUrl(service.url)} is reachable and takes this request; nothing was signed.`,
      },
    );
  }
}

function reasons(error: unknown): string {
  const messages: string[] = [];
  for (let at: unknown = error; at instanceof Error && messages.length < 5; at = at.cause)
    messages.push(at.message);
  return messages.length === 0 ? "an unknown error" : [...new Set(messages)].join(": ");
}

const shortestPart = 8;

/** Takes out the secrets, and the parts of a token between its dots. */
export function redact(text: string, secrets: readonly string[]): string {
  const parts = secrets
    .flatMap((secret) => [secret, ...secret.split(".")])
    .filter((part) => part.length >= shortestPart);
  return parts.reduce((redacted, part) => redacted.replaceAll(part, "(redacted)"), text);
}

/** Without user name, password and query. */
function redactUrl(url: string): string {
  try {
    const { origin, pathname } = new URL(url);
    return origin + pathname;
  } catch {
    return "its URL";
  }
}
