/** Tells the answer of a server that speaks https, and was spoken to in plain http. */
import { Readable } from "node:stream";

import { readBody } from "./answer.js";
import type { HttpTransport } from "./transport.js";

/** Code of the error, beside those of Node's TLS. */
export const expectsTls = "ERR_TLS_EXPECTED";

/** Bytes of an error's text that are read for it. */
const textBytes = 64 * 1024;

/** What Go's and Java's servers, nginx and Apache say, with status 400. */
const words =
  /HTTP request to an HTTPS (?:server|port)|plain HTTP request was sent to HTTPS port|plain HTTP to an SSL-enabled|requires TLS/i;

/**
 * The same transport, which rejects such an answer: it is not the registry's, whose 400 may mean that it does not know a way
 * of asking.
 */
export function tellingTls(send: HttpTransport): HttpTransport {
  return async (request) => {
    const response = await send(request);
    if (response.status !== 400 || request.url.protocol !== "http:") return response;
    const text = await readBody(response, textBytes, "the error").catch(() => Buffer.alloc(0));
    const said = words.exec(text.toString("latin1"))?.[0];
    response.discard();
    if (said === undefined) return { ...response, body: Readable.from([text]), discard: () => undefined };
    throw Object.assign(new Error(`a server that speaks https: ${JSON.stringify(said)}`), {
      code: expectsTls,
    });
  };
}
