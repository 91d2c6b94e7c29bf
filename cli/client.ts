/** A GraphQL client of an engine. */
import { request } from "node:http";
import { json } from "node:stream/consumers";

import { QueryError } from "./run.js";

type Response = {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
};

export type Session = { readonly port: number; readonly token: string };

/** Posts one query. @throws QueryError with the engine's first error */
export async function sendQuery(session: Session, query: string): Promise<unknown> {
  const { data, errors } = await post(session, JSON.stringify({ query }));
  const [error] = errors ?? [];
  if (error !== undefined) throw new QueryError(error.message, error.extensions);
  return data;
}

/** By node:http, whose requests have no time limit: fetch gives up after five minutes without an answer. */
async function post({ port, token }: Session, body: string): Promise<Response> {
  return await new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      authorization: `Basic ${Buffer.from(`${token}:`).toString("base64")}`,
    };
    const sent = request({ host: "127.0.0.1", port, path: "/query", method: "POST", headers }, (response) => {
      json(response).then((answer) => {
        resolve(answer as Response);
      }, reject);
    });
    sent.on("error", reject).end(body);
  });
}
