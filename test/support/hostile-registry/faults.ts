/** Faults by name: what goes wrong, where, and how often. */
import type { Answer, Asked } from "./core.js";
import type { Fault } from "./server.js";

/** Method and path that a fault is about, as in `GET /blobs/`. */
export type Where = RegExp;

function concerns(where: Where, { method, url }: Asked): boolean {
  return where.test(`${method} ${url.pathname}`);
}

/** Answers with what is given, or with what is made of the honest answer. */
export function answering(where: Where, make: Answer | ((honest: Answer, asked: Asked) => Answer)): Fault {
  return (asked, honest) => {
    if (!concerns(where, asked)) return undefined;
    return typeof make === "function" ? make(honest(), asked) : make;
  };
}

/** Only the first `count` times. */
export function atFirst(count: number, fault: Fault): Fault {
  let left = count;
  return (asked, honest) => {
    if (left <= 0) return undefined;
    const answer = fault(asked, honest);
    if (answer !== undefined) left -= 1;
    return answer;
  };
}

/** The connection is reset instead of an answer; `late` does what was asked for first. */
export function resetting(where: Where, late = false): Fault {
  return (asked, honest) => {
    if (!concerns(where, asked)) return undefined;
    if (late) honest();
    return "reset";
  };
}

/** The honest answer with other headers; undefined takes one away. */
export function withHeaders(where: Where, headers: Readonly<Record<string, string | undefined>>): Fault {
  return answering(where, (honest) => {
    const merged = Object.entries({ ...honest.headers, ...headers });
    return {
      ...honest,
      headers: Object.fromEntries(merged.filter((one): one is [string, string] => one[1] !== undefined)),
    };
  });
}

export function bytesOf({ body }: Answer): Buffer {
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.concat([...(body ?? [])]);
}

/** The honest body with its first byte changed. */
export function damaged(where: Where): Fault {
  return answering(where, (honest) => {
    const bytes = bytesOf(honest);
    if (bytes.length > 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
    return { ...honest, body: bytes };
  });
}

/** The same piece again and again, until nobody reads any more. */
export function* endless(piece: Uint8Array): Generator<Uint8Array, void> {
  for (;;) yield piece;
}

export const loginPage: Answer = {
  status: 200,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: Buffer.from("<!doctype html><title>Sign in</title><p>Please sign in to the network.</p>"),
};

export function bodyless(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "content-length": "0", ...headers } };
}
