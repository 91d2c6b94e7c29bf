/**
 * Proves to a registry who asks: not at all, by password, or by a token from the server that it names.
 * https://distribution.github.io/distribution/spec/auth/token/
 */
import { AttestError } from "../../error.js";
import type { ByteSource } from "../../signing/source.js";
import { bytesSource } from "../../signing/source.js";
import type { OciLimits } from "../limits.js";
import { invalidAnswer, jsonAnswer, readBody } from "./answer.js";
import { readChallenges, type Challenge } from "./challenge.js";
import type { Credentials } from "./credentials.js";
import { isLoopback } from "./endpoint.js";
import { refusedAnswer } from "./refused.js";
import type { Redactor } from "./secrets.js";
import type { HttpRequest, HttpTransport } from "./transport.js";

/** What may be done, as in `repository:app:pull,push`; several are separated by a space. */
export type Scope = string;

export type Authorization = {
  /** The header to send for a scope, as far as it is known already. */
  header(scope: Scope): string | undefined;
  /**
   * Answers a 401: the header with what the registry asks for; undefined when there is nothing (more) to offer.
   * @param sent the header that was refused
   * @param isOwn it is for this request alone: what others got was refused too, as where a token is good only once
   */
  respond(
    challenge: string,
    scope: Scope,
    sent: string | undefined,
    isOwn: boolean,
  ): Promise<string | undefined>;
};

export function createAuthorization(
  registry: URL,
  credentials: Credentials | undefined,
  send: HttpTransport,
  limits: OciLimits,
  redactor: Redactor,
): Authorization {
  const headers = new Map<Scope, string>();
  const pending = new Map<Scope, Promise<string | undefined>>();
  for (const secret of secretsOf(credentials)) redactor.add(secret);
  const basic = credentials?.kind === "password" ? basicHeader(credentials) : undefined;
  if (credentials?.kind === "bearer") headers.set("*", `Bearer ${credentials.token}`);
  const known = (scope: Scope) => headers.get(scope) ?? headers.get("*");

  async function obtain(challenge: string, scope: Scope): Promise<string | undefined> {
    const challenges = readChallenges(challenge);
    const bearer = challenges.find((one) => one.scheme === "bearer");
    if (bearer !== undefined) {
      const token = await fetchToken(bearer, scope, registry, credentials, send, limits, redactor);
      redactor.add(token);
      return `Bearer ${token}`;
    }
    return challenges.some((one) => one.scheme === "basic") ? basic : undefined;
  }

  async function obtainShared(challenge: string, scope: Scope): Promise<string | undefined> {
    const header = await obtain(challenge, scope);
    if (header !== undefined) headers.set(header === basic ? "*" : scope, header);
    return header;
  }

  return {
    header: known,
    respond: async (challenge, scope, sent, isOwn) => {
      // The same password again would be refused again; only tokens expire.
      if (sent !== undefined && (sent === basic || credentials?.kind === "bearer")) return undefined;
      if (isOwn) return obtain(challenge, scope);
      // Another request may have got a new header meanwhile.
      if (known(scope) !== sent) return known(scope);
      const waiting =
        pending.get(scope) ?? obtainShared(challenge, scope).finally(() => pending.delete(scope));
      pending.set(scope, waiting);
      return waiting;
    },
  };
}

function secretsOf(credentials: Credentials | undefined): string[] {
  if (credentials === undefined) return [];
  if (credentials.kind !== "password") return [credentials.token];
  return [credentials.password, `${credentials.username}:${credentials.password}`];
}

function basicHeader({
  username,
  password,
}: {
  readonly username: string;
  readonly password: string;
}): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

async function fetchToken(
  challenge: Challenge,
  scope: Scope,
  registry: URL,
  credentials: Credentials | undefined,
  send: HttpTransport,
  limits: OciLimits,
  redactor: Redactor,
): Promise<string> {
  const realm = realmOf(challenge, registry);
  const { parameters } = challenge;
  const wanted = joinedScopes(scope, parameters.get("scope") ?? "");
  const request = tokenRequest(realm, parameters.get("service"), wanted, credentials);
  const response = await send(request);
  const what = `the answer of the token server ${realm.host}`;
  if (response.status === 404) {
    response.discard();
    // It is the server that is not there, and no image.
    throw invalidAnswer(what, "a token", "status 404");
  }
  if (response.status !== 200) throw await refusedAnswer(request, response, redactor);
  const { token, access_token: accessToken } = jsonAnswer(
    await readBody(response, limits.answerBytes, what),
    response,
    what,
  );
  const found = typeof token === "string" && token !== "" ? token : accessToken;
  if (typeof found === "string" && /^[\x21-\x7e]+$/.test(found)) return found;
  throw invalidAnswer(what, "a token", typeof found === "string" ? "text that is no token" : "none");
}

/** What is wanted, and what the registry says is needed: it may know the repository by another name. */
function joinedScopes(wanted: Scope, asked: string): Scope {
  return [...new Set(`${wanted} ${asked}`.split(/\s+/))].filter(Boolean).join(" ");
}

/** A password goes only to the server that the registry names, and only over a connection that is as safe. */
function realmOf(challenge: Challenge, registry: URL): URL {
  const text = challenge.parameters.get("realm") ?? "";
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe =
    realm?.protocol === "https:" ||
    (realm?.protocol === "http:" &&
      registry.protocol === "http:" &&
      (isLoopback(realm.hostname) || realm.hostname === registry.hostname));
  if (realm !== undefined && isSafe && realm.username === "") return realm;
  throw new AttestError(
    "REGISTRY_RESPONSE_INVALID",
    `${registry.host} names a token server that is not used`,
    {
      problems: [{ path: "realm", expected: "an https address", got: realm?.origin ?? "no address" }],
      next: "Ask who runs the registry; nothing was sent there.",
    },
  );
}

function tokenRequest(
  realm: URL,
  service: string | undefined,
  scope: Scope,
  credentials: Credentials | undefined,
): HttpRequest {
  const parameters = new URLSearchParams(service === undefined ? {} : { service });
  const server = `the token server ${realm.host}`;
  if (credentials?.kind === "identity-token") {
    parameters.set("scope", scope);
    parameters.set("grant_type", "refresh_token");
    parameters.set("client_id", "attest");
    parameters.set("refresh_token", credentials.token);
    const body: ByteSource = bytesSource(Buffer.from(parameters.toString()));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { method: "POST", url: realm, headers, body, server };
  }
  for (const one of scope.split(" ")) parameters.append("scope", one);
  const url = new URL(realm);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  const headers = credentials?.kind === "password" ? { authorization: basicHeader(credentials) } : {};
  return { method: "GET", url, headers, server };
}
