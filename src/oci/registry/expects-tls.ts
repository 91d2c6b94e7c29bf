/** Tells the answer of a server that speaks https, and was spoken to in plain http. */
import { Readable } from "node:stream";

import type { HttpResponse, HttpTransport } from "./transport.js";

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
    const text = await textUntilWords(response);
    const said = words.exec(text.toString("latin1"))?.[0];
    response.discard();
    if (said === undefined) return { ...response, body: Readable.from([text]), discard: () => undefined };
    throw Object.assign(new Error(`a server that speaks https: ${JSON.stringify(said)}`), {
      code: expectsTls,
    });
  };
}

/**
 * The error's text, no further than to the words: such a server says no length and closes the connection instead, which the
 * tunnel to a service of the host (Dagger 0.21) does not pass on.
 */
async function textUntilWords({ body }: HttpResponse): Promise<Buffer> {
  let text = Buffer.alloc(0);
  try {
    for await (const chunk of body) {
      text = Buffer.concat([text, chunk]);
      if (text.length > textBytes) return Buffer.alloc(0);
      if (words.test(text.toString("latin1"))) break;
    }
  } catch {
    return Buffer.alloc(0);
  }
  return text;
}
