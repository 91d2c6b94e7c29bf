import { describe, expect, it } from "vitest";

import { indexSbom } from "../../src/sbom/image-index.js";
import type { SbomFormat } from "../../src/sbom/types.js";
import { validateSbom } from "../../src/sbom/validate.js";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const ids: Readonly<Record<SbomFormat, string>> = {
  "spdx-json": "https://spdx.org/spdxdocs/app-1",
  "cyclonedx-json": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
};

function indexIn(format: SbomFormat) {
  const platform = (name: string, letter: string) => ({
    platform: name,
    digest: digest(letter),
    document: { id: ids[format], sha256: letter.repeat(64) },
  });
  return {
    name: "ghcr.io/example/app",
    digest: digest("a"),
    platforms: [platform("linux/amd64", "b"), platform("linux/arm64/v8", "c")],
    format,
    created: "2026-11-26T00:00:00Z",
    version: "0.1.0",
  };
}

describe.each(["spdx-json", "cyclonedx-json"] as const)("the SBOM of an index in %s", (format) => {
  it("is valid, and the same each time", async () => {
    const text = JSON.stringify(indexSbom(indexIn(format)));
    expect(await validateSbom({ text, format })).toBeDefined();
    expect(JSON.stringify(indexSbom(indexIn(format)))).toBe(text);
    const other = JSON.stringify(indexSbom({ ...indexIn(format), digest: digest("d") }));
    const identity = /"(?:documentNamespace|serialNumber)":"[^"]+"/;
    expect(identity.exec(other)?.[0]).not.toBe(identity.exec(text)?.[0]);
  });

  it("names the platforms by digest, and refers to their documents by digest", () => {
    const text = JSON.stringify(indexSbom(indexIn(format)));
    for (const letter of ["a", "b", "c"]) expect(text).toContain(letter.repeat(64));
    expect(text).toContain("linux/arm64/v8");
    expect(text).toContain(
      `pkg:oci/app@sha256%3A${"b".repeat(64)}?arch=amd64&repository_url=ghcr.io/example/app`,
    );
  });
});

it("refers to SPDX documents as external ones, to CycloneDX ones by BOM-Link", () => {
  expect(indexSbom(indexIn("spdx-json"))).toMatchObject({
    externalDocumentRefs: [
      {
        externalDocumentId: "DocumentRef-linux-amd64",
        spdxDocument: ids["spdx-json"],
        checksum: { algorithm: "SHA256", checksumValue: "b".repeat(64) },
      },
      { externalDocumentId: "DocumentRef-linux-arm64-v8" },
    ],
  });
  expect(indexSbom(indexIn("cyclonedx-json"))).toMatchObject({
    components: [
      {
        externalReferences: [
          {
            type: "bom",
            url: "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1",
            hashes: [{ alg: "SHA-256", content: "b".repeat(64) }],
          },
        ],
      },
      {},
    ],
    compositions: [{ aggregate: "incomplete" }],
  });
});
