/** Every verb against every fault: a right result or an error with a code; never a wrong list, never something lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ociIndex, ociManifest } from "../../../src/oci/media-types.js";
import { json, type Answer } from "../../support/hostile-registry/core.js";
import {
  answering,
  atFirst,
  bodyless,
  bytesOf,
  damaged,
  endless,
  loginPage,
  resetting,
  withHeaders,
} from "../../support/hostile-registry/faults.js";
import {
  startHostileRegistry,
  type Fault,
  type HostileRegistry,
} from "../../support/hostile-registry/server.js";
import { client, outcomeOf, setScene, verbs, type Verb } from "./verbs.js";

const everything = /./;
const reads = /^(?:GET|HEAD) /;
const writes = /^(?:POST|PATCH|PUT) /;
const manifests = /^(?:GET|HEAD) .*\/manifests\//;
const tag = /^GET .*\/manifests\/v1$/;
const manifest = /^GET .*\/manifests\/sha256:/;
const blob = /^GET .*\/blobs\/sha256/;
const referrers = /^GET .*\/referrers\//;

const heads = /^HEAD /;
const capitals = ({ headers = {} }: Answer): Record<string, string> => {
  const digest = headers["docker-content-digest"];
  return digest === undefined
    ? {}
    : { "docker-content-digest": digest.replace(/:.*/, (hex) => hex.toUpperCase()) };
};

const without = ({ headers = {} }: Answer, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([own]) => own !== name));

/** Where a proxy wants people to sign in first. */
const toLogin = (where: RegExp) => answering(where, bodyless(302, { location: "/login" }));
const errorBody = { errors: [{ code: "UNKNOWN", message: "not today" }] };
const bomb = (type: string) => () => ({
  status: 200,
  headers: { "content-type": type },
  body: endless(Buffer.alloc(64 * 1024, " ")),
});

type Case = {
  readonly fault: string;
  readonly faults: () => Fault[];
  /** What list, verify, read back and copy end with. */
  readonly reading: string;
  /** What attach ends with; the same unless given. */
  readonly attaching?: string;
  /** What read back ends with, where publishing is stricter than reading. */
  readonly readingBack?: string;
};

const right = "right";
const failed = "REGISTRY_FAILED";
const denied = "REGISTRY_DENIED";
const invalid = "REGISTRY_RESPONSE_INVALID";
const mismatch = "DIGEST_MISMATCH";
const tooMuch = "LIMIT_EXCEEDED";

/** Attaching fetches neither blobs nor what is attached already. */
const notAttaching = { attaching: right };

