/** Every status in the place of every answer that a list of attachments is made of: none makes it shorter. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { listAttachments } from "../../../src/oci/read/list.js";
import { answering, bodyless } from "../../support/hostile-registry/faults.js";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile-registry/server.js";
import { client, outcomeOf, setScene, type Scene } from "./verbs.js";

/** What says that there is nothing, or that another way has to be tried. */
const meansNone = new Set([404]);
const meansNoApi = new Set([400, 404, 405, 406, 501]);

const statuses = [201, 202, 203, 204, 206, 300, 304, 400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 413, 414, 416, 418, 421,
  422, 423, 425, 429, 431, 451, 500, 501, 502, 503, 504, 507, 511, 599]; // prettier-ignore

describe("a status other than 200", () => {
  const directory = mkdtempSync(join(tmpdir(), "attest-statuses-"));
  let registry: HostileRegistry;
  let scene: Scene;
  beforeAll(async () => {
    registry = await startHostileRegistry();
    scene = await setScene(registry, "app", directory);
  });
  afterAll(async () => {
    await registry.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const listed = async (where: RegExp, status: number) => {
    registry.faults = [answering(where, bodyless(status))];
    const into = mkdtempSync(join(directory, "list-"));
    const { attachments } = await listAttachments(await client(registry, "app"), "v1", into);
    expect(attachments).toHaveLength(scene.statements.length);
  };

  test.for(statuses)("%d: a list is whole, or an error", async (status) => {
    const { digest } = scene.image;
    const [manifest = ""] = scene.attached;
    const places: [string, RegExp, ReadonlySet<number>][] = [
      ["the image", /manifests\/v1$/, new Set()],
      ["a platform's list of referrers", new RegExp(`referrers/${digest}$`), meansNoApi],
      ["a fallback tag", /manifests\/sha256-[0-9a-f]{64}$/, meansNone],
      ["an .att tag", /manifests\/sha256-[0-9a-f]{64}\.att$/, meansNone],
      ["what is attached", new RegExp(`manifests/${manifest}$`), meansNone],
      ["its content", /^GET \/v2\/app\/blobs\//, meansNone],
    ];
    for (const [what, where, none] of places) {
      if (none.has(status)) continue;
      const outcome = await outcomeOf(listed(where, status));
      expect([what, outcome]).toEqual([what, expect.stringMatching(/^(?:right|REGISTRY_|IMAGE_NOT_FOUND$)/)]);
    }
  });
});
