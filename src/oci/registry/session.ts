import { AttestError } from "../../error.js";
import type { OciLimits } from "../limits.js";
import type { Timing } from "../timing.js";
import { invalidAnswer, readBody, taken } from "./answer.js";
import { createAuthorization, type Authorization, type Scope } from "./authorization.js";
import type { Credentials } from "./credentials.js";
import { isLoopback } from "./endpoint.js";
import { paced } from "./pace.js";
import { refusedAnswer } from "./refused.js";
import { pauseAfter, sendPersistently, unreachable, type RetryOptions } from "./retry.js";
import { createRedactor, shownUrl, type Redactor } from "./secrets.js";
import { isWhole, smallBytes, type HttpRequest, type HttpResponse, type HttpTransport } from "./transport.js";

export type SessionOptions = {
  readonly endpoint: URL;
  readonly credentials?: Credentials;
  readonly send: HttpTransport;
  readonly retry: RetryOptions;
  readonly timing: Timing;
  readonly limits: OciLimits;
};

export type Call = Omit<HttpRequest, "headers"> & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly scope: Scope;
  /** False for requests that must not be repeated when their answer is lost. */
  readonly retry?: boolean;
};

/** An answer, and who gave it: another host, where the registry sent us on to one. */
export type Answered = HttpResponse & { readonly from: URL };

export type ReadAnswer = { readonly response: Answered; readonly bytes: Buffer };

/** A conversation with one registry: authenticates, follows redirects, tries again. */
export type Session = {
  readonly endpoint: URL;
  readonly limits: OciLimits;
  readonly redactor: Redactor;
  /** Milliseconds until the slowest answer so far to a request without much to send. */
  slowest(): number;
  /** The answer, whatever its status. @throws AttestError REGISTRY_FAILED, REGISTRY_DENIED */
  call(call: Call): Promise<Answered>;
  /** The answer when it has one of these states. @throws AttestError for any other */
  expect(call: Call, states: readonly number[]): Promise<Answered>;
  /** As `expect`, with the whole body; asks again when the connection breaks within it. */
  read(call: Call, states: readonly number[], limit: number): Promise<ReadAnswer>;
  /** Waits before attempt `attempt + 1` of something that broke; throws `error` when it was the last. */
  pause(attempt: number, call: Call, error: unknown): Promise<void>;
};

export function openSession(options: SessionOptions): Session {
  const redactor = createRedactor();
  const { send, slowest } = measured(options.send, options.timing);
  const persistent: HttpTransport = (request) =>
    sendPersistently(send, request, options.retry, options.timing, redactor);
  const once: HttpTransport = (request) =>
    send(request).catch((error: unknown) => {
      throw unreachable(request, 1, error, redactor);
    });
  const { endpoint, credentials, limits } = options;
  const authorization = createAuthorization(endpoint, credentials, persistent, limits, redactor);
  const call = async (one: Call) => {
    const send = one.retry === false ? once : persistent;
    const response = await authenticated(one, send, authorization, endpoint);
    return isWhole(response.body) ? response : { ...response, body: paced(response.body, options.timing) };
  };
  const expect = async (one: Call, states: readonly number[]) => {
    const response = await call(one);
    if (states.includes(response.status)) return response;
    throw await refusedAnswer({ headers: {}, ...one }, response, redactor);
  };
  const pause = (attempt: number, one: Call, error: unknown) =>
    pauseAfter(attempt, { headers: {}, ...one }, error, options.retry, options.timing, redactor);
  return {
    endpoint,
    limits,
    redactor,
    slowest,
    call,
    expect,
    pause,
    read: async (one, states, limit) => {
      for (let attempt = 1; ; attempt += 1) {
        const response = await expect(one, states);
        const what = `the answer to ${shownUrl(one.url)}`;
        assertPlain(response, what);
        try {
          return { response, bytes: await readBody(response, limit, what) };
        } catch (error) {
          await pause(attempt, one, error);
        }
      }
    },
  };
}

/** A transport, and how long its slowest answer took: what was sent at length tells nothing of the registry. */
function measured(send: HttpTransport, timing: Timing) {
  let most = 0;
  const timed: HttpTransport = async (request) => {
    const start = timing.now();
    const response = await send(request);
    if ((request.body?.size ?? 0) <= smallBytes) most = Math.max(most, timing.now() - start);
    return response;
  };
  return { send: timed, slowest: () => most };
}

