/** Registries over https whose certificates nobody trusts, and those that are spoken to the wrong way. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTunnel, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { AttestError } from "../../../src/error.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { digestOf } from "../../../src/oci/digest.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { assertReached } from "../../../src/oci/reached.js";
import { openRegistry, type RegistryOptions } from "../../../src/oci/registry/open.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { bytesSource } from "../../../src/signing/source.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { pushImage } from "../../support/registry-images.js";
import { startDistribution, type RunningRegistry } from "../../support/registry.js";
import { digitalSignature, makeAuthority, names, type Wish } from "../../verification/certificate-maker.js";
import { missing, tools } from "../stores.js";

const directory = mkdtempSync(join(tmpdir(), "attest-tls-"));
const running: { stop(): Promise<unknown> }[] = [];
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop()));
  rmSync(directory, { recursive: true, force: true });
});

const authority = makeAuthority();
const lines = (text: string): string[] => text.match(/.{1,64}/g) ?? [];
const pemOf = (der: Buffer): string =>
  ["-----BEGIN CERTIFICATE-----", ...lines(der.toString("base64")), "-----END CERTIFICATE-----", ""].join(
    "\n",
  );
const ca = pemOf(authority.root);

/** Certificate and key as files; the certificate of whom the authority vouches for. */
function issued(name: string, wish: Wish = {}, chain = "") {
  const extensions = [digitalSignature, names(["dns", "localhost"])];
  const { certificate, privateKey } = authority.issue({ extensions, ...wish });
  const file = (part: string, text: string) => {
    const path = join(directory, `${name}.${part}`);
    writeFileSync(path, text);
    return path;
  };
  return {
    certificate: file("pem", pemOf(certificate) + chain),
    key: file("key", privateKey.export({ format: "pem", type: "pkcs8" }).toString()),
  };
}

