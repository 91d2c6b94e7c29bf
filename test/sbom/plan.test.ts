import { readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { syftImage, trivyImage } from "../../src/sbom/images.js";
import { scanPlan, type ScanRequest } from "../../src/sbom/plan.js";
import { predicateTypeOf } from "../../src/sbom/predicate-type.js";
import { parseImageReference } from "../../src/subjects/reference.js";

const base: ScanRequest = { scanner: "syft", format: "spdx-json", source: "image", name: "app" };

describe("a plan for Syft", () => {
  it("pins the format's version, names the source and asks for no updates", () => {
    expect(scanPlan({ ...base, version: "1.0" })).toEqual({
      input: "oci-archive",
      mountPath: "/attest/image",
      files: [],
      args: [
        "/syft",
        "scan",
        "oci-archive:/attest/image",
        "--quiet",
        "--output=spdx-json@2.3=/tmp/sbom.json",
        "--source-name=app",
        "--source-version=1.0",
      ],
      env: { SYFT_CHECK_FOR_APP_UPDATE: "false" },
      outputPath: "/tmp/sbom.json",
    });
    expect(scanPlan({ ...base, format: "cyclonedx-json" }).args).toContain(
      "--output=cyclonedx-json@1.6=/tmp/sbom.json",
    );
  });

  it("keeps a name that looks like a flag a name", () => {
    expect(scanPlan({ ...base, name: "--config=x" }).args).toContain("--source-name=--config=x");
  });

  it("keeps a file's own name, and only that", () => {
    const file: ScanRequest = { ...base, source: "file", name: "locked" };
    expect(scanPlan({ ...file, fileName: "package-lock.json" }).mountPath).toBe(
      "/attest/file/package-lock.json",
    );
    expect(scanPlan(file).mountPath).toBe("/attest/file/locked");
    expect(scanPlan({ ...file, fileName: "../../etc/x" }).mountPath).toBe("/attest/file/x");
    expect(scanPlan({ ...file, fileName: ".." }).mountPath).toBe("/attest/file/file");
  });
});

describe("a plan for Trivy", () => {
  const trivy: ScanRequest = { ...base, scanner: "trivy" };

  it("stays offline", () => {
    const { args } = scanPlan(trivy);
    expect(args).toEqual(
      expect.arrayContaining([
        "--offline-scan",
        "--skip-db-update",
        "--skip-java-db-update",
        "--skip-version-check",
        "--disable-telemetry",
      ]),
    );
  });

  it.each([
    ["image", undefined, "image", "oci-layout", "--input=/attest/image"],
    ["directory", undefined, "fs", "directory", "/attest/directory"],
    ["file", "package-lock.json", "fs", "file", "/attest/file/package-lock.json"],
    ["file", "tool", "rootfs", "file", "/attest/file/tool"],
    ["file", "app.jar", "rootfs", "file", "/attest/file/app.jar"],
  ] as const)("scans a %s (%s) with `%s`", (source, fileName, command, input, target) => {
    const plan = scanPlan({ ...trivy, source, ...(fileName === undefined ? {} : { fileName }) });
    expect(plan.input).toBe(input);
    expect(plan.args.slice(0, 2)).toEqual(["trivy", command]);
    expect(plan.args.at(-1)).toBe(target);
  });
});

describe("the pinned images", () => {
  it.each([syftImage, trivyImage])("%s has a version and a digest", (image) => {
    expect(parseImageReference(image)).toMatchObject({
      tag: expect.stringMatching(/^v?\d+\.\d+\.\d+$/) as unknown,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown,
    });
  });

  it("have the versions that the set-up installs", async () => {
    const script = await readFile(new URL("../../scripts/scanners.sh", import.meta.url), "utf8");
    expect(script).toContain(`\nsyft_version=${parseImageReference(syftImage).tag?.slice(1)}\n`);
    expect(script).toContain(`\ntrivy_version=${parseImageReference(trivyImage).tag}\n`);
  });
});

it("predicate types are those that the ecosystem matches on", () => {
  expect(predicateTypeOf("spdx-json")).toBe("https://spdx.dev/Document");
  expect(predicateTypeOf("cyclonedx-json")).toBe("https://cyclonedx.org/bom");
});
