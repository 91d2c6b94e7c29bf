/** A copy that is killed in the middle, at any request, and begun again: a tag only when all is there, and nothing lost. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { attachInLayout } from "../../../src/oci/attach/layouts.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { openRegistry } from "../../../src/oci/registry/open.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { systemTiming } from "../../../src/oci/timing.js";
import { writeBundle } from "../../support/bundles.js";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile-registry/server.js";
import { pushIndex } from "../../support/registry-images.js";

const timing = systemTiming();
const options = { created: "2026-11-26T00:00:00Z", timing, tag: "v1" };
const directory = mkdtempSync(join(tmpdir(), "attest-killed-"));
const fresh = (): string => mkdtempSync(join(directory, "list-"));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("a copy that is killed", () => {
  let registry: HostileRegistry;
  let digest: string;
  let attached: readonly string[];
  const open = (repository: string) => openRegistry({ registry: registry.address, repository }, { timing });
  const contents = async (store: ContentStore) =>
    (await listAttachments(store, "v1", fresh())).attachments.map(
      (one) => `${one.subject} ${one.content.digest}`,
    );

  beforeAll(async () => {
    registry = await startHostileRegistry();
    const store = await open("source");
    const { index, amd64, arm64 } = await pushIndex(store, "v1");
    digest = index.digest;
    const subjects = [index, amd64, arm64];
    const bundles = subjects.map((one, at) => writeBundle(directory, `bundle-${at}`, [one.digest]));
    await attachInLayout(store, "v1", await Promise.all(bundles), "referrer", options);
    const old = await writeBundle(directory, "old", [amd64.digest]);
    await attachInLayout(store, "v1", [old], "cosign-tag", options);
    attached = await contents(store);
    expect(attached).toHaveLength(4);
  });
  afterAll(() => registry.stop());
  beforeEach(() => {
    registry.faults = [];
  });

  /** Copies in a process that is killed when it asks for something the given time; tells whether it was. */
  async function killedAt(request: number, target: readonly string[]): Promise<boolean> {
    const support = join(import.meta.dirname, "../../support/compiled.ts");
    const script = join(import.meta.dirname, "copier.ts");
    const args = ["--import", support, script, registry.address, "source", ...target, directory];
    const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, "compiled") };
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"], env });
    let asked = 0;
    registry.faults = [
      () => {
        asked += 1;
        if (asked < request) return undefined;
        child.kill("SIGKILL");
        return "reset";
      },
    ];
    const signal = await new Promise((resolve) => child.once("close", (_, how) => resolve(how)));
    registry.faults = [];
    return signal === "SIGKILL";
  }

  async function expectContinued(target: ContentStore, killed: boolean): Promise<void> {
    const tagged = await target.resolve("v1");
    // The tag is set last: where it is, everything is.
    if (tagged !== undefined) expect(await contents(target)).toEqual(attached);
    else expect(killed).toBe(true);
    const copy = await copyImage(await open("source"), "v1", target, { timing, tags: ["v1"], directory });
    expect(copy).toMatchObject({ image: { digest }, manifests: 3, attached: 4, absent: [] });
    expect(await contents(target)).toEqual(attached);
  }

  test.for([1, 8, 20, 35, 50, 65, 80])("at request %i, to a registry", async (request) => {
    const killed = await killedAt(request, [registry.address, `target-${request}`]);
    await expectContinued(await open(`target-${request}`), killed);
  });

  test.for([1, 8, 16, 24, 32, 40])(
    "at request %i, to a layout, and from there to a registry",
    async (request) => {
      const layout = join(directory, `layout-${request}`);
      const killed = await killedAt(request, [layout, ""]);
      const store = await openLayout(layout, { timing, create: true });
      await expectContinued(store, killed);
      const back = await open(`back-${request}`);
      await copyImage(store, "v1", back, { timing, tags: ["v1"], directory });
      expect((await back.resolve("v1"))?.digest).toBe(digest);
      expect(await contents(back)).toEqual(attached);
    },
  );
});
