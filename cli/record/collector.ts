/**
 * An OpenTelemetry collector on loopback: OTLP over HTTP in protobuf, spans and metrics.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";

import { type OtlpBody, parseOtlpBodies } from "../../src/provenance/telemetry/otlp.js";

/** The largest body that is taken; exporters send a few megabytes at most. */
const longestBody = 64 * 1024 * 1024;

export type Collector = {
  /** Below it are `/v1/traces` and `/v1/metrics`. The path can't be guessed by another user. */
  readonly url: string;
  /** Stops listening, when what was being received is there. */
  close(): Promise<void>;
};

/** Listens on a free port and hands each request's body on, in the order of arrival. */
export async function startCollector(take: (body: OtlpBody) => Promise<void>): Promise<Collector> {
  const prefix = `/${randomBytes(16).toString("hex")}`;
  const open = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const answered = answer(request, response, prefix, take)
      .catch(() => void response.destroy())
      .finally(() => open.delete(answered));
    open.add(answered);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all(open);
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

type Answer = { readonly status: number; readonly text?: string };

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  prefix: string,
  take: (body: OtlpBody) => Promise<void>,
): Promise<void> {
  const { status, text = "" } = await receive(request, prefix, take);
  request.resume();
  response.writeHead(status, { "content-type": status === 200 ? protobuf : "text/plain; charset=utf-8" });
  // An empty message is the answer of a success: everything was taken.
  response.end(text);
}

const protobuf = "application/x-protobuf";

async function receive(
  request: IncomingMessage,
  prefix: string,
  take: (body: OtlpBody) => Promise<void>,
): Promise<Answer> {
  const path = request.url?.split("?", 1)[0] ?? "";
  const signal = /^\/v1\/(traces|metrics)$/.exec(path.slice(prefix.length))?.[1];
  if (!path.startsWith(prefix) || (signal !== "traces" && signal !== "metrics"))
    return { status: 404, text: "no such signal\n" };
  if (request.method !== "POST") return { status: 405, text: "POST expected\n" };
  const type = request.headers["content-type"]?.split(";", 1)[0]?.trim();
  if (type !== protobuf) return { status: 415, text: `${protobuf} expected\n` };
  const bytes = await readBody(request);
  if (typeof bytes === "string") return { status: 400, text: bytes };
  const body = { signal, bytes } as const;
  // One body that is none would make the whole file unreadable.
  if (!(await isRequest(body))) return { status: 400, text: `an OTLP ${signal} request expected\n` };
  await take(body);
  return { status: 200 };
}

async function isRequest(body: OtlpBody): Promise<boolean> {
  return parseOtlpBodies([body]).then(
    () => true,
    () => false,
  );
}

/** The body, or why it is none. */
async function readBody(request: IncomingMessage): Promise<Buffer | string> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding !== "gzip" && encoding !== "identity") return "content-encoding gzip or none expected\n";
  try {
    return await buffer(limited(encoding === "gzip" ? request.pipe(createGunzip()) : request));
  } catch (error) {
    return `${error instanceof Error ? error.message : "the body can't be read"}\n`;
  }
}

async function* limited(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > longestBody) throw new Error(`a body of at most ${longestBody} bytes expected`);
    yield chunk;
  }
}
