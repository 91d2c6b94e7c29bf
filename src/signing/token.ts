import { AttestError } from "../error.js";
import { isObject } from "../statement/json-value.js";
import { callService } from "./service-error.js";

/**
 * Checks that an OpenID Connect token has the form that a certificate authority needs, before anything else
 * sees it: a JSON Web Token with a subject, or with an e-mail address that was verified.
 *
 * @throws AttestError SIGNING_FAILED, without any part of the token
 */
export function assertIdentityToken(token: string): void {
  const [header, payload, signature, ...more] = token.split(".");
  const claims = payload === undefined ? undefined : decodeClaims(payload);
  if (header === undefined || signature === undefined || more.length > 0 || claims === undefined)
    throw refused("a JSON Web Token expected, got something else");
  if (typeof claims["email"] === "string" && claims["email"] !== "") {
    if (claims["email_verified"] !== true)
      throw refused("the issuer did not verify the e-mail address in the token");
  } else if (typeof claims["sub"] !== "string" || claims["sub"] === "") {
    throw refused("the token names no subject");
  }
}

function decodeClaims(payload: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function refused(reason: string): AttestError {
  return new AttestError("SIGNING_FAILED", `the identity token can't be used: ${reason}`, {
    next: "Give an OpenID Connect token for the audience sigstore, as GitHub Actions, GitLab CI and cloud providers issue them.",
  });
}

/**
 * Refuses to send a secret where everybody on the way could read it. Plain HTTP is taken on this machine and
 * for names of a private network: without a dot, or Dagger's own for its services.
 *
 * @param argument what the URL is called in the error
 * @throws AttestError ARGUMENT_INVALID
 */
export function assertSafeForSecrets(url: string, argument: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isPrivate = /^(localhost|127\.[0-9.]+|\[::1\]|[^.]+|.+\.dagger\.local)$/.test(parsed?.hostname ?? "");
  if (parsed?.protocol === "https:" || (parsed?.protocol === "http:" && isPrivate)) return;
  throw new AttestError("ARGUMENT_INVALID", "a token is sent there", {
    problems: [
      {
        path: argument,
        expected: "an https URL",
        got: parsed === undefined ? "no URL" : `${parsed.protocol}//`,
      },
    ],
    next: "Give the service's https address.",
  });
}

/** What GitHub Actions puts into a job's environment when it has the permission id-token: write. */
export type GitHubTokenRequest = {
  /** ACTIONS_ID_TOKEN_REQUEST_URL */
  readonly url: string;
  /** ACTIONS_ID_TOKEN_REQUEST_TOKEN */
  readonly bearer: string;
  /** `sigstore` unless the certificate authority asks for another. */
  readonly audience?: string;
};

const timeoutMilliseconds = 30_000;

/**
 * Asks GitHub Actions for an identity token.
 * https://docs.github.com/en/actions/reference/security/oidc
 *
 * @throws AttestError SIGNING_FAILED, without the bearer token
 */
export function requestGitHubToken({
  url,
  bearer,
  audience = "sigstore",
}: GitHubTokenRequest): Promise<string> {
  return callService({ name: "GitHub's token service", url }, [bearer], async () => {
    const address = new URL(url);
    address.searchParams.set("audience", audience);
    const response = await fetch(address, {
      headers: { authorization: `Bearer ${bearer}`, accept: "application/json" },
      // Whoever answers with a redirect is not asked to be trusted with the bearer token.
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const answer: unknown = await response.json();
    const token = isObject(answer) ? answer["value"] : undefined;
    if (typeof token !== "string") throw new Error("the answer holds no token");
    return token;
  });
}
