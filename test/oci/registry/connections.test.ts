/** Connections that are all taken: a token may have to come over one of them. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openRegistry } from "../../../src/oci/registry/open.js";
import { createTransport, transportOptions } from "../../../src/oci/registry/transport.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { bytesSource } from "../../../src/signing/source.js";
import { descriptorOf } from "../../support/registry-images.js";

const connections = 4;

describe("a registry whose tokens come from its own address", () => {
  let address: string;
  let text = "";
  // Closes no connection by itself: whoever leaves an answer unread waits until he gives it up, after a minute.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for await (const _ of request) continue;
    const { pathname } = new URL(request.url ?? "", `http://${address}`);
    if (pathname === "/token") return void response.end(JSON.stringify({ token: "t0ken" }));
    if (request.headers.authorization !== "Bearer t0ken") {
      const challenge = `Bearer realm="http://${address}/token",service="registry"`;
      return void response.writeHead(401, { "www-authenticate": challenge }).end(text);
    }
    response.writeHead(request.method === "HEAD" ? 200 : 201, { "content-length": "0" }).end();
  }

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const open = async (): Promise<ContentStore> => {
    const transport = await createTransport({ ...transportOptions, connections });
    return openRegistry({ registry: address, repository: "app" }, { timing: fakeTiming(), transport });
  };

  const refusals = [
    ["without a text", ""],
    ["with a long text", "denied ".repeat(5000)],
    ["with a text that is longer than any is read", "denied ".repeat(50_000)],
  ] as const;

  it.each(refusals)(
    "is asked by as many at once as there are connections, and refuses %s",
    async (_, refusal) => {
      text = refusal;
      const store = await open();
      const digests = Array.from({ length: connections }, (_, at) => `sha256:${`${at}`.repeat(64)}`);
      expect(await Promise.all(digests.map((digest) => store.hasBlob(digest)))).toEqual(
        digests.map(() => true),
      );
      const blobs = digests.map((digest) => Buffer.from(digest));
      const push = (bytes: Buffer) => store.pushBlob(descriptorOf(bytes, ""), bytesSource(bytes), "other");
      expect(await Promise.all(blobs.map(push))).toEqual(digests.map(() => "mounted"));
    },
    transportOptions.idle / 2,
  );
});
