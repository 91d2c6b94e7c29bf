/** The scripts of docs/ci that need nothing but a registry are run against one. */
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachInLayout } from "../../src/oci/attach/layouts.js";
import { openRegistry } from "../../src/oci/registry/open.js";
import { systemTiming } from "../../src/oci/timing.js";
import { statementText } from "../support/bundles.js";
import { pushRealImage } from "../support/registry-images.js";
import { installedTools, startDistribution, type RunningRegistry } from "../support/registry.js";
import { root } from "./pages.js";

const program = installedTools().get("docker-registry");
const timing = systemTiming();

describe.skipIf(program === undefined)("docs/ci at a registry (docker-registry, where it can be had)", () => {
  let directory: string;
  let registry: RunningRegistry;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "attest-ci-"));
    registry = await startDistribution(program ?? "");
    await symlink(join(root, "attest"), join(directory, "attest"));
    const passphrase = "example";
    const { privateKey, publicKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase },
      publicKeyEncoding: { format: "pem", type: "spki" },
    });
    await writeFile(join(directory, "release.key"), privateKey);
    await writeFile(join(directory, "release.pub"), publicKey);
  });
  afterAll(async () => {
    await registry.stop();
    await rm(directory, { recursive: true });
  });

  const repository = (name: string) =>
    openRegistry({ registry: registry.address, repository: name }, { timing });

  /** What a script printed. @throws what it said when it failed */
  const run = (name: string, ...args: string[]): Promise<string> => {
    const credentials = { REGISTRY_USER: "nobody", REGISTRY_TOKEN: "none", KEY_PASSPHRASE: "example" };
    const env = { ...process.env, ...credentials, ATTEST_ENGINE: "local" };
    return new Promise((resolve, reject) => {
      const script = [join(root, "docs", "ci", name), ...args];
      execFile("sh", script, { cwd: directory, env }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${name}: ${stderr}`));
      });
    });
  };

  test("publish.sh publishes what was built, and verifies it", async () => {
    await pushRealImage(await repository("team/staging"), "1.2");
    const target = `${registry.address}/team/app:1.2`;
    const reference = await run("publish.sh", `${registry.address}/team/staging:1.2`, target);
    const digest = (await (await repository("team/app")).resolve("1.2"))?.digest ?? "";
    expect(reference).toContain(`${target}@${digest}`);
  });

  test("release.sh signs what BuildKit made, verifies and promotes it", async () => {
    const store = await repository("team/built");
    const { digest } = await pushRealImage(store, "1.2");
    const creationInfo = { created: "2026-11-26T00:00:00Z", creators: ["Tool: buildkit"] };
    const sbom = { spdxVersion: "SPDX-2.3", SPDXID: "SPDXRef-DOCUMENT", name: "built", creationInfo };
    const made: [string, object][] = [
      ["https://spdx.dev/Document", sbom],
      [
        "https://slsa.dev/provenance/v1",
        {
          buildDefinition: { buildType: "https://example.com/build", externalParameters: {} },
          runDetails: { builder: { id: "https://example.com/builder" } },
        },
      ],
    ];
    const paths = made.map(async ([type, predicate], at) => {
      const path = join(directory, `${at}.json`);
      await writeFile(path, statementText([digest], type, predicate));
      return path;
    });
    const options = { created: "2026-11-26T00:00:00Z", timing, tag: "1.2" };
    const built = await attachInLayout(store, "1.2", await Promise.all(paths), "buildkit-artifact", options);
    const target = `${registry.address}/team/released:1.2`;
    await run("release.sh", `${registry.address}/team/built@${built.digest}`, target);
    expect((await (await repository("team/released")).resolve("1.2"))?.digest).toBe(built.digest);
  });
});
