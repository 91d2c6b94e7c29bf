import { AttestError } from "../../error.js";
import type { Timing } from "../timing.js";
import { shownUrl, type Redactor } from "./secrets.js";
import type { HttpRequest, HttpResponse, HttpTransport } from "./transport.js";
import { attemptsAfter, nextAfter, whatBroke } from "./what-broke.js";

export type RetryOptions = {
  /** Requests in all, the first one included. */
  readonly attempts: number;
  /** Milliseconds before the first retry; doubled for each further one, up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** Milliseconds that a registry may ask to wait (Retry-After); when it asks for more, it is given up. */
  readonly patience: number;
};

export const retryOptions: RetryOptions = { attempts: 6, first: 200, longest: 10_000, patience: 60_000 };

const transientStatus: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/**
 * Sends a request until it is answered by something else than "later". Only for requests that can be
 * repeated: their effect is the same, once or twice.
 * @throws AttestError REGISTRY_FAILED when no attempt was answered
 */
export async function sendPersistently(
  send: HttpTransport,
  request: HttpRequest,
  options: RetryOptions,
  timing: Timing,
  redactor: Redactor,
): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt >= options.attempts;
    const outcome = await attemptOnce(send, request);
    if ("response" in outcome) {
      const { response } = outcome;
      // Some say "too many" with the status of "not you", and when to come again.
      const mayBeLater = transientStatus.includes(response.status) || response.status === 403;
      if (isLast || !mayBeLater) return response;
      const asked = retryAfter(response);
      if (response.status === 403 && asked === undefined) return response;
      if (asked !== undefined && asked > options.patience) return response;
      response.discard();
      await timing.sleep(Math.max(asked ?? 0, backoff(attempt, options, timing)));
    } else {
      await pauseAfter(attempt, request, outcome.error, options, timing, redactor);
    }
  }
}

/**
 * Waits before the next attempt.
 * @throws AttestError instead, when this was the last attempt or no further one can help
 */
export async function pauseAfter(
  attempt: number,
  request: HttpRequest,
  error: unknown,
  options: RetryOptions,
  timing: Timing,
  redactor: Redactor,
): Promise<void> {
  if (attempt >= attemptsAfter(error, options.attempts)) throw unreachable(request, attempt, error, redactor);
  await timing.sleep(backoff(attempt, options, timing));
}

type Outcome = { readonly response: HttpResponse } | { readonly error: unknown };

async function attemptOnce(send: HttpTransport, request: HttpRequest): Promise<Outcome> {
  try {
    return { response: await send(request) };
  } catch (error) {
    return { error };
  }
}

/** Between half and all of the doubled pause, so that parallel clients drift apart. */
function backoff(attempt: number, { first, longest }: RetryOptions, timing: Timing): number {
  return Math.min(longest, first * 2 ** (attempt - 1)) * (0.5 + timing.random() / 2);
}

/** In seconds, or as a date, which is held against the answer's own: this machine's clock may be wrong. */
function retryAfter(response: HttpResponse): number | undefined {
  const asked = response.header("retry-after") ?? "";
  const seconds = /^\s*(\d{1,15})\s*$/.exec(asked)?.[1];
  if (seconds !== undefined) return Number(seconds) * 1000;
  const wait = Date.parse(asked) - Date.parse(response.header("date") ?? "");
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

export function unreachable(
  request: HttpRequest,
  attempts: number,
  cause: unknown,
  redactor: Redactor,
): AttestError {
  if (cause instanceof AttestError) return cause;
  const reason = redactor.redact(whatBroke(cause));
  const where = `${request.method} ${shownUrl(request.url)}`;
  return new AttestError("REGISTRY_FAILED", `no usable answer to ${where}`, {
    problems: [{ path: "", expected: "an answer", got: `${reason} (${attempts} attempt(s))` }],
    next: nextAfter(cause, reason, request),
    cause,
  });
}
