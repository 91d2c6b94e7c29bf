/**
 * The session of this function, spoken to directly. The SDK's client hides what provenance needs: the
 * path of an error, fields of newer APIs, and the session's own telemetry.
 */
import { request, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";

import { dag, type DirectoryID, type FileID } from "@dagger.io/dagger";

import type { Answer, EnginePort, Patience, Variables } from "../provenance/gather/engine.js";
import { directoryDigests } from "../subjects/directory.js";
import { fileDigests } from "../subjects/file.js";
import { localDirectory, localFile } from "./files.js";
import { askNested } from "./nested-client.js";

/** The engine of the present call. */
export function sessionEngine(): EnginePort {
  return {
    query: (text, variables) => postQuery(text, variables, traceHeaders()),
    untracedQuery: (text, variables) => postQuery(text, variables, {}),
    nestedQuery: askNested,
    stream: openStream,
    fileFacts: async (id) => {
      const file = dag.loadFileFromID(id as FileID);
      const { sha256 } = await fileDigests(await localFile(file));
      return { digests: { sha256: sha256 ?? "" }, size: await file.size() };
    },
    directoryFacts: async (id) => {
      const { omitted: _omitted, ...digests } = await directoryDigests(
        await localDirectory(dag.loadDirectoryFromID(id as DirectoryID)),
      );
      return { digests };
    },
  };
}

/** Trace id of the present call, from the W3C trace context that the engine sets; undefined without one. */
export function traceId(): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(process.env["TRACEPARENT"] ?? "")?.[1];
}

/** By node:http, whose requests have no time limit: an answer may take as long as the work behind it. */
async function postQuery(
  query: string,
  variables: Variables,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const body = JSON.stringify({ query, variables });
  const response = await send(
    "POST",
    "/query",
    {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      ...headers,
    },
    body,
  );
  return (await json(response)) as Answer;
}

/** Requests outside of a trace leave no spans; a call that was seen before leaves none unless told to. */
function traceHeaders(): Record<string, string> {
  const traceparent = process.env["TRACEPARENT"];
  return { ...(traceparent === undefined ? {} : { traceparent }), baggage: "repeat-telemetry=true" };
}

/** The session's server-sent events. They never end by themselves. */
async function openStream(signal: "traces" | "metrics", patience: Patience): Promise<AsyncIterable<string>> {
  const response = await send("GET", `/v1/${signal}`, { accept: "text/event-stream" });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`the engine serves no ${signal} (HTTP ${response.statusCode ?? "?"})`);
  }
  return untilSilent(response.setEncoding("utf8"), patience);
}

/**
 * Silence counts only after the engine began to speak, which takes a busy one seconds, and lasts longer where that took
 * long: the pause between two of its pieces does too.
 */
async function* untilSilent(
  response: IncomingMessage,
  { idle, most }: Patience,
): AsyncGenerator<string, void, undefined> {
  const stop = (): void => void response.destroy();
  const asked = performance.now();
  let last = setTimeout(stop, most);
  let silence: NodeJS.Timeout | undefined;
  let pause = 0;
  response.on("data", () => {
    if (pause === 0) {
      clearTimeout(last);
      last = setTimeout(stop, most);
      pause = Math.max(idle, 2 * (performance.now() - asked));
    }
    clearTimeout(silence);
    silence = setTimeout(stop, pause);
  });
  try {
    for await (const piece of response as AsyncIterable<string>) yield piece;
  } catch (error) {
    if (!response.destroyed) throw error;
  } finally {
    clearTimeout(last);
    clearTimeout(silence);
  }
}

async function send(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Promise<IncomingMessage> {
  const { DAGGER_SESSION_PORT: port, DAGGER_SESSION_TOKEN: token = "" } = process.env;
  const authorization = `Basic ${Buffer.from(`${token}:`).toString("base64")}`;
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, method, headers: { ...headers, authorization } }, resolve)
      .on("error", reject)
      .end(body);
  });
}
