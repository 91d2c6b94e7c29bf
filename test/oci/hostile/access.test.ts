/** Who is asked, what is sent along, and where it must not go: redirects, token servers, challenges, locations. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { openRegistry, type RegistryOptions } from "../../../src/oci/registry/open.js";
import { createTransport } from "../../../src/oci/registry/transport.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { bytesSource } from "../../../src/signing/source.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { json } from "../../support/hostile-registry/core.js";
import { answering, atFirst, bodyless, withHeaders } from "../../support/hostile-registry/faults.js";
import {
  startHostileRegistry,
  type Fault,
  type HostileRegistry,
} from "../../support/hostile-registry/server.js";
import { makeCertificates } from "../../support/registry.js";
import { descriptorOf, pushImage } from "../../support/registry-images.js";
import { outcomeOf } from "./verbs.js";

const credentials = { kind: "password", username: "somebody", password: "correct horse" } as const;
const basic = `Basic ${Buffer.from("somebody:correct horse").toString("base64")}`;
const everything = /./;
const blobs = /^GET .*\/blobs\/sha256/;
const uploads = /^(?:POST|PATCH|PUT) .*\/blobs\/uploads\//;

/** Refuses whoever does not send this header. */
const asking =
  (challenge: string, wanted: string): Fault =>
  (asked) =>
    asked.headers["authorization"] === wanted || asked.url.pathname === "/token"
      ? undefined
      : bodyless(401, { "www-authenticate": challenge });

const secretsIn = (registry: HostileRegistry) =>
  registry.asked.map(({ headers }) => headers["authorization"]).filter((one) => one !== undefined);

