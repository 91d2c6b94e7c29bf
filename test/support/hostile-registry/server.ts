/**
 * A registry on loopback that works as a real one does, until it is told to do something else: each fault may
 * answer in the registry's place, with what the registry would have said at hand.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";

import { createCore, type Answer, type Asked, type CoreOptions, type RegistryCore } from "./core.js";

/** `reset` breaks the connection without an answer; undefined leaves the answer to the next fault, at last to the registry. */
export type Fault = (asked: Asked, honest: () => Answer) => Answer | "reset" | undefined;

export type HostileRegistry = {
  /** Host and port. */
  readonly address: string;
  readonly origin: string;
  readonly core: RegistryCore;
  /** What goes wrong from now on; the first that answers wins. */
  faults: readonly Fault[];
  /** Every request so far. */
  readonly asked: readonly Asked[];
  /** Bytes of bodies that were handed to the connection so far. */
  sent(): number;
  stop(): Promise<void>;
};

export type HostileOptions = CoreOptions & { readonly tls?: { readonly key: Buffer; readonly cert: Buffer } };

export async function startHostileRegistry(options: HostileOptions = {}): Promise<HostileRegistry> {
  const core = createCore(options);
  const asked: Asked[] = [];
  let sent = 0;
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    const now = (): Asked => ({
      method: request.method ?? "",
      url: new URL(request.url ?? "", registry.origin),
      headers: request.headers,
      body: Buffer.concat(parts),
    });
    try {
      for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    } catch {
      core.broken(now());
      return;
    }
    asked.push(now());
    const answer = answerOf(now(), registry.faults, core);
    if (answer === "reset") request.socket.resetAndDestroy();
    else await send(response, answer, (bytes) => (sent += bytes));
  };
  const handle = (request: IncomingMessage, response: ServerResponse) => void take(request, response);
  const server = options.tls === undefined ? createServer(handle) : createSecureServer(options.tls, handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  const address = `127.0.0.1:${bound.port}`;
  const registry: HostileRegistry = {
    address,
    origin: `${options.tls === undefined ? "http" : "https"}://${address}`,
    core,
    faults: [],
    asked,
    sent: () => sent,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return registry;
}

function answerOf(asked: Asked, faults: readonly Fault[], core: RegistryCore): Answer | "reset" {
  const honest = () => core.answer(asked);
  for (const fault of faults) {
    const answer = fault(asked, honest);
    if (answer !== undefined) return answer;
  }
  return honest();
}

/** Sends as much as the other side takes: what it does not read is not made. */
async function send(response: ServerResponse, answer: Answer, count: (bytes: number) => void): Promise<void> {
  const { status, headers = {}, body = new Uint8Array(), cut = Infinity } = answer;
  response.on("error", () => undefined);
  const known = body instanceof Uint8Array ? { "content-length": `${body.length}` } : {};
  response.writeHead(status, { ...known, ...headers });
  let rest = cut;
  for (const piece of body instanceof Uint8Array ? [body] : body) {
    if (response.destroyed || rest <= 0) break;
    const part = piece.subarray(0, Math.min(piece.length, rest));
    rest -= part.length;
    count(part.length);
    if (!response.write(part)) await drained(response);
  }
  if (cut === Infinity) response.end();
  // What was written goes out before the connection ends in the middle.
  else response.write("", () => response.destroy());
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.once("drain", done).once("close", done);
  });
}
