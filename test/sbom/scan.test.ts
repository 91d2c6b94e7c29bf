import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { extractLayout } from "../../src/sbom/layout.js";
import type { ScanRequest } from "../../src/sbom/plan.js";
import type { SbomFormat, SbomScanner } from "../../src/sbom/types.js";
import { validateSbom } from "../../src/sbom/validate.js";
import {
  alpineFiles,
  debianFiles,
  imageArchive,
  npmFiles,
  writeFiles,
  type InstalledFiles,
} from "../support/images.js";
import { jar } from "./jar.js";
import { asDocument, listed, purls, readDocument, records } from "./read.js";
import { makeSbom, runDirectly, scannerBinary } from "./scan.js";

const scanners: SbomScanner[] = ["syft", "trivy"];
const formats: SbomFormat[] = ["spdx-json", "cyclonedx-json"];
const combinations = scanners.flatMap((scanner) => formats.map((format) => ({ scanner, format })));

let directory: string;
let debian: InstalledFiles;
let debianImage: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-scan-"));
  debian = await debianFiles(["base-files", "libc6", "dpkg"]);
  debianImage = await imageArchive(join(directory, "debian.tar"), debian.files);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Scans in a fresh root of always the same path, as a scanner's container is one; returns the predicate's path. */
async function sbom(request: ScanRequest, input: string) {
  const { scanner, format, source, name } = request;
  const root = join(directory, "root", scanner);
  await rm(root, { recursive: true, force: true });
  const path = join(directory, `${scanner}-${format}-${source}-${name}.json`);
  const summary = await makeSbom(request, input, root, path);
  return { path, summary, document: await readDocument(path) };
}

function expectPackages(found: readonly string[], { packages }: InstalledFiles): void {
  expect(found).toEqual(expect.arrayContaining(packages.map(({ name, version }) => `${name}@${version}`)));
}

describe.each(combinations)("$scanner as $format", ({ scanner, format }) => {
  it("finds the packages of a Debian image by name and version", async () => {
    const { document, summary } = await sbom(
      { scanner, format, source: "image", name: "debian" },
      debianImage,
    );
    expectPackages(listed(document), debian);
    expect(summary.types).toEqual({ deb: debian.packages.length });
    expect(summary.packages).toBe(debian.packages.length);
    expect(summary.warnings).toEqual([]);
  });

  it("gives the same bytes for the same input twice, and they pass validation", async () => {
    const request: ScanRequest = { scanner, format, source: "image", name: "twice" };
    const first = await readFile((await sbom(request, debianImage)).path, "utf8");
    const second = await readFile((await sbom(request, debianImage)).path, "utf8");
    expect(second).toBe(first);
    expect(first).not.toContain(directory);
    await expect(validateSbom({ text: first, format })).resolves.toBeDefined();
  });

  it("finds what a lockfile in a directory pins, under the given name", async () => {
    const npm = npmFiles();
    const input = await writeFiles(join(directory, "npm"), npm.files);
    const { document, path } = await sbom({ scanner, format, source: "directory", name: "my app" }, input);
    expectPackages(listed(document), npm);
    expect(describedName(document, format)).toBe("my app");
    expect(await readFile(path, "utf8")).not.toContain(directory);
  });

  it("says of each package what the scanner says that is called directly on the same image", async () => {
    const { document } = await sbom({ scanner, format, source: "image", name: "direct" }, debianImage);
    const direct = asDocument(await scanDirectly(scanner, format));
    expect(records(document)).toEqual(records(direct));
    expect(records(direct).length).toBeGreaterThanOrEqual(debian.packages.length);
  });
});

async function scanDirectly(scanner: SbomScanner, format: SbomFormat): Promise<unknown> {
  if (scanner === "syft")
    return runDirectly("syft", ["oci-archive:debian.tar", "-q", "-o", format], directory);
  const layout = join(directory, "layout");
  await extractLayout(debianImage, layout);
  const trivyFormat = format === "spdx-json" ? format : "cyclonedx";
  return runDirectly("trivy", ["image", "-q", "--input", "layout", "--format", trivyFormat], directory);
}

function describedName(document: Readonly<Record<string, unknown>>, format: SbomFormat): unknown {
  if (format === "spdx-json") return document["name"];
  return asDocument(asDocument(document["metadata"])["component"])["name"];
}

describe.each(scanners)("%s", (scanner) => {
  it("finds the packages of an Alpine image", async () => {
    const alpine = alpineFiles();
    const image = await imageArchive(join(directory, "alpine.tar"), alpine.files);
    const { document, summary } = await sbom(
      { scanner, format: "cyclonedx-json", source: "image", name: "alpine" },
      image,
    );
    expectPackages(listed(document), alpine);
    expect(summary.types).toEqual({ apk: 2 });
  });

  it("reads an archive that carries docker's manifest.json beside the OCI layout", async () => {
    const image = await imageArchive(join(directory, "both.tar"), debian.files, { dockerManifest: true });
    const { document } = await sbom({ scanner, format: "spdx-json", source: "image", name: "both" }, image);
    expectPackages(listed(document), debian);
  });

  it("finds the modules of a single Go binary, known by its own build information", async () => {
    const input = join(directory, "tool");
    await copyFile(await scannerBinary("syft"), input);
    const { document } = await sbom(
      { scanner, format: "spdx-json", source: "file", name: "a tool", fileName: basename(input) },
      input,
    );
    expect(purls(document)).toContain("pkg:golang/github.com/google/uuid@v1.6.0");
  });

  it("finds what a single lockfile pins, whatever the SBOM is called", async () => {
    const npm = npmFiles();
    const input = join(await writeFiles(join(directory, "npm"), npm.files), "package-lock.json");
    const { document, path } = await sbom(
      { scanner, format: "cyclonedx-json", source: "file", name: "locked", fileName: "package-lock.json" },
      input,
    );
    expectPackages(listed(document), npm);
    expect(describedName(document, "cyclonedx-json")).toBe("locked");
    expect(await readFile(path, "utf8")).not.toContain(directory);
  });

  it("names JARs by their own metadata without a database", async () => {
    const app = jar({
      "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\n\r\n",
      "META-INF/maven/org.example/demo/pom.properties":
        "version=4.5.6\ngroupId=org.example\nartifactId=demo\n",
    });
    const unknown = jar({ "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\n\r\n" });
    await mkdir(join(directory, "jars"), { recursive: true });
    await writeFile(join(directory, "jars", "demo.jar"), app);
    await writeFile(join(directory, "jars", "mystery-1.0.jar"), unknown);
    const image = await imageArchive(join(directory, "java.tar"), {
      "app/demo.jar": { from: join(directory, "jars", "demo.jar") },
      "app/mystery-1.0.jar": { from: join(directory, "jars", "mystery-1.0.jar") },
    });
    const { document } = await sbom({ scanner, format: "spdx-json", source: "image", name: "java" }, image);
    expect(purls(document)).toContain("pkg:maven/org.example/demo@4.5.6");
  });

  it("warns loudly of an image in which no packages are found", async () => {
    const image = await imageArchive(join(directory, "plain.tar"), { "hello.txt": "hello\n" });
    const { summary } = await sbom({ scanner, format: "spdx-json", source: "image", name: "plain" }, image);
    expect(summary.packages).toBe(0);
    expect(summary.warnings).toEqual([expect.stringContaining("no packages in plain")]);
    expect(summary.text.startsWith("warning: ")).toBe(true);
  });
});