describe("access to a hostile registry", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-access-"));
  const { ca, certificate, key } = makeCertificates(directory);
  let registry: HostileRegistry;
  let secure: HostileRegistry;
  let elsewhere: HostileRegistry;
  beforeAll(async () => {
    registry = await startHostileRegistry();
    elsewhere = await startHostileRegistry();
    secure = await startHostileRegistry({ tls: { key: readFileSync(key), cert: readFileSync(certificate) } });
    for (const one of [registry, secure]) await pushImage(await open(one, {}), "v1");
  });
  afterAll(async () => {
    for (const one of [registry, elsewhere, secure]) await one.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    for (const one of [registry, elsewhere, secure]) {
      one.faults = [];
      (one.asked as unknown[]).length = 0;
    }
  });

  async function open(
    to: HostileRegistry,
    options: Partial<RegistryOptions> = { credentials },
  ): Promise<ContentStore> {
    const isSecure = to.origin.startsWith("https");
    const pem = isSecure ? { ca: readFileSync(ca, "utf8") } : {};
    const transport = await createTransport({ idle: 5000, total: 60_000, connections: 16, ...pem });
    const reference = { registry: to.address, repository: "app" };
    return openRegistry(reference, { timing: fakeTiming(), transport, ...pem, ...options });
  }

  describe("redirects", () => {
    test.for([301, 302, 303, 307, 308])(
      "status %i to another host: content comes, credentials stay",
      async (status) => {
        const asks = asking('Basic realm="x"', basic);
        const bytes = Buffer.from("elsewhere");
        const { digest } = descriptorOf(bytes, "");
        elsewhere.core.repository("app").blobs.set(digest, bytes);
        registry.faults = [
          asks,
          answering(blobs, (_, { url }) =>
            bodyless(status, { location: `${elsewhere.origin}${url.pathname}` }),
          ),
        ];
        const store = await open(registry);
        const pieces: Uint8Array[] = [];
        for await (const piece of await store.openBlob(descriptorOf(bytes, "text/plain"))) pieces.push(piece);
        expect(Buffer.concat(pieces)).toEqual(bytes);
        expect(secretsIn(registry)).toContain(basic);
        expect(elsewhere.asked).toHaveLength(1);
        expect(secretsIn(elsewhere)).toEqual([]);
      },
    );

    test("there and back again: what was taken away is not sent again", async () => {
      registry.faults = [
        asking('Basic realm="x"', basic),
        atFirst(
          1,
          answering(/^GET .*\/manifests\//, (_, { url }) =>
            bodyless(307, { location: `${elsewhere.origin}${url.pathname}` }),
          ),
        ),
      ];
      elsewhere.faults = [
        answering(everything, (_, { url }) =>
          bodyless(307, { location: `${registry.origin}${url.pathname}` }),
        ),
      ];
      const outcome = await outcomeOf((await open(registry)).fetchManifest("v1"));
      expect(["right", "REGISTRY_DENIED"]).toContain(outcome);
      expect(secretsIn(elsewhere)).toEqual([]);
    });

    test("who is redirected to must not ask for the registry's credentials", async () => {
      elsewhere.faults = [asking('Basic realm="x"', basic)];
      registry.faults = [
        answering(/^GET .*\/manifests\//, (_, { url }) =>
          bodyless(307, { location: `${elsewhere.origin}${url.pathname}` }),
        ),
      ];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toBe("REGISTRY_DENIED");
      expect(secretsIn(elsewhere)).toEqual([]);
    });

    test.for([
      "file:///etc/passwd",
      "ftp://elsewhere.example/",
      "javascript:alert(1)",
      "https://[",
      "http://elsewhere.example/",
    ])("to %s nobody goes", async (location) => {
      registry.faults = [answering(everything, bodyless(307, { location }))];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toBe("REGISTRY_RESPONSE_INVALID");
    });

    test("from https to http nobody goes", async () => {
      secure.faults = [
        answering(everything, (_, { url }) =>
          bodyless(307, { location: `${elsewhere.origin}${url.pathname}` }),
        ),
      ];
      expect(await outcomeOf((await open(secure)).fetchManifest("v1"))).toBe("REGISTRY_RESPONSE_INVALID");
      expect(elsewhere.asked).toEqual([]);
    });

    test("in a circle, and without a location", async () => {
      registry.faults = [
        answering(everything, (_, { url }) =>
          bodyless(302, { location: url.pathname === "/a" ? "/b" : "/a" }),
        ),
      ];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toBe("REGISTRY_RESPONSE_INVALID");
      expect(registry.asked.length).toBeLessThan(10);
      registry.faults = [answering(everything, bodyless(302))];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toBe("REGISTRY_RESPONSE_INVALID");
    });
  });

  describe("token servers", () => {
    const token = json({ token: "t0ken" });
    const challenged = (realm: string) =>
      asking(`Bearer realm="${realm}",service="registry"`, "Bearer t0ken");

    test("on another host: it gets the password, the registry only the token", async () => {
      registry.faults = [challenged(`${elsewhere.origin}/token`)];
      elsewhere.faults = [answering(everything, token)];
      expect(await (await open(registry)).fetchManifest("v1")).toBeDefined();
      expect(secretsIn(elsewhere)).toEqual([basic]);
      expect(new Set(secretsIn(registry))).toEqual(new Set(["Bearer t0ken"]));
    });

    test("a token is not sent to where the registry redirects", async () => {
      registry.faults = [
        challenged(`${registry.origin}/token`),
        answering(/^GET \/token$/, token),
        answering(/^GET .*\/manifests\//, bodyless(307, { location: `${elsewhere.origin}/` })),
      ];
      await outcomeOf((await open(registry)).fetchManifest("v1"));
      expect(secretsIn(registry)).toContain("Bearer t0ken");
      expect(elsewhere.asked).toHaveLength(1);
      expect(secretsIn(elsewhere)).toEqual([]);
    });

    test.for([
      "http://elsewhere.example/token",
      "file:///token",
      "token",
      "",
      "https://user:secret@elsewhere.example/token",
      "http://",
    ])("none at %j", async (realm) => {
      registry.faults = [challenged(realm)];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toBe("REGISTRY_RESPONSE_INVALID");
      expect(secretsIn(registry)).toEqual([]);
    });

    test("from https to http: none is asked", async () => {
      secure.faults = [challenged(`${elsewhere.origin}/token`)];
      expect(await outcomeOf((await open(secure)).fetchManifest("v1"))).toBe("REGISTRY_RESPONSE_INVALID");
      expect(elsewhere.asked).toEqual([]);
    });

    test("one that redirects is not followed with the password", async () => {
      registry.faults = [
        challenged(`${registry.origin}/token`),
        answering(/\/token$/, bodyless(307, { location: `${elsewhere.origin}/token` })),
      ];
      elsewhere.faults = [answering(everything, token)];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toBe("REGISTRY_RESPONSE_INVALID");
      expect(elsewhere.asked).toEqual([]);
    });

    test.for([
      ["no JSON", { status: 200, body: Buffer.from("<html>") }],
      ["an error with status 200", json({ errors: [{ code: "DENIED" }] })],
      ["an empty answer", bodyless(200)],
      ["a token that breaks a header", json({ token: "a\r\nx-admin: 1" })],
      ["a token that is a number", json({ token: 1 })],
      ["two tokens", { status: 200, body: Buffer.from('{"token":"a","token":"b"}') }],
      ["a nesting bomb", { status: 200, body: Buffer.from("[".repeat(1_000_000)) }],
    ] as const)("%s is an error", async ([, answer]) => {
      registry.faults = [challenged(`${registry.origin}/token`), answering(/\/token$/, answer)];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toBe("REGISTRY_RESPONSE_INVALID");
    });

    test("one that is not there is no image that is missing", async () => {
      registry.faults = [challenged(`${registry.origin}/token`), answering(/\/token$/, bodyless(404))];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toBe("REGISTRY_RESPONSE_INVALID");
    });

    test("one that repeats the password does not get it into the error", async () => {
      const said = json({ errors: [{ code: "DENIED", message: `${basic} correct horse is wrong` }] }, 401);
      registry.faults = [challenged(`${registry.origin}/token`), answering(/\/token$/, said)];
      const failure = await (
        await open(registry)
      )
        .fetchManifest("v1")
        .catch((error: unknown) => String(error));
      expect(failure).toContain("REGISTRY_DENIED");
      expect(failure).not.toMatch(/correct horse|c29tZWJvZHk6/);
    });

    test("what is asked for only at the registry's root is found there", async () => {
      const challenge = `Bearer realm="${registry.origin}/token"`;
      registry.faults = [
        answering(/\/token$/, token),
        ({ headers, url }) =>
          headers["authorization"] === "Bearer t0ken"
            ? undefined
            : bodyless(401, url.pathname === "/v2/" ? { "www-authenticate": challenge } : {}),
      ];
      const store = await open(registry);
      expect(await store.fetchManifest("v1")).toBeDefined();
      await pushImage(store, "rooted");
      expect(registry.asked.filter(({ url }) => url.pathname === "/v2/")).toHaveLength(2);
    });

    test("a token that is good for one request only: each gets its own, side by side too", async () => {
      const fresh = new Set<string>();
      let issued = 0;
      registry.faults = [
        (asked) => {
          if (asked.url.pathname === "/token") {
            const made = `t0ken-${(issued += 1)}`;
            fresh.add(`Bearer ${made}`);
            return json({ token: made });
          }
          if (fresh.delete(String(asked.headers["authorization"]))) return undefined;
          return bodyless(401, { "www-authenticate": `Bearer realm="${registry.origin}/token"` });
        },
      ];
      const store = await open(registry);
      for (const _ of [1, 2, 3]) expect(await store.fetchManifest("v1")).toBeDefined();
      const many = await Promise.all(Array.from({ length: 40 }, () => store.fetchManifest("v1")));
      expect(many).not.toContain(undefined);
      await pushImage(store, "v2");
      expect(await store.resolve("v2")).toBeDefined();
      // Three at most for each: as it was known, with what others got, and with its own.
      const asked = registry.asked.filter(({ url }) => url.pathname !== "/token").length;
      expect(asked).toBeLessThanOrEqual(3 * (3 + 40 + 12));
    });

    test("the scope that the registry names is asked for too", async () => {
      const scope = "repository:elsewhere/app:pull";
      registry.faults = [
        asking(`Bearer realm="${registry.origin}/token",scope="${scope}"`, "Bearer t0ken"),
        answering(/\/token$/, token),
      ];
      expect(await (await open(registry)).fetchManifest("v1")).toBeDefined();
      const asked = registry.asked.find(({ url }) => url.pathname === "/token");
      expect(asked?.url.searchParams.getAll("scope")).toEqual(["repository:app:pull", scope]);
    });

    test("a token that is refused again and again ends", async () => {
      registry.faults = [
        answering(/\/token$/, token),
        answering(
          everything,
          bodyless(401, { "www-authenticate": `Bearer realm="${registry.origin}/token"` }),
        ),
      ];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toBe("REGISTRY_DENIED");
      expect(registry.asked.length).toBeLessThan(10);
    });
  });

  describe("challenges", () => {
    test.for([
      ['Basic realm="x"'],
      ["basic"],
      ['BASIC REALM="a, Bearer realm=\\"b\\""'],
      ['Negotiate, Basic realm="x"'],
      ['Digest realm="x", nonce="n", Basic realm="x", charset="UTF-8"'],
      ['  ,, Basic   realm = "x" ,'],
    ])("%s is answered with the password", async ([challenge = ""]) => {
      registry.faults = [asking(challenge, basic)];
      expect(await (await open(registry)).fetchManifest("v1")).toBeDefined();
    });

    test.for([
      "",
      "Negotiate",
      "Digest realm=x",
      '"',
      "=",
      `Basic`.repeat(1000),
      `${'a="'.repeat(4000)}`,
      "Bearer",
    ])("%j is not, and ends", async (challenge) => {
      registry.faults = [answering(everything, bodyless(401, { "www-authenticate": challenge }))];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toMatch(
        /^REGISTRY_(?:DENIED|RESPONSE_INVALID)$/,
      );
      expect(registry.asked.length).toBeLessThan(5);
      expect(secretsIn(registry)).toEqual([]);
    });

    test("a password that is refused is not sent for ever", async () => {
      registry.faults = [answering(everything, bodyless(401, { "www-authenticate": "Basic" }))];
      expect(await outcomeOf((await open(registry)).fetchManifest("v1"))).toBe("REGISTRY_DENIED");
      expect(secretsIn(registry)).toHaveLength(1);
    });
  });

  describe("upload locations", () => {
    const bytes = Buffer.from("uploaded");
    const descriptor = descriptorOf(bytes, "text/plain");
    const upload = { chunkBytes: 1024, singleBytes: 0 };
    const push = async () =>
      (await open(registry, { credentials, upload })).pushBlob(descriptor, bytesSource(bytes));
    const at = (location: string): Fault => answering(/^POST .*\/uploads\//, bodyless(202, { location }));

    test("on another host: the content goes there, credentials don't", async () => {
      registry.faults = [asking("Basic", basic), at(`${elsewhere.origin}/storage?signature=s`)];
      elsewhere.faults = [answering(everything, bodyless(201))];
      expect(await outcomeOf(push())).toBe("right");
      expect(elsewhere.asked.map(({ body }) => body.toString())).toEqual(["uploaded"]);
      expect(secretsIn(elsewhere)).toEqual([]);
    });

    test("relative, with a query of its own", async () => {
      registry.faults = [
        answering(/^POST .*\/uploads\//, (honest) => {
          const location = `${(honest.headers?.["location"] ?? "").replace(/^.*\/uploads\//, "/v2/app/blobs/uploads/")}?_state=a%2Fb`;
          return { ...honest, headers: { ...honest.headers, location } };
        }),
      ];
      expect(await outcomeOf(push())).toBe("right");
      const put = registry.asked.find(({ method }) => method === "PUT");
      expect(put?.url.searchParams.get("_state")).toBe("a/b");
    });

    test("relative to where the upload was begun", async () => {
      registry.faults = [
        answering(/^POST .*\/uploads\//, (honest) => {
          const location = (honest.headers?.["location"] ?? "").replace(/^.*\/uploads\//, "");
          return { ...honest, headers: { ...honest.headers, location } };
        }),
      ];
      expect(await outcomeOf(push())).toBe("right");
    });

    test("without a word of how much was taken: pieces go on, and the digest decides", async () => {
      const pieces = { chunkBytes: 3, singleBytes: 0 };
      const store = await open(registry, { credentials, upload: pieces });
      registry.core.repository("app").blobs.delete(descriptor.digest);
      registry.faults = [withHeaders(/^(?:POST|PATCH) /, { range: undefined })];
      expect(await outcomeOf(store.pushBlob(descriptor, bytesSource(bytes)))).toBe("right");
      expect(registry.core.repository("app").blobs.get(descriptor.digest)).toEqual(bytes);
    });

    const inPieces = { chunkBytes: 3, singleBytes: 0 };
    const anew = async (more: Partial<typeof upload> = {}) => {
      registry.core.repository("app").blobs.delete(descriptor.digest);
      return open(registry, { credentials, upload: { ...inPieces, ...more } });
    };
    const methods = () => registry.asked.map(({ method }) => method).join(" ");

    test.for([400, 404, 405, 415, 501])(
      "status %i for a piece: the whole is sent, and learnt",
      async (status) => {
        const store = await anew();
        registry.faults = [answering(/^PATCH /, json({ errors: [{ code: "UNSUPPORTED" }] }, status))];
        expect(await outcomeOf(store.pushBlob(descriptor, bytesSource(bytes)))).toBe("right");
        expect(registry.core.repository("app").blobs.get(descriptor.digest)).toEqual(bytes);
        expect(methods()).toBe("POST PATCH POST PUT");
        const put = registry.asked.at(-1);
        expect(put?.headers).toMatchObject({ "content-length": `${bytes.length}` });
        const next = Buffer.from("the next one");
        await store.pushBlob(descriptorOf(next, "text/plain"), bytesSource(next));
        expect(methods()).toBe("POST PATCH POST PUT POST PUT");
      },
    );

    test("no piece is ever where the registry wants one: the whole is sent", async () => {
      const store = await anew();
      registry.faults = [answering(/^PATCH /, bodyless(416))];
      expect(await outcomeOf(store.pushBlob(descriptor, bytesSource(bytes)))).toBe("right");
      expect(registry.core.repository("app").blobs.get(descriptor.digest)).toEqual(bytes);
    });

    test("the whole is held against the digest too where no pieces are taken", async () => {
      const store = await anew();
      registry.faults = [answering(/^PATCH /, bodyless(405))];
      const other = Buffer.from("UPLOADED");
      expect(await outcomeOf(store.pushBlob(descriptor, bytesSource(other)))).not.toBe("right");
      expect(registry.core.repository("app").blobs.has(descriptor.digest)).toBe(false);
    });

    test("a registry that wants larger pieces gets them", async () => {
      const store = await anew();
      registry.faults = [withHeaders(/^POST /, { "oci-chunk-min-length": "6" })];
      expect(await outcomeOf(store.pushBlob(descriptor, bytesSource(bytes)))).toBe("right");
      const pieces = registry.asked.filter(({ method }) => method === "PATCH");
      expect(pieces.map(({ body }) => body.length)).toEqual([6, 2]);
    });

    test.for([400, 405, 501])("status %i for all in one request: it takes two", async (status) => {
      const store = await anew({ chunkBytes: 1024, singleBytes: 1024 });
      registry.faults = [
        (asked) =>
          asked.url.searchParams.has("digest") && asked.method === "POST" ? bodyless(status) : undefined,
      ];
      expect(await outcomeOf(store.pushBlob(descriptor, bytesSource(bytes)))).toBe("right");
      expect(methods()).toBe("POST POST PUT");
    });

    test("an upload that begins as if it were done is not taken for done", async () => {
      const store = await anew({ chunkBytes: 1024 });
      registry.faults = [
        answering(/^POST /, (honest) => ({ ...honest, status: honest.status === 202 ? 201 : honest.status })),
      ];
      expect(await outcomeOf(store.pushBlob(descriptor, bytesSource(bytes)))).toBe("right");
      expect(registry.core.repository("app").blobs.get(descriptor.digest)).toEqual(bytes);
    });

    test("at http of a registry that is spoken to over https: it goes on over https", async () => {
      secure.faults = [
        answering(/^POST /, (honest, { url }) => {
          const location = `http://${url.hostname}${honest.headers?.["location"] ?? ""}`;
          return { ...honest, headers: { ...honest.headers, location } };
        }),
      ];
      const store = await open(secure, { credentials, upload });
      expect(await outcomeOf(store.pushBlob(descriptor, bytesSource(bytes)))).toBe("right");
      expect(secure.core.repository("app").blobs.get(descriptor.digest)).toEqual(bytes);
    });

    test.for([400, 401, 403, 404, 405])("status %i for a mount: the content is sent", async (status) => {
      const store = await anew({ chunkBytes: 1024 });
      registry.faults = [(asked) => (asked.url.searchParams.has("mount") ? bodyless(status) : undefined)];
      expect(await store.pushBlob(descriptor, bytesSource(bytes), "other")).toBe("pushed");
      expect(methods().replace(" GET", "")).toBe("POST POST PUT");
    });

    test.for(["http://elsewhere.example/", "ftp://elsewhere.example/", "https://[", "file:///tmp/x"])(
      "none at %s",
      async (location) => {
        registry.faults = [at(location)];
        expect(await outcomeOf(push())).toBe("REGISTRY_RESPONSE_INVALID");
      },
    );

    test("none at all", async () => {
      registry.faults = [answering(uploads, bodyless(202))];
      expect(await outcomeOf(push())).toBe("REGISTRY_RESPONSE_INVALID");
    });

    test("a write is not redirected by a status that changes its method", async () => {
      registry.faults = [answering(uploads, bodyless(302, { location: `${elsewhere.origin}/` }))];
      expect(await outcomeOf(push())).toBe("REGISTRY_RESPONSE_INVALID");
      expect(elsewhere.asked).toEqual([]);
    });
  });

  test.for([
    [405, "read-only"],
    [409, "forbids to move a tag"],
  ] as const)("status %i for a write says what may be the matter", async ([status, hint]) => {
    registry.faults = [answering(/^(?:POST|PUT) /, json({ errors: [{ code: "DENIED" }] }, status))];
    const failure = await pushImage(await open(registry)).catch((error: unknown) => String(error));
    expect(failure).toMatch(new RegExp(`REGISTRY_DENIED.*${hint}`, "s"));
  });

  describe("a certificate authority", () => {
    const reach = async (pem: string | undefined, protocol: "http" | "https") => {
      const options = { timing: fakeTiming(), protocol, ...(pem === undefined ? {} : { ca: pem }) };
      const to = { registry: secure.address, repository: "app" };
      return openRegistry(to, options).then((store) => store.fetchManifest("v1"));
    };
    const begin = "-----BEGIN CERTIFICATE-----";
    test.for<[string, string]>([
      ["no PEM", "hello"],
      ["a key", readFileSync(key, "utf8")],
      ["a broken certificate", `${begin}\nAAAA\n${begin.replace("BEGIN", "END")}\n`],
    ])("that is %s is refused, and not shown", async ([, pem]) => {
      const failure = await reach(pem, "https").catch((error: unknown) => String(error));
      expect(failure).toMatch(/ARGUMENT_INVALID.*certificates in PEM/s);
      expect(failure).not.toContain(pem.split("\n")[1] || "hello");
    });

    test("that is missing, and plain http where there is none, are told by what helps", async () => {
      await expect(reach(undefined, "https")).rejects.toThrow(/give the certificate authority/);
      await expect(reach(undefined, "http")).rejects.toThrow(/where it speaks https/);
    });
  });

  test("a compressed answer is refused, not unpacked", async () => {
    const { gzipSync } = await import("node:zlib");
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    registry.faults = [
      answering(/^GET .*\/manifests\//, {
        status: 200,
        headers: { "content-encoding": "gzip", "content-type": "application/json" },
        body: bomb,
      }),
    ];
    const failure = await (await open(registry)).fetchManifest("v1").catch((error: unknown) => String(error));
    expect(failure).toMatch(/REGISTRY_RESPONSE_INVALID.*gzip/s);
    expect(registry.asked.at(-1)?.headers["accept-encoding"]).toBe("identity");
  });
});
