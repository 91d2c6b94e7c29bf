/** A hundred writers that know nothing of each other, some of them processes of their own: a hundred attestations. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachInLayout, type AttachLayout } from "../../../src/oci/attach/layouts.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { systemTiming } from "../../../src/oci/timing.js";
import { writeBundle } from "../../support/bundles.js";
import { pushImage, pushIndex } from "../../support/registry-images.js";
import { missing, storeKinds, type StoreMaker } from "../stores.js";

const writers = 100;
/** Writers that are processes of their own. All of them, where there is time: ATTEST_WRITERS=100. */
const inProcesses = Math.min(writers, Number(process.env["ATTEST_WRITERS"] ?? 24));
const timing = systemTiming();
const directory = mkdtempSync(join(tmpdir(), "attest-writers-"));
const registries = storeKinds.filter(({ program }) => program !== undefined);
const layouts: readonly AttachLayout[] = ["referrer", "cosign-tag"];

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Starts a writer; `begin` lets it write, `done` tells its exit status with what it printed. */
async function startWriter(registry: string, repository: string, layout: AttachLayout, path: string) {
  const script = join(import.meta.dirname, "writer.ts");
  const support = join(import.meta.dirname, "../../support/compiled.ts");
  const args = ["--import", support, script, registry, repository, layout, path];
  const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, "compiled") };
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"], env });
  let output = "";
  child.stderr.on("data", (piece: Buffer) => (output += piece.toString()));
  const done = new Promise<string>((resolve) =>
    child.once("close", (status) => resolve(status === 0 ? "" : `status ${status}: ${output}`)),
  );
  await Promise.race([new Promise((resolve) => child.stdout.once("data", resolve)), done]);
  return { begin: () => child.stdin.end("go\n"), done };
}

describe.for(registries)("on a $name", (kind) => {
  const reason = missing(kind.program ?? "");
  let maker: StoreMaker;
  beforeAll(async () => {
    if (reason === false) maker = await kind.start();
  });
  afterAll(() => maker?.stop());

  test.skipIf(reason !== false).for(layouts)("%s: a hundred writers keep a hundred", async (layout) => {
    const repository = `writers-${layout}`;
    const { digest } = await pushImage(await maker.open(repository), "v1");
    const names = Array.from({ length: writers }, (_, at) => `${kind.name.split(" ")[0]}-${layout}-${at}`);
    const paths = await Promise.all(names.map((name) => writeBundle(directory, name, [digest])));
    const address = maker.registry?.address ?? "";
    const separate = await Promise.all(
      paths.slice(0, inProcesses).map((path) => startWriter(address, repository, layout, path)),
    );
    for (const { begin } of separate) begin();
    const options = { created: "2026-11-26T00:00:00Z", timing, tag: "v1" };
    await Promise.all(
      paths.slice(inProcesses).map(async (path) => {
        await attachInLayout(await maker.open(repository), "v1", [path], layout, options);
      }),
    );
    expect(await Promise.all(separate.map(({ done }) => done))).toEqual(separate.map(() => ""));
    const list = mkdtempSync(join(directory, "list-"));
    const { attachments, skipped } = await listAttachments(await maker.open(repository), "v1", list);
    expect(attachments).toHaveLength(writers);
    expect(skipped).toEqual([]);
  });

  const about = 30;
  test.skipIf(reason !== false).for(layouts)("%s: to an index and its platforms at once", async (layout) => {
    const repository = `index-${layout}`;
    const { index, amd64, arm64 } = await pushIndex(await maker.open(repository), "v1");
    const digests = [index, amd64, arm64].map(({ digest }) => digest);
    const options = { created: "2026-11-26T00:00:00Z", timing, tag: "v1" };
    await Promise.all(
      Array.from({ length: about }, async (_, at) => {
        const path = await writeBundle(
          directory,
          `${kind.name.split(" ")[0]}-index-${layout}-${at}`,
          digests,
        );
        await attachInLayout(await maker.open(repository), "v1", [path], layout, options);
      }),
    );
    const list = mkdtempSync(join(directory, "list-"));
    const { attachments, skipped } = await listAttachments(await maker.open(repository), "v1", list);
    const counts = digests.map((digest) => attachments.filter(({ subject }) => subject === digest).length);
    expect(counts).toEqual(digests.map(() => about));
    expect(skipped).toEqual([]);
  });
});
