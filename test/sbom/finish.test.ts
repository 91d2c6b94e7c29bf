import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { lastLines, scannerFailure } from "../../src/sbom/failure.js";
import { finishSbom } from "../../src/sbom/finish.js";
import { scanPlan, type ScanRequest } from "../../src/sbom/plan.js";
import { summariseSbom } from "../../src/sbom/summary.js";
import { readDocument } from "./read.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-finish-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function finish(text: string, format: ScanRequest["format"], stderr = "") {
  const request: ScanRequest = { scanner: "syft", format, source: "directory", name: "demo" };
  const outputPath = join(directory, "output.json");
  const predicatePath = join(directory, "predicate.json");
  await writeFile(outputPath, text);
  const plan = scanPlan(request);
  const summary = await finishSbom({ request, plan, outputPath, stderr, created: 0, predicatePath });
  return { summary, predicatePath };
}

function cycloneDx(components: readonly unknown[]): string {
  return JSON.stringify({
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: "urn:uuid:b3c14759-0585-401c-8e85-87e9d733d2f2",
    version: 1,
    metadata: { timestamp: "2026-11-24T04:44:57Z", component: { type: "file", name: "x" } },
    components,
  });
}

describe("finishing an SBOM", () => {
  it("refuses what a scanner printed instead of one, with its last lines", async () => {
    await expect(finish("panic: runtime error", "spdx-json", "goroutine 1 [running]\n")).rejects.toThrow(
      /SBOM_INVALID: [^]*goroutine 1 \[running\][^]*got no JSON: "panic: runtime error"[^]*Next: /,
    );
  });

  it("passes 50 MB through whole", async () => {
    const count = 50_000;
    const description = "d".repeat(950);
    const components = Array.from({ length: count }, (_, index) => {
      const purl = `pkg:npm/lib-${index}@1.0.0`;
      return { "bom-ref": purl, type: "library", name: `lib-${index}`, version: "1.0.0", description, purl };
    });
    const text = cycloneDx(components);
    expect(text.length).toBeGreaterThan(50_000_000);
    const { summary, predicatePath } = await finish(text, "cyclonedx-json");
    expect(summary.types).toEqual({ npm: count });
    const written = await readDocument(predicatePath);
    expect(written["components"]).toEqual(components);
  });

  it("writes compact JSON, keys in the scanner's order, and nothing after it", async () => {
    const { predicatePath } = await finish(cycloneDx([{ type: "library", name: "ü" }]), "cyclonedx-json");
    const written = await readFile(predicatePath, "utf8");
    expect(written).toMatch(
      /^\{"bomFormat":"CycloneDX","specVersion":"1\.6","serialNumber":"urn:uuid:[0-9a-f-]{36}","version":1,"metadata":\{"timestamp":"1970-01-01T00:00:00Z","component":\{"type":"file","name":"demo"\}\},"components":\[\{"type":"library","name":"ü"\}\]\}$/,
    );
  });
});

describe("the summary", () => {
  const purl = (locator: string) => [{ referenceType: "purl", referenceLocator: locator }];
  const spdx = {
    spdxVersion: "SPDX-2.3",
    creationInfo: {
      creators: ["Organization: Anchore, Inc", "Tool: syft-1.51.0", "Tool: my-own-tool-2.0-rc1"],
    },
    packages: [
      { SPDXID: "SPDXRef-Root", primaryPackagePurpose: "CONTAINER", externalRefs: purl("pkg:oci/x@1") },
      { SPDXID: "SPDXRef-1", externalRefs: purl("pkg:deb/debian/libc6@2.36?arch=amd64") },
      { SPDXID: "SPDXRef-2", externalRefs: purl("pkg:npm/%40scope/lib@1") },
      { SPDXID: "SPDXRef-3", externalRefs: purl("pkg:npm/lib@1") },
      { SPDXID: "SPDXRef-4", primaryPackagePurpose: "LIBRARY" },
      { SPDXID: "SPDXRef-5", primaryPackagePurpose: "OPERATING-SYSTEM" },
      { SPDXID: "SPDXRef-6", primaryPackagePurpose: "APPLICATION", name: "package-lock.json" },
    ],
    files: [{}, {}],
    relationships: [
      {
        spdxElementId: "SPDXRef-DOCUMENT",
        relationshipType: "DESCRIBES",
        relatedSpdxElement: "SPDXRef-Root",
      },
    ],
  };

  it("counts packages by type, without the root, the system and lockfiles", () => {
    expect(summariseSbom(spdx, "spdx-json", "app")).toEqual({
      packages: 4,
      files: 2,
      types: { npm: 2, deb: 1, other: 1 },
      tools: ["syft 1.51.0", "my-own-tool 2.0-rc1"],
      warnings: [],
      text: [
        "SPDX 2.3 SBOM of app",
        "4 packages (npm 2, deb 1, other 1), 2 files",
        "made by syft 1.51.0, my-own-tool 2.0-rc1",
      ].join("\n"),
    });
  });

  it("counts nested components, and reads tools of either form", () => {
    const component = { type: "library", purl: "pkg:maven/g/a@1" };
    const document = { specVersion: "1.4", components: [{ ...component, components: [component] }] };
    const older = { ...document, metadata: { tools: [{ name: "syft", version: "0.9" }] } };
    const newer = { ...document, metadata: { tools: { components: [{ name: "trivy", version: "1" }] } } };
    expect(summariseSbom(older, "cyclonedx-json", "x")).toMatchObject({ packages: 2, tools: ["syft 0.9"] });
    expect(summariseSbom(newer, "cyclonedx-json", "x")).toMatchObject({ packages: 2, tools: ["trivy 1"] });
  });

  it("warns first and loudly of no packages, in lines of at most 80 columns", () => {
    const { text, warnings } = summariseSbom({ ...spdx, packages: [] }, "spdx-json", "app");
    expect(warnings).toHaveLength(1);
    expect(text.startsWith("warning: the scanner found no packages in app")).toBe(true);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("a scanner that failed", () => {
  it("is an error with its last lines, without colours, and what to do", () => {
    const stderr = `${"early\n".repeat(30)}\u001b[31mERROR\u001b[0m could not determine source\r\n\n`;
    const error = scannerFailure({ scanner: "syft", exitCode: 1, stderr });
    expect(error.code).toBe("SCANNER_FAILED");
    expect(error.message).toMatch(/^SCANNER_FAILED: syft ended with exit code 1\n/);
    expect(error.message).toContain("\n  | ERROR could not determine source\nNext: ");
    expect(error.message.match(/early/g)).toHaveLength(9);
  });

  it.each([
    [137, "", "memory"],
    [127, "", "/syft"],
    [1, "write /tmp/x: no space left on device", "disk space"],
    [1, "whatever", "other scanner"],
  ])("with exit code %i and %j is told about %s", (exitCode, stderr, advice) => {
    expect(scannerFailure({ scanner: "syft", exitCode, stderr }).next).toContain(advice);
  });

  it("that was silent is said to have been", () => {
    expect(lastLines("\n \n")).toContain("nothing on stderr");
  });
});