/** A small answer may unpack to one that has no end. */
function assertPlain(response: HttpResponse, what: string): void {
  const encoding = response.header("content-encoding") ?? "";
  if (/^(?:identity)?$/i.test(encoding.trim())) return;
  response.discard();
  throw invalidAnswer(what, "an answer that is not compressed", JSON.stringify(encoding));
}

/**
 * A refused request is answered with what others got or what is asked for, and then with headers of its own: where each token
 * ends the one before it, another request may have asked for one meanwhile.
 */
const authorizationRounds = 4;

async function authenticated(
  call: Call,
  send: HttpTransport,
  authorization: Authorization,
  endpoint: URL,
): Promise<Answered> {
  // Credentials belong to the registry itself; an upload may be sent on to another host.
  const isOwn = call.url.origin === endpoint.origin;
  let header = isOwn ? authorization.header(call.scope) : undefined;
  for (let round = 1; ; round += 1) {
    // What is hashed is what comes over the wire: nothing is unpacked.
    const plain = { "accept-encoding": "identity", ...call.headers };
    const headers = { ...plain, ...(header === undefined ? {} : { authorization: header }) };
    const server = isOwn ? {} : { server: call.url.host };
    const response = await followed({ ...call, ...server, headers }, send);
    // Whoever the registry sent us on to must not ask for its credentials.
    const isAsked = response.status === 401 && isOwn && response.from.origin === endpoint.origin;
    if (!isAsked || round > authorizationRounds) return response;
    // An answer that is not read holds its connection: many side by side would leave none for the token.
    const refusal = await taken(response);
    const challenge = refusal.header("www-authenticate") ?? (await generalChallenge(send, endpoint));
    if (challenge === undefined) return refusal;
    const next = await authorization.respond(challenge, call.scope, header, round > 1);
    if (next === undefined) return refusal;
    header = next;
  }
}

/**
 * What the registry asks for at its root, for those that say so only there.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#determining-support
 */
async function generalChallenge(send: HttpTransport, endpoint: URL): Promise<string | undefined> {
  const url = new URL("/v2/", endpoint);
  const response = await send({ method: "GET", url, headers: { "accept-encoding": "identity" } });
  response.discard();
  return response.status === 401 ? response.header("www-authenticate") : undefined;
}

const mostRedirects = 5;
const redirects: readonly number[] = [301, 302, 303, 307, 308];

/** Follows where the registry sends: storage often lies elsewhere. */
async function followed(request: HttpRequest, send: HttpTransport): Promise<Answered> {
  let current = request;
  for (let count = 0; ; count += 1) {
    const response = await send(current);
    const location = response.header("location");
    if (!redirects.includes(response.status) || location === undefined)
      return { ...response, from: current.url };
    response.discard();
    if (count >= mostRedirects)
      throw refuseRedirect(current.url, `at most ${mostRedirects} redirects`, "more");
    current = redirected(current, location, response.status);
  }
}

function redirected(request: HttpRequest, location: string, status: number): HttpRequest {
  const target = URL.canParse(location, request.url.href) ? new URL(location, request.url) : undefined;
  if (target === undefined) throw refuseRedirect(request.url, "an address", "something else");
  if (!/^https?:$/.test(target.protocol)) throw refuseRedirect(request.url, "https", target.protocol);
  const staysHere = target.hostname === request.url.hostname || isLoopback(target.hostname);
  if (target.protocol === "http:" && (request.url.protocol === "https:" || !staysHere))
    throw refuseRedirect(request.url, "an https address", shownUrl(target));
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (!isRead && status < 307)
    throw refuseRedirect(request.url, "a redirect that keeps the method", `${status}`);
  const { authorization, ...others } = request.headers;
  const isSame = target.origin === request.url.origin && authorization !== undefined;
  const headers = isSame ? { ...others, authorization } : others;
  const server = target.host === request.url.host ? request.server : target.host;
  return { ...request, url: target, headers, ...(server === undefined ? {} : { server }) };
}

function refuseRedirect(from: URL, expected: string, got: string): AttestError {
  return new AttestError(
    "REGISTRY_RESPONSE_INVALID",
    `${shownUrl(from)} redirects to where nobody should go`,
    {
      problems: [{ path: "location", expected, got }],
      next: "Ask who runs the registry; no credentials were sent there.",
    },
  );
}
