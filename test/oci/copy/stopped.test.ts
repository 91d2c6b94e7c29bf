/** A copy to a registry that stops answering at any one request, done or not: begun again it is whole, and no tag came too early. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachInLayout } from "../../../src/oci/attach/layouts.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import type { ContentStore } from "../../../src/oci/store.js";
import { statementText, writeBundle } from "../../support/bundles.js";
import { fakeTiming } from "../../support/fake-timing.js";
import { bodyless } from "../../support/hostile-registry/faults.js";
import { startHostileRegistry, type HostileRegistry } from "../../support/hostile-registry/server.js";
import { pushIndex } from "../../support/registry-images.js";
import { client } from "../hostile/verbs.js";

const oneTry = { attempts: 1, first: 1, longest: 1, patience: 1 };
const mostRequests = 400;

describe.for([true, false])("to a registry with a referrers API: %s", (referrers) => {
  const directory = mkdtempSync(join(tmpdir(), "attest-stopped-"));
  const fresh = () => mkdtempSync(join(directory, "fresh-"));
  let registry: HostileRegistry;
  let source: ContentStore;
  let attached: readonly string[];
  const contents = async (store: ContentStore) =>
    (await listAttachments(store, "v1", fresh())).attachments.map(
      (one) =>
        `${one.subject} ${one.content.digest} ${one.places.filter((place) => !/ref|fall/.test(place)).join()}`,
    );
  const copy = (to: ContentStore) =>
    copyImage(source, "v1", to, { timing: fakeTiming(), tags: ["v1"], directory: fresh() });

  beforeAll(async () => {
    registry = await startHostileRegistry({ referrers });
    source = await openLayout(fresh(), { timing: fakeTiming(), create: true });
    const { amd64 } = await pushIndex(source, "v1");
    const options = { created: "2026-11-27T00:00:00Z", timing: fakeTiming(), tag: "v1" };
    const statement = join(directory, "statement.json");
    writeFileSync(statement, statementText([amd64.digest], "https://example.com/inline/v1", {}));
    const image = await attachInLayout(source, "v1", [statement], "buildkit-artifact", options);
    const bundle = await writeBundle(directory, "bundle", [image.digest, amd64.digest]);
    await attachInLayout(source, "v1", [bundle], "referrer", options);
    await attachInLayout(
      source,
      "v1",
      [await writeBundle(directory, "old", [image.digest])],
      "cosign-tag",
      options,
    );
    attached = await contents(source);
    expect(attached).toHaveLength(4);
  });
  afterAll(async () => {
    await registry.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test.for(["what was asked for is not done", "what was asked for is done, and nobody is told"])(
    "at any request: %s",
    async (how) => {
      let hasEnded = false;
      for (let stop = 1; !hasEnded; stop += 1) {
        expect(stop).toBeLessThan(mostRequests);
        const repository = `target-${how.length}-${stop}`;
        let asked = 0;
        registry.faults = [
          (_, honest) => {
            asked += 1;
            if (asked < stop) return undefined;
            if (asked === stop && how.includes("told")) honest();
            return bodyless(503);
          },
        ];
        hasEnded = await copy(await client(registry, repository, { retry: oneTry })).then(
          () => asked < stop,
          () => false,
        );
        registry.faults = [];
        const target = await client(registry, repository);
        if ((await target.resolve("v1")) !== undefined) expect(await contents(target)).toEqual(attached);
        const { absent } = await copy(target);
        expect(absent).toEqual([]);
        expect(await contents(target)).toEqual(attached);
      }
    },
  );
});
