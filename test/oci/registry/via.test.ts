/** A registry that is reached at another address than its name says, as a service of a session is. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { attachInLayout } from "../../../src/oci/attach/layouts.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { layoutImage } from "../../../src/oci/layout/image.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { openRegistry, type RegistryOptions } from "../../../src/oci/registry/open.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { systemTiming } from "../../../src/oci/timing.js";
import { writeBundle } from "../../support/bundles.js";
import { pushImage } from "../../support/registry-images.js";
import { makeCertificates, startDistribution, type RunningRegistry } from "../../support/registry.js";
import { missing, tools } from "../stores.js";

const timing = systemTiming();
const retry = { attempts: 1, first: 1, longest: 1, patience: 1 };
// Nobody can look it up: whatever arrives went where it was told to.
const registry = "registry.invalid:5000";
const htpasswd = "reader:$2b$04$LNg6CfCu6UjM.Uq/erVhYe5ywuO.WHgG4Mm.aaSh9RfqHlakWRZRC\n";
const credentials = { kind: "password", username: "reader", password: "s3cret-pa55" } as const;

const directory = mkdtempSync(join(tmpdir(), "attest-via-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const open = (via: string, options: Partial<RegistryOptions> = {}): Promise<ContentStore> =>
  openRegistry({ registry, repository: "app" }, { timing, retry, protocol: "http", via, ...options });
const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof Error ? error.message : "no error"),
  );

describe.skipIf(missing("docker-registry"))("a registry that is known by another name", () => {
  const running: RunningRegistry[] = [];
  const program = tools.get("docker-registry") ?? "";
  const start = async (options = {}) => {
    const one = await startDistribution(program, options);
    running.push(one);
    return one.address;
  };
  let asking: string;
  beforeAll(async () => {
    asking = await start({ htpasswd });
  });
  afterAll(() => Promise.all(running.map((one) => one.stop())));

  it("is pushed to, attached to, read and copied", async () => {
    const store = await open(asking, { credentials });
    expect(store.name).toBe("registry.invalid:5000/app");
    const { digest } = await pushImage(store, "1.0");
    const bundle = await writeBundle(directory, "app", [digest]);
    const options = { created: "2026-11-27T00:00:00Z", timing, tag: "1.0" };
    await attachInLayout(store, digest, [bundle], "referrer", options);
    expect((await listAttachments(store, "1.0", join(directory, "list"))).attachments).toHaveLength(1);
    const layout = join(directory, "layout");
    const copy = await openLayout(layout, { timing, create: true });
    await copyImage(store, "1.0", copy, { timing, tags: ["1.0"], directory });
    expect(await layoutImage(layout, copy, "1.0")).toMatchObject({ digest });
  });

  it("is named so in what it refuses", async () => {
    const message = await failure((await open(asking)).fetchManifest("1.0"));
    expect(message).toContain(
      "REGISTRY_DENIED: the registry refused GET http://registry.invalid:5000/v2/app/",
    );
    expect(message).not.toContain(asking);
  });

  it("is named so when nobody answers", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => free.once("listening", resolve));
    const port = (free.address() as { port: number }).port;
    await new Promise((resolve) => free.close(resolve));
    for (const host of ["127.0.0.1", "localhost", "m3k9.session.invalid"]) {
      const message = await failure((await open(`${host}:${port}`)).fetchManifest("1.0"));
      expect(message).toContain(
        "REGISTRY_FAILED: no usable answer to GET http://registry.invalid:5000/v2/app/",
      );
      expect(message).toMatch(/ECONNREFUSED registry\.invalid:5000|ENOTFOUND registry\.invalid:5000/);
      for (const unknown of [`${port}`, host]) expect(message).not.toContain(unknown);
    }
  });

  it("has a certificate of its own name", async () => {
    const { ca, certificate, key } = makeCertificates(directory);
    const address = await start({ tls: { certificate, key } });
    const tls = { ca: readFileSync(ca, "utf8"), protocol: "https" as const };
    const named = await openRegistry(
      { registry: "localhost:5000", repository: "app" },
      { timing, retry, via: address, ...tls },
    );
    await pushImage(named, "1.0");
    const message = await failure((await open(address, tls)).fetchManifest("1.0"));
    expect(message).toContain("GET https://registry.invalid:5000/v2/app/");
    expect(message).toContain("registry.invalid");
    expect(message).toContain("Use a name that the registry's certificate is for");
    expect(message).not.toContain(address);
  });
});
