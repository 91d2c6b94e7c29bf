import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { openRegistry } from "../../../src/oci/registry/open.js";
import { proxiesIn, type ProxyVariables } from "../../../src/oci/registry/proxy.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { bodyless } from "../../support/hostile-registry/faults.js";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile-registry/server.js";
import { makeCertificates } from "../../support/registry.js";
import { pushImage } from "../../support/registry-images.js";
import { outcomeOf } from "../hostile/verbs.js";

test("proxies are taken from the environment, in either case, and never for this machine", () => {
  expect(proxiesIn({ PATH: "/bin", no_proxy: "acme.example" })).toBeUndefined();
  expect(proxiesIn({ HTTPS_PROXY: "" })).toBeUndefined();
  expect(proxiesIn({ HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "acme.example" })).toEqual({
    https_proxy: "http://proxy:3128",
    no_proxy: "acme.example,localhost,127.0.0.1,[::1]",
  });
  expect(proxiesIn({ http_proxy: "http://a", HTTP_PROXY: "http://b" })).toMatchObject({
    http_proxy: "http://a",
  });
});

describe("a registry behind a proxy", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-proxy-"));
  const { ca, certificate, key } = makeCertificates(directory);
  const credentials = { kind: "password", username: "somebody", password: "correct horse" } as const;
  const basic = `Basic ${Buffer.from("somebody:correct horse").toString("base64")}`;
  let registry: HostileRegistry;
  let proxy: Server;
  let address: string;
  let refuses = false;
  /** What the proxy saw: request lines and headers, nothing of the tunnels. */
  const seen: string[] = [];
  beforeAll(async () => {
    registry = await startHostileRegistry({
      tls: { key: readFileSync(key), cert: readFileSync(certificate) },
    });
    proxy = createServer();
    proxy.on("connect", (request, near) => {
      seen.push(`CONNECT ${request.url ?? ""} ${JSON.stringify(request.headers)}`);
      near.on("error", () => undefined);
      if (refuses) {
        near.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        return;
      }
      const [host = "", port = ""] = (request.url ?? "").split(":");
      const far = connect(Number(port), host, () => near.write("HTTP/1.1 200 OK\r\n\r\n"));
      far.on("error", () => undefined);
      far.pipe(near).pipe(far);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const bound = proxy.address();
    address = typeof bound === "object" && bound !== null ? `http://127.0.0.1:${bound.port}` : "";
    await pushImage(await open(undefined), "v1");
  });
  afterAll(async () => {
    await registry.stop();
    proxy.closeAllConnections();
    proxy.close();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    seen.length = 0;
    refuses = false;
    registry.faults = [
      ({ headers }) =>
        headers["authorization"] === basic ? undefined : bodyless(401, { "www-authenticate": "Basic" }),
    ];
  });

  const open = (proxies: ProxyVariables | undefined) =>
    openRegistry(
      { registry: registry.address, repository: "app" },
      {
        timing: fakeTiming(),
        ca: readFileSync(ca, "utf8"),
        credentials,
        ...(proxies === undefined ? {} : { proxies }),
      },
    );

  test("is reached through a tunnel, in which the credentials stay", async () => {
    const store = await open({ https_proxy: address });
    expect(await store.fetchManifest("v1")).toBeDefined();
    expect(seen).not.toEqual([]);
    expect(seen.join()).toContain(`CONNECT ${registry.address}`);
    expect(seen.join()).not.toMatch(/authorization|c29tZWJvZHk6/i);
  });

  test("is reached directly where the variables say so", async () => {
    const store = await open({ https_proxy: address, no_proxy: "127.0.0.1" });
    expect(await store.fetchManifest("v1")).toBeDefined();
    expect(seen).toEqual([]);
  });

  test("is not reached when the proxy refuses", async () => {
    refuses = true;
    const store = await open({ https_proxy: address });
    expect(await outcomeOf(store.fetchManifest("v1"))).toBe("REGISTRY_FAILED");
  });
});