function selfSigned() {
  const [certificate, key] = [join(directory, "own.pem"), join(directory, "own.key")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"];
  const made = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", ...kind, ...made], { stdio: "ignore" });
  return { certificate, key };
}

/** What is done with a registry, each as the first thing that is asked of it. */
const verbs: readonly (readonly [string, (store: ContentStore) => Promise<unknown>])[] = [
  ["read", (store) => store.fetchManifest("1.0")],
  ["resolved", (store) => store.resolve("1.0")],
  ["asked for referrers", (store) => store.referrers(`sha256:${"0".repeat(64)}`)],
  ["pushed to", (store) => pushImage(store, "1.0")],
  [
    "mounted in",
    (store) => {
      const bytes = Buffer.from("{}");
      const layer = { mediaType: "application/json", digest: digestOf(bytes), size: bytes.length };
      return store.pushBlob(layer, bytesSource(bytes), "other");
    },
  ],
  [
    "copied to",
    async (store) => {
      const timing = fakeTiming();
      const source = await openLayout(mkdtempSync(join(directory, "layout-")), { timing, create: true });
      await pushImage(source, "1.0");
      return copyImage(source, "1.0", store, { timing, tags: ["1.0"], directory });
    },
  ],
];

/** The error, and that it came at once. */
async function refusal(
  registry: string,
  options: Partial<RegistryOptions>,
  verb: (store: ContentStore) => Promise<unknown> = (store) => store.fetchManifest("1.0"),
): Promise<AttestError> {
  const timing = fakeTiming();
  const store = await openRegistry({ registry, repository: "app" }, { timing, ...options });
  const error: unknown = await verb(store).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(timing.slept).toEqual([]);
  if (!(error instanceof AttestError)) throw new Error(`not refused: ${String(error)}`);
  expect(error.code).toBe("REGISTRY_FAILED");
  expect(error.problems).toEqual([
    { path: "", expected: "an answer", got: expect.stringContaining("(1 attempt(s))") as unknown },
  ]);
  return error;
}

describe.skipIf(missing("docker-registry"))("a registry (docker-registry) over https", () => {
  const serve = async (tls: { certificate: string; key: string }): Promise<string> => {
    const one: RunningRegistry = await startDistribution(tools.get("docker-registry") ?? "", { tls });
    running.push(one);
    return one.address.replace("127.0.0.1", "localhost");
  };
  let address: string;
  beforeAll(async () => {
    address = await serve(issued("trusted"));
  });

  it("takes its own authority", async () => {
    const store = await openRegistry(
      { registry: address, repository: "app" },
      { timing: fakeTiming(), protocol: "https", ca },
    );
    const { digest } = await pushImage(store, "1.0");
    expect((await store.resolve("1.0"))?.digest).toBe(digest);
  });

  it.each(verbs)("that is %s without its authority says so at once", async (_, verb) => {
    const { message, next } = await refusal(address, { protocol: "https" }, verb);
    expect(message).toMatch(/unable to verify the first certificate/);
    expect(next).toMatch(/--ca=/);
  });

  it.each(verbs)("that is %s in plain http says so at once", async (_, verb) => {
    for (const protocol of ["http", "auto"] as const) {
      const { message, next } = await refusal(address, { protocol }, verb);
      expect(message).toContain("a server that speaks https");
      expect(next).toMatch(/speaks https.*--ca=.*no --plain-http/);
    }
  });

  it(
    "through a tunnel that does not pass on the end of a connection says so at once",
    { timeout: 20_000 },
    async () => {
      const said = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
      const tunnel = createTunnel((socket) =>
        socket.once("data", () => socket.write(said)).on("error", () => undefined),
      );
      await new Promise<void>((listening) => tunnel.listen(0, "127.0.0.1", listening));
      running.push({ stop: () => Promise.resolve(tunnel.close()) });
      const address = `127.0.0.1:${(tunnel.address() as AddressInfo).port}`;
      const { next } = await refusal(address, { protocol: "http" });
      expect(next).toMatch(/speaks https/);
    },
  );

  it("as a service without its authority is no place to publish to, which is told before", async () => {
    const open = (registry: string) =>
      openRegistry(
        { registry: "registry.invalid:5000", repository: "app" },
        { timing: fakeTiming(), protocol: "http", via: registry },
      );
    await expect(assertReached(await open(address), "1.0")).rejects.toMatchObject({
      code: "REGISTRY_FAILED",
      message: expect.stringContaining("http://registry.invalid:5000/v2/app/") as unknown,
      next: expect.stringContaining("--ca=") as unknown,
    });
    const plain = await startDistribution(tools.get("docker-registry") ?? "");
    running.push(plain);
    await assertReached(await open(plain.address), "1.0");
  });

  it("and sends its authority along is not believed for it", async () => {
    const { message, next } = await refusal(await serve(issued("chain", {}, ca)), { protocol: "https" });
    expect(message).toMatch(/self-signed certificate in certificate chain/);
    expect(next).toMatch(/--ca=/);
  });

  it("with another authority's certificate than was given names the argument too", async () => {
    const other = pemOf(makeAuthority("another authority").root);
    const { next } = await refusal(address, { protocol: "https", ca: other });
    expect(next).toMatch(/--ca=/);
  });

  it("with a certificate that signed itself takes it as its authority", async () => {
    const own = selfSigned();
    const registry = await serve(own);
    const { message, next } = await refusal(registry, { protocol: "https" });
    expect(message).toMatch(/self-signed certificate/);
    expect(next).toMatch(/--ca=.*a certificate that signed itself is its own authority/);
    const store = await openRegistry(
      { registry, repository: "app" },
      { timing: fakeTiming(), protocol: "https", ca: readFileSync(own.certificate, "utf8") },
    );
    expect(await store.resolve("1.0")).toBeUndefined();
  });

  it.each([
    ["over", { notAfter: "20210101000000Z" }],
    ["yet to come", { notBefore: "20980101000000Z" }],
  ])("whose certificate's time is %s needs another one, or another clock", async (name, wish) => {
    const late = await serve(issued(name.replaceAll(" ", "-"), wish));
    const { message, next } = await refusal(late, { protocol: "https", ca });
    expect(message).toMatch(/certificate (has expired|is not yet valid)/);
    expect(next).toMatch(/renewed.*clock/);
    expect(next).not.toContain("--ca");
  });

  it("whose certificate is for another name is told the name", async () => {
    const extensions = [digitalSignature, names(["dns", "registry.example"])];
    const { message, next } = await refusal(await serve(issued("named", { extensions })), {
      protocol: "https",
      ca,
    });
    expect(message).toMatch(/localhost.*registry\.example/s);
    expect(next).toMatch(/name/);
    expect(next).not.toContain("--ca");
  });
});

describe.skipIf(missing("docker-registry"))("a registry (docker-registry) in plain http", () => {
  it.each(verbs)("that is %s over https says so at once", async (_, verb) => {
    const one = await startDistribution(tools.get("docker-registry") ?? "");
    running.push(one);
    const { message, next } = await refusal(one.address, { protocol: "https", ca }, verb);
    expect(message).toMatch(/wrong version number|packet length/i);
    expect(next).toMatch(/--plain-http/);
  });
});

describe("a server over https in front of a registry", () => {
  it.each([
    ["nginx", "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>"],
    ["Apache", "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />"],
    ["Tomcat", "Bad Request\nThis combination of host and port requires TLS.\n"],
  ])("such as %s is known by its words", async (_, text) => {
    const server = createServer((__, response) => response.writeHead(400).end(text));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    running.push({ stop: () => new Promise((resolve) => server.close(resolve)) });
    const { port } = server.address() as AddressInfo;
    expect((await refusal(`127.0.0.1:${port}`, {})).next).toMatch(/speaks https.*--ca=/);
  });
});
