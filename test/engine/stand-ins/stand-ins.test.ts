import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { standIn } from "../../../engine/stand-ins/index.js";
import { syftImage, trivyImage } from "../../../src/sbom/images.js";
import { extractLayout } from "../../../src/sbom/layout.js";
import { objectsIn } from "../../../src/sbom/edit.js";
import { readDocument } from "../../sbom/read.js";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../../scripts/scanners.sh", import.meta.url));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-stand-in-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("a stand-in", () => {
  it.each([
    [syftImage, "/syft"],
    [syftImage.replace(/@.*/, ""), "/syft"],
    [syftImage.replace("docker.io/", ""), "/syft"],
    [trivyImage, "trivy"],
  ])("for %s is an image that runs the scanner", async (reference, entrypoint) => {
    const said: string[] = [];
    const found = await standIn(reference, (line) => said.push(line));
    expect(said.at(-1)).toContain("its image digest differs");
    const layout = await mkdtemp(join(directory, "layout-"));
    await extractLayout(found?.archive ?? "", layout);
    const [manifest] = objectsIn((await readDocument(join(layout, "index.json")))["manifests"]);
    const { config } = await readBlob(layout, manifest?.["digest"]);
    const image = await readBlob(layout, (config as { digest: string }).digest);
    expect(image).toMatchObject({ os: "linux", config: { Entrypoint: [entrypoint] } });
    await rm(layout, { recursive: true });
  });

  it.each([
    "alpine:3.22",
    "docker.io/anchore/syft",
    "docker.io/anchore/syft:v1.50.0",
    "ghcr.io/anchore/syft:v1.51.0",
    `docker.io/anchore/syft:v1.51.0@sha256:${"0".repeat(64)}`,
    "docker.io/aquasec/trivy:0.69.4",
  ])("is not made for %s", async (reference) => {
    await expect(standIn(reference, () => undefined)).resolves.toBeUndefined();
  });
});

function readBlob(layout: string, digest: unknown) {
  return readDocument(join(layout, "blobs", String(digest).replace(":", "/")));
}

function ensure(scanner: string, env: NodeJS.ProcessEnv) {
  return run("/bin/sh", ["-euc", '. "$0" && ensure_scanners "$1"', script, scanner], { env });
}

describe("the scanners' set-up", () => {
  it("is silent where the scanner is there", async () => {
    await standIn(syftImage, () => undefined);
    await expect(ensure("syft", process.env)).resolves.toEqual({ stdout: "", stderr: "" });
  });

  it("says what to install by hand where it can't", async () => {
    const bin = await toolsOf(["mkdir", "flock", "rm", "find", "mktemp", "uname", "id", "dirname"]);
    const failed = ensure("trivy", { PATH: bin, HOME: directory });
    await expect(failed).rejects.toThrow(/Python's pip is missing\. Next: install it by hand/);
    const left = await run("find", [join(directory, ".cache"), "-name", ".installing.*"]);
    expect(left.stdout).toBe("");
  });

  it("refuses a scanner that it does not know", async () => {
    await expect(ensure("grype", process.env)).rejects.toThrow("unknown scanner: grype");
  });
});

/** A directory with these of the machine's commands and no others. */
async function toolsOf(names: readonly string[]): Promise<string> {
  const bin = await mkdtemp(join(directory, "bin-"));
  for (const name of names) {
    const { stdout } = await run("/bin/sh", ["-c", 'command -v "$0"', name]);
    await symlink(stdout.trim(), join(bin, name));
  }
  return bin;
}

it("the decision names the versions and hashes that the set-up pins", async () => {
  const text = await readFile(script, "utf8");
  const decision = await readFile(
    new URL("../../../docs/decisions/2026-11-24-scanner-pins.md", import.meta.url),
    "utf8",
  );
  for (const pin of text.match(/\b[0-9a-f]{64}\b|\b\d+\.\d+\.\d+\.\d+\b/g) ?? [])
    expect(decision).toContain(pin);
});
