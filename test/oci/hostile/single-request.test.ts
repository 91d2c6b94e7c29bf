/** Registries that fail at a blob that comes along with the question whether one may be sent. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bytesSource } from "../../../src/signing/source.js";
import type { Answer, Asked } from "../../support/hostile-registry/core.js";
import { answering, atFirst } from "../../support/hostile-registry/faults.js";
import {
  startHostileRegistry,
  type Fault,
  type HostileRegistry,
} from "../../support/hostile-registry/server.js";
import { descriptorOf } from "../../support/registry-images.js";
import { client } from "./verbs.js";

const isSingle = ({ method, url }: Pick<Asked, "method" | "url">): boolean =>
  method === "POST" && url.searchParams.has("digest");
const failing =
  (answer: Answer | "reset"): Fault =>
  (asked) =>
    isSingle(asked) ? answer : undefined;

describe("a blob in a single request", () => {
  let registry: HostileRegistry;
  beforeAll(async () => {
    registry = await startHostileRegistry();
  });
  afterAll(() => registry.stop());

  /** Pushes two blobs; returns how often each was tried in one request. */
  async function tries(repository: string, fault: Fault): Promise<number[]> {
    const store = await client(registry, repository);
    registry.faults = [fault];
    const counts: number[] = [];
    for (const text of ["one", "two"]) {
      const before = registry.asked.length;
      const bytes = Buffer.from(`${repository} ${text}`);
      const descriptor = descriptorOf(bytes, "text/plain");
      await store.pushBlob(descriptor, bytesSource(bytes));
      expect(registry.core.repository(repository).blobs.get(descriptor.digest)).toEqual(bytes);
      counts.push(registry.asked.slice(before).filter(isSingle).length);
    }
    return counts;
  }

  test.for([400, 404, 405, 413, 415, 500, 501])(
    "that is answered %i goes in two, at once",
    async (status) => {
      const isLearnt = status !== 413;
      expect(await tries(`status-${status}`, failing({ status }))).toEqual([1, isLearnt ? 0 : 1]);
    },
  );

  test.for([429, 502, 503])("that is answered %i once is tried so again with the next", async (status) => {
    expect(await tries(`later-${status}`, atFirst(1, failing({ status })))).toEqual([1, 1]);
  });

  test("that is never answered goes in two", async () => {
    expect(await tries("reset", failing("reset"))).toEqual([1, 1]);
  });

  test("that the registry refuses is refused in two", async () => {
    const store = await client(registry, "refused");
    registry.faults = [answering(/^POST .*\/blobs\/uploads\//, { status: 403 })];
    const bytes = Buffer.from("refused");
    await expect(store.pushBlob(descriptorOf(bytes, "text/plain"), bytesSource(bytes))).rejects.toThrow(
      /REGISTRY_DENIED/,
    );
  });
});
