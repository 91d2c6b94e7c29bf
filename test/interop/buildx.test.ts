/**
 * What docker buildx shows of attestations that stand in an image's index. It takes long to build, so it runs where
 * ATTEST_BUILDX names it: `go install github.com/docker/buildx/cmd/buildx@v0.38.2` gives the program.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachInLayout } from "../../src/oci/attach/layouts.js";
import { systemTiming } from "../../src/oci/timing.js";
import { makerOf, tools, type StoreMaker } from "../oci/stores.js";
import { statementText } from "../support/bundles.js";
import { pushIndex } from "../support/registry-images.js";
import { startDistribution } from "../support/registry.js";

const buildx = process.env["ATTEST_BUILDX"];
const program = tools.get("docker-registry");
const timing = systemTiming();
const spdx = "https://spdx.dev/Document";
const slsa = "https://slsa.dev/provenance/v1";

describe.skipIf(buildx === undefined || program === undefined)(
  "docker buildx (skipped unless ATTEST_BUILDX names the program)",
  () => {
    let maker: StoreMaker;
    const directory = mkdtempSync(join(tmpdir(), "attest-buildx-"));
    beforeAll(async () => {
      maker = makerOf(await startDistribution(program ?? ""));
    });
    afterAll(async () => {
      await maker.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    const inspect = (reference: string, format: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const args = ["imagetools", "inspect", reference, "--format", format];
        const env = { PATH: process.env["PATH"], HOME: directory, DOCKER_CONFIG: directory };
        execFile(buildx ?? "", args, { env }, (error, stdout, stderr) => {
          if (error === null) resolve(JSON.parse(stdout));
          else reject(new Error(stderr));
        });
      });

    test.each(["buildkit-artifact", "buildkit-image"] as const)("reads the layout %s", async (layout) => {
      const store = await maker.open(layout);
      const { amd64, arm64 } = await pushIndex(store, "v1");
      const paths = [amd64, arm64].flatMap(({ digest }, at) => {
        const predicates: [string, object][] = [
          [spdx, { spdxVersion: "SPDX-2.3", SPDXID: "SPDXRef-DOCUMENT", name: `platform ${at}` }],
          [slsa, { buildDefinition: { buildType: `https://example.com/build/${at}` }, runDetails: {} }],
        ];
        return predicates.map(([type, predicate], which) => {
          const path = join(directory, `${layout}-${at}-${which}.json`);
          writeFileSync(path, statementText([digest], type, predicate));
          return path;
        });
      });
      await attachInLayout(store, "v1", paths, layout, {
        created: "2026-11-26T00:00:00Z",
        timing,
        tag: "v1",
      });
      const reference = `${maker.registry?.address ?? ""}/${layout}:v1`;
      expect(await inspect(reference, "{{ json .SBOM }}")).toMatchObject({
        "linux/amd64": { SPDX: { name: "platform 0" } },
        "linux/arm64": { SPDX: { name: "platform 1" } },
      });
      expect(await inspect(reference, "{{ json .Provenance }}")).toMatchObject({
        "linux/amd64": { SLSA: { buildDefinition: { buildType: "https://example.com/build/0" } } },
        "linux/arm64": { SLSA: { buildDefinition: { buildType: "https://example.com/build/1" } } },
      });
    });
  },
);
