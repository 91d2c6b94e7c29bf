/**
 * One HTTP exchange over Node's own client. Not over fetch, which can't send a stream with a length, take a
 * certificate authority for one connection, or leave a compressed answer as it is
 * (docs/decisions/2026-11-24-oci-client.md).
 */
import { X509Certificate } from "node:crypto";
import type { AgentOptions, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { AttestError } from "../../error.js";
import { gather, type ByteSource } from "../../signing/source.js";
import type { ProxyVariables } from "./proxy.js";
import { bare, connectTo, named, type Via } from "./via.js";

export type HttpRequest = {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: ByteSource;
  /** Who is asked, for people, where that is not the registry itself. */
  readonly server?: string;
};

export type HttpResponse = {
  readonly status: number;
  /** A header by its name in lower case; several of one name are joined by commas. */
  header(name: string): string | undefined;
  /**
   * The body as sent: an array where it is small and came with the answer, else a stream; read it to its end or call
   * `discard`. Fails when the connection ends early.
   */
  readonly body: AsyncIterable<Uint8Array> | readonly Uint8Array[];
  discard(): void;
};

/** Whether a body came with its answer. */
export function isWhole(body: HttpResponse["body"]): body is readonly Uint8Array[] {
  return Array.isArray(body);
}

/** Sends one request; rejects when no answer comes. Does not follow, retry or authenticate. */
export type HttpTransport = (request: HttpRequest) => Promise<HttpResponse>;

export type TransportOptions = {
  /** PEM certificates of authorities to trust beside those that Node trusts. */
  readonly ca?: string;
  /** Proxies to go over; none unless given. */
  readonly proxies?: ProxyVariables;
  /** A host that is reached elsewhere. */
  readonly via?: Via;
  /** Milliseconds after which a connection on which nothing moves is given up. */
  readonly idle: number;
  /** Milliseconds that a whole exchange may take, from the connection to the last byte of the answer. */
  readonly total: number;
  /** Connections at once to one host. */
  readonly connections: number;
};

export const transportOptions: TransportOptions = { idle: 60_000, total: 1_800_000, connections: 16 };

/** A transport that keeps its connections open between requests. */
export async function createTransport(options: TransportOptions): Promise<HttpTransport> {
  const proxies = options.proxies === undefined ? {} : { proxyEnv: options.proxies };
  const pool = { keepAlive: true, maxSockets: options.connections, timeout: options.idle, ...proxies };
  const trusted = options.ca === undefined ? {} : { ca: await authorities(options.ca) };
  const clients = new Map<string, Client>();
  const clientOf = (protocol: string) => {
    const client = clients.get(protocol) ?? clientFor(protocol, pool, trusted);
    clients.set(protocol, client);
    return client;
  };
  return (request) => exchange(request, clientOf(request.url.protocol), options);
}

/** Node ignores what is none, and then trusts nobody whom the caller named. */
function assertCertificates(ca: string): void {
  const found = ca.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const pem of found) new X509Certificate(pem);
    if (found.length > 0) return;
  } catch {
    // Without the cause and the text: somebody may have handed in a key.
  }
  throw new AttestError("ARGUMENT_INVALID", "the certificate authority can't be read", {
    problems: [
      { path: "ca", expected: "certificates in PEM", got: found.length === 0 ? "none" : "a broken one" },
    ],
    next: "Hand in the file that begins with -----BEGIN CERTIFICATE-----.",
  });
}

type Client = (options: RequestOptions) => ClientRequest;

/**
 * Node's client of a protocol with connections of its own. Asked for at its first use and not imported: an import
 * of `node:http` reads every export, and one of them loads the whole of fetch, which takes longer than many requests.
 */
function clientFor(protocol: string, pool: AgentOptions, trusted: { readonly ca?: string[] }): Client {
  if (protocol === "https:") {
    const { Agent, request } = process.getBuiltinModule("node:https");
    const agent = new Agent({ ...pool, ...trusted });
    return (options) => request({ ...options, agent });
  }
  const { Agent, request } = process.getBuiltinModule("node:http");
  const agent = new Agent(pool);
  return (options) => request({ ...options, agent });
}

async function authorities(ca: string): Promise<string[]> {
  const { rootCertificates } = await import("node:tls");
  assertCertificates(ca);
  return [...rootCertificates, ca];
}

async function exchange(
  request: HttpRequest,
  client: Client,
  options: TransportOptions,
): Promise<HttpResponse> {
  const { method, url, body } = request;
  const whole = body !== undefined && body.size <= smallBytes ? await gather(body) : undefined;
  return new Promise((resolve, reject) => {
    const place = connectTo(url, options.via);
    const headers = {
      ...request.headers,
      ...place.headers,
      ...(body === undefined ? {} : { "content-length": `${body.size}` }),
    };
    const outgoing = client({ ...addressOf(url), ...place, method, headers });
    const giveUp = (why: string) => () => outgoing.destroy(new Error(why));
    const idle = method === "PUT" ? options.idle * storingTakes : options.idle;
    if (idle !== options.idle) outgoing.setTimeout(idle);
    outgoing.on("timeout", giveUp(`nothing came for ${idle / 1000} s`));
    const deadline = setTimeout(giveUp(`not finished within ${options.total / 1000} s`), options.total);
    outgoing.on("close", () => clearTimeout(deadline));
    outgoing.on("response", (incoming) => {
      if (method === "GET" && isSmall(incoming)) readSmall(incoming, options.idle, resolve, reject);
      else resolve(toResponse(incoming, incoming));
    });
    outgoing.on("error", (error) => reject(named(error, url, options.via)));
    if (body === undefined || whole !== undefined) outgoing.end(whole);
    // An answer that comes before the body was sent decides, whatever becomes of the rest.
    else pipeline(Readable.from(body.chunks()), outgoing).catch(reject);
  });
}

/** What Node's client asks of a URL; it would look at all of one itself, for each request. */
function addressOf(url: URL): RequestOptions {
  const { hostname, port, pathname, search } = url;
  return { hostname: bare(hostname), port, path: `${pathname}${search}` };
}

/** Times as long a registry may be silent before it says that it has stored something: it hashes and moves gigabytes then. */
const storingTakes = 5;

/**
 * Bodies up to so many bytes are sent and taken at once: a stream costs more than they do, and they hardly take longer than
 * their request.
 */
export const smallBytes = 64 * 1024;

function isSmall({ headers }: IncomingMessage): boolean {
  return Number(headers["content-length"] ?? Infinity) <= smallBytes;
}

function toResponse(incoming: IncomingMessage, body: HttpResponse["body"]): HttpResponse {
  return {
    status: incoming.statusCode ?? 0,
    header: (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    body,
    discard: () => {
      // Small rests are read, so that the connection can be used again.
      if (isSmall(incoming)) incoming.resume();
      else incoming.destroy();
    },
  };
}

/** @param patience milliseconds that it may take, so that one which only drips has an end */
function readSmall(
  incoming: IncomingMessage,
  patience: number,
  resolve: (response: HttpResponse) => void,
  reject: (error: Error) => void,
): void {
  const parts: Buffer[] = [];
  const began = process.uptime();
  incoming.on("data", (part: Buffer) => {
    parts.push(part);
    if ((process.uptime() - began) * 1000 > patience)
      incoming.destroy(new Error(`only a part came in ${patience / 1000} s`));
  });
  incoming.on("end", () => resolve(toResponse(incoming, parts)));
  incoming.on("error", reject);
  incoming.on("close", () => {
    // Not made where nobody hears of it: an error takes longer than the rest.
    if (!incoming.complete) reject(new Error("the connection ended within the answer"));
  });
}
