/** The stream of a session: an engine's never ends by itself. */
import { createServer, type RequestListener, type Server } from "node:http";

import { afterEach, describe, expect, it, vi } from "vitest";

import { sessionEngine, traceId } from "../../src/dagger/session.js";
import { readEventStream } from "../../src/provenance/telemetry/event-stream.js";

const sent = {
  resourceSpans: [{ resource: { attributes: [{ key: "word", value: { stringValue: "ü" } }] } }],
};
let server: Server | undefined;

async function serve(listener: RequestListener): Promise<void> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  vi.stubEnv("DAGGER_SESSION_PORT", String(address.port));
  vi.stubEnv("DAGGER_SESSION_TOKEN", "token");
}

afterEach(() => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
});

describe("the session's engine", () => {
  it("is read until it falls silent, whole events only", async () => {
    await serve((request, response) => {
      expect(request.headers.authorization).toBe(`Basic ${Buffer.from("token:").toString("base64")}`);
      response.writeHead(200, { "content-type": "text/event-stream" });
      const whole = `event: spans\ndata: ${JSON.stringify(sent)}\n\n`;
      const bytes = Buffer.from(`${whole}event: spans\ndata: {"cut`);
      // Within the letter, and within the blank line.
      const cuts = [bytes.indexOf("ü") + 1, Buffer.byteLength(whole) - 1, bytes.length];
      for (const [index, cut] of cuts.entries()) response.write(bytes.subarray(cuts[index - 1] ?? 0, cut));
    });
    const pieces = await sessionEngine().stream("traces", { idle: 200, most: 5_000 });
    expect(await readEventStream(pieces)).toEqual({ spans: [], points: [], resources: [{ word: "ü" }] });
  });

  it("is waited for while it has not begun, and longer between pieces where it began late", async () => {
    await serve((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      setTimeout(() => response.write("data: {}\n\n"), 100);
      setTimeout(() => response.write("data: {}\n\n"), 150);
    });
    let told = "";
    for await (const piece of await sessionEngine().stream("traces", { idle: 1, most: 60_000 }))
      told += piece;
    expect(told).toBe("data: {}\n\ndata: {}\n\n");
  });

  it("that never begins is given up", async () => {
    await serve((_request, response) => {
      response.writeHead(200).flushHeaders();
    });
    for await (const piece of await sessionEngine().stream("traces", { idle: 60_000, most: 50 }))
      throw new Error(piece);
  });

  it("is not read for ever when it goes on talking", async () => {
    await serve((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => response.write("data: {}\n\n"), 5);
      response.on("close", () => clearInterval(timer));
    });
    let told = "";
    for await (const piece of await sessionEngine().stream("metrics", { idle: 60_000, most: 300 }))
      told += piece;
    expect(told).toMatch(/^(data: \{\}\n\n)+$/);
  });

  it("says when it has no stream", async () => {
    await serve((_request, response) => response.writeHead(404).end());
    await expect(sessionEngine().stream("traces", { idle: 200, most: 200 })).rejects.toThrow(/HTTP 404/);
  });

  it("is asked under the trace of the call", async () => {
    const id = "0af7651916cd43dd8448eb211c80319c";
    vi.stubEnv("TRACEPARENT", `00-${id}-b7ad6b7169203331-01`);
    await serve((request, response) => {
      response.end(
        JSON.stringify({ data: { trace: request.headers["traceparent"], bag: request.headers["baggage"] } }),
      );
    });
    expect(traceId()).toBe(id);
    expect(await sessionEngine().query("query { version }", {})).toEqual({
      data: { trace: `00-${id}-b7ad6b7169203331-01`, bag: "repeat-telemetry=true" },
    });
  });
});
