/** The HTTP side: loopback only, a token per client. Queries, and the session's telemetry as events. */
import { createHash, timingSafeEqual } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { Client } from "../graph/types.js";
import type { Signal } from "../telemetry/event-stream.js";
import type { QueryRequest } from "./execute.js";

export type Handlers = {
  readonly query: (client: Client, request: QueryRequest) => Promise<unknown>;
  /** All that the session has told of a signal, as server-sent events. */
  readonly stream: (signal: Signal) => Iterable<string>;
};

export type Tokens = ReadonlyMap<string, Client>;

const longestBody = 256 * 1024 * 1024;

export async function listen(
  tokens: Tokens,
  handlers: Handlers,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(tokens, handlers, request, response).catch(() => response.destroy());
  });
  // Queries last as long as the work that they ask for.
  server.requestTimeout = 0;
  server.timeout = 0;
  // A function's process can be busy for seconds between two questions on one connection.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  tokens: Tokens,
  handlers: Handlers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const client = clientOf(tokens, request.headers.authorization);
  if (client === undefined)
    return send(response, 401, { errors: [{ message: "a valid session token is required" }] });
  const path = request.url?.split("?")[0];
  const signal = path === undefined ? undefined : signals[path];
  if (signal !== undefined && request.method === "GET") return sendEvents(response, handlers.stream(signal));
  if (path !== "/query")
    return send(response, 404, {
      errors: [{ message: "only /query, /v1/traces and /v1/metrics are served" }],
    });
  if (request.method !== "POST") return send(response, 405, { errors: [{ message: "POST is required" }] });
  let query: QueryRequest;
  try {
    query = readRequest(await readBody(request));
  } catch (error) {
    return send(response, 400, {
      errors: [{ message: error instanceof Error ? error.message : "bad request" }],
    });
  }
  send(response, 200, await handlers.query(client, query));
}

const signals: Readonly<Record<string, Signal>> = { "/v1/traces": "traces", "/v1/metrics": "metrics" };

async function sendEvents(response: ServerResponse, events: Iterable<string>): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  await pipeline(Readable.from(events), response);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longestBody) throw new Error(`a query of at most ${longestBody} bytes expected`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function readRequest(body: string): QueryRequest {
  const parsed: unknown = JSON.parse(body);
  if (
    typeof parsed !== "object" ||
    parsed === null ||
    !("query" in parsed) ||
    typeof parsed.query !== "string"
  ) {
    throw new Error("a JSON object with a query expected");
  }
  const variables = "variables" in parsed && isRecord(parsed.variables) ? parsed.variables : undefined;
  const name =
    "operationName" in parsed && typeof parsed.operationName === "string" ? parsed.operationName : undefined;
  return {
    query: parsed.query,
    ...(variables === undefined ? {} : { variables }),
    ...(name === undefined ? {} : { operationName: name }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The token is the user name of Basic authentication. Every token is compared, in constant time. */
function clientOf(tokens: Tokens, header: string | undefined): Client | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/.exec(header ?? "")?.[1];
  const given =
    Buffer.from(encoded ?? "", "base64")
      .toString("utf8")
      .split(":")[0] ?? "";
  let found: Client | undefined;
  for (const [token, client] of tokens) {
    if (timingSafeEqual(hashOf(token), hashOf(given))) found = client;
  }
  return given === "" ? undefined : found;
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