// prettier-ignore
const cases: readonly Case[] = [
  { fault: "nothing", faults: () => [], reading: right },

  { fault: "blobs with a changed byte", faults: () => [damaged(blob)], reading: mismatch, ...notAttaching },
  { fault: "manifests with a changed byte", faults: () => [damaged(manifest)], reading: mismatch, ...notAttaching },
  { fault: "other blobs of other sizes", faults: () => [answering(blob, json({ other: "content" }))], reading: mismatch, ...notAttaching },
  { fault: "blobs that never end", faults: () => [answering(blob, bomb("application/octet-stream"))], reading: mismatch, ...notAttaching },
  { fault: "a tag whose manifest never ends", faults: () => [answering(tag, bomb(ociManifest))], reading: tooMuch },
  { fault: "a list of referrers that never ends", faults: () => [answering(referrers, bomb(ociIndex))], reading: tooMuch },

  { fault: "blobs that always break off", faults: () => [answering(blob, (honest) => ({ ...honest, cut: 10 }))], reading: failed, ...notAttaching },
  { fault: "blobs that break off at first", faults: () => [atFirst(5, answering(blob, (honest) => ({ ...honest, cut: 10 })))], reading: right },
  { fault: "blobs that end early, without a length", faults: () => [answering(blob, (honest) => ({ status: honest.status, headers: { "content-type": "application/octet-stream" }, body: [bytesOf(honest).subarray(0, 10)] }))], reading: mismatch, ...notAttaching },
  { fault: "manifests that always break off", faults: () => [answering(manifest, (honest) => ({ ...honest, cut: 10 }))], reading: failed, ...notAttaching },
  { fault: "referrers that always break off", faults: () => [answering(referrers, (honest) => ({ ...honest, cut: 10 }))], reading: failed },
  { fault: "anything breaks off at first", faults: () => [atFirst(5, answering(reads, (honest) => ({ ...honest, cut: 10 })))], reading: right },

  { fault: "a login page for everything", faults: () => [answering(everything, loginPage)], reading: invalid },
  { fault: "a login page for referrers", faults: () => [answering(referrers, loginPage)], reading: invalid },
  { fault: "a login page for manifests by digest", faults: () => [answering(manifest, loginPage)], reading: invalid, ...notAttaching },
  { fault: "a login page for blobs", faults: () => [answering(blob, loginPage)], reading: invalid, ...notAttaching },
  { fault: "a redirect to a login page for referrers", faults: () => [toLogin(referrers), answering(/\/login$/, loginPage)], reading: invalid },
  { fault: "a redirect to a login page for manifests by digest", faults: () => [toLogin(manifest), answering(/\/login$/, loginPage)], reading: invalid, ...notAttaching },
  { fault: "a redirect to a login page for blobs", faults: () => [toLogin(blob), answering(/\/login$/, loginPage)], reading: invalid, ...notAttaching },
  { fault: "a redirect to a login page for everything", faults: () => [toLogin(/^GET \/v2\//), answering(/\/login$/, loginPage)], reading: invalid },

  { fault: "empty answers", faults: () => [answering(everything, bodyless(200))], reading: invalid },
  { fault: "empty referrers", faults: () => [answering(referrers, bodyless(200, { "content-type": ociIndex }))], reading: invalid },
  { fault: "empty manifests by digest", faults: () => [answering(manifest, bodyless(200))], reading: mismatch, ...notAttaching },
  { fault: "empty blobs", faults: () => [answering(blob, bodyless(200))], reading: mismatch, ...notAttaching },

  { fault: "errors with status 200 for manifests", faults: () => [answering(manifest, json(errorBody))], reading: mismatch, ...notAttaching },
  { fault: "errors with status 200 for the tag", faults: () => [answering(tag, json(errorBody))], reading: "IMAGE_INVALID" },
  { fault: "errors with status 200 for referrers", faults: () => [answering(referrers, json(errorBody))], reading: invalid },
  { fault: "errors with status 200 for referrers, as an index", faults: () => [answering(referrers, json(errorBody, 200, ociIndex))], reading: invalid },
  { fault: "errors with status 200 for blobs", faults: () => [answering(blob, json(errorBody))], reading: mismatch, ...notAttaching },

  { fault: "status 403 for referrers", faults: () => [answering(referrers, bodyless(403))], reading: denied },
  { fault: "status 401 for referrers, without a challenge", faults: () => [answering(referrers, bodyless(401))], reading: denied },
  { fault: "status 401 for referrers, with a challenge that nobody can meet", faults: () => [answering(referrers, bodyless(401, { "www-authenticate": 'Basic realm="x"' }))], reading: denied },
  { fault: "status 403 for the fallback tag", faults: () => [answering(/^GET .*\/manifests\/sha256-[0-9a-f]{64}$/, bodyless(403))], reading: denied, ...notAttaching },
  { fault: "status 403 for the tag of older cosign versions", faults: () => [answering(/\/manifests\/sha256-.*\.att$/, bodyless(403))], reading: denied, ...notAttaching },
  { fault: "status 500 for referrers", faults: () => [answering(referrers, bodyless(500))], reading: failed },
  { fault: "status 403 for blobs", faults: () => [answering(blob, bodyless(403))], reading: denied, ...notAttaching },
  { fault: "status 401 without a challenge", faults: () => [answering(everything, bodyless(401))], reading: denied },
  { fault: "status 304 for everything", faults: () => [answering(everything, { status: 304 })], reading: invalid },
  { fault: "status 204 for everything", faults: () => [answering(everything, { status: 204 })], reading: invalid },

  { fault: "a storm of 429", faults: () => [answering(everything, bodyless(429))], reading: failed },
  { fault: "a storm of 429 with an absurd Retry-After", faults: () => [answering(everything, bodyless(429, { "retry-after": "999999999" }))], reading: failed },
  { fault: "429 at first", faults: () => [atFirst(5, answering(everything, bodyless(429, { "retry-after": "3" })))], reading: right },
  { fault: "503 at first", faults: () => [atFirst(5, answering(everything, bodyless(503)))], reading: right },
  { fault: "503 for good", faults: () => [answering(everything, bodyless(503))], reading: failed },

  { fault: "resets", faults: () => [resetting(everything)], reading: failed },
  { fault: "resets at first", faults: () => [atFirst(5, resetting(everything))], reading: right },
  { fault: "resets at first, after doing what was asked", faults: () => [atFirst(5, resetting(everything, true))], reading: right },
  { fault: "lost answers to writes", faults: () => [atFirst(5, resetting(writes, true))], reading: right },

  { fault: "a Docker-Content-Digest that lies", faults: () => [withHeaders(manifests, { "docker-content-digest": `sha256:${"0".repeat(64)}` })], reading: right, readingBack: mismatch },
  { fault: "a Docker-Content-Digest that is none", faults: () => [withHeaders(manifests, { "docker-content-digest": "sha256:../../etc" })], reading: right, readingBack: mismatch },
  { fault: "no Docker-Content-Digest", faults: () => [withHeaders(manifests, { "docker-content-digest": undefined })], reading: right },
  { fault: "no content type", faults: () => [withHeaders(manifests, { "content-type": undefined })], reading: right },
  { fault: "a general content type", faults: () => [withHeaders(manifests, { "content-type": "text/plain" })], reading: right },
  { fault: "an index called a manifest", faults: () => [withHeaders(tag, { "content-type": ociManifest })], reading: "IMAGE_INVALID" },
  { fault: "a Docker-Content-Digest in capitals", faults: () => [answering(manifests, (honest) => ({ ...honest, headers: { ...honest.headers, ...capitals(honest) } })), answering(writes, (honest) => ({ ...honest, headers: { ...honest.headers, ...capitals(honest) } }))], reading: right, readingBack: mismatch },

  { fault: "status 400 for HEAD", faults: () => [answering(heads, bodyless(400))], reading: right },
  { fault: "status 404 for HEAD", faults: () => [answering(heads, bodyless(404))], reading: right },
  { fault: "status 405 for HEAD", faults: () => [answering(heads, bodyless(405))], reading: right },
  { fault: "status 501 for HEAD", faults: () => [answering(heads, bodyless(501))], reading: right },
  { fault: "HEAD with a length of 0", faults: () => [withHeaders(heads, { "content-length": "0" })], reading: right },
  { fault: "HEAD without a length", faults: () => [withHeaders(heads, { "content-length": undefined })], reading: right },
  { fault: "null for no referrers", faults: () => [answering(referrers, (honest) => ({ ...honest, headers: { "content-type": ociIndex }, body: Buffer.from(bytesOf(honest).toString().replace("[]", "null")) }))], reading: right },
  { fault: "referrers without a type", faults: () => [withHeaders(referrers, { "content-type": undefined })], reading: right },
  { fault: "referrers as text", faults: () => [withHeaders(referrers, { "content-type": "text/plain" })], reading: right },
  { fault: "no OCI-Subject", faults: () => [withHeaders(writes, { "oci-subject": undefined })], reading: right },
  { fault: "an empty Content-Encoding", faults: () => [withHeaders(reads, { "content-encoding": "" })], reading: right },
  { fault: "no connection for a second request", faults: () => [withHeaders(everything, { connection: "close" })], reading: right },
  { fault: "answers without a length", faults: () => [answering(reads, (honest, { method }) => method === "HEAD" ? honest : { ...honest, headers: without(honest, "content-length"), body: [bytesOf(honest)] })], reading: right },
  { fault: "manifests by way of a redirect", faults: () => [answering(/\/manifests\//, (honest, { url }) => url.search === "" ? bodyless(307, { location: `${url.pathname}?there` }) : honest)], reading: right },
  { fault: "status 200 without a word for what was stored", faults: () => [answering(/^PUT /, (honest) => honest.status === 201 ? bodyless(200) : honest)], reading: right },

  { fault: "blobs that redirect to themselves", faults: () => [answering(blob, (_, { url }) => bodyless(307, { location: url.href }))], reading: invalid, ...notAttaching },
];

describe("an attested image in a registry with faults", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-hostile-"));
  let registry: HostileRegistry;
  beforeAll(async () => {
    registry = await startHostileRegistry();
  });
  afterAll(async () => {
    await registry.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test.for(cases)("$fault: $reading", async (each) => {
    const { fault, faults, reading, attaching = reading, readingBack = reading } = each;
    const scene = await setScene(registry, fault.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase(), directory);
    const asked = registry.asked.length;
    const sent = registry.sent();
    const outcomes: Partial<Record<Verb, string>> = {};
    for (const verb of Object.keys(verbs) as Verb[]) {
      const store = await client(registry, scene.repository);
      registry.faults = faults();
      outcomes[verb] = await outcomeOf(verbs[verb](scene, store));
      registry.faults = [];
    }
    expect(outcomes).toEqual({
      list: reading,
      verify: reading,
      "read back": readingBack,
      copy: reading,
      attach: attaching,
    });
    // Nothing is asked, and nothing read, without an end. What a connection takes until it is closed counts as sent:
    // some megabytes each, more on a busy machine.
    expect(registry.asked.length - asked).toBeLessThan(600);
    expect(registry.sent() - sent).toBeLessThan(4 * 1024 ** 3);
  });
});
