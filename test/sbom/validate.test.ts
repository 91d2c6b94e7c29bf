import { describe, expect, it } from "vitest";

import type { SbomFormat } from "../../src/sbom/types.js";
import { validateSbom } from "../../src/sbom/validate.js";

const spdx = {
  spdxVersion: "SPDX-2.3",
  dataLicense: "CC0-1.0",
  SPDXID: "SPDXRef-DOCUMENT",
  name: "demo",
  documentNamespace: "https://example.org/demo-1",
  creationInfo: { creators: ["Tool: syft-1.51.0"], created: "2026-11-24T00:00:00Z" },
  packages: [
    {
      name: "lib",
      SPDXID: "SPDXRef-Package-lib",
      downloadLocation: "NOASSERTION",
      checksums: [{ algorithm: "SHA256", checksumValue: "00ff" }],
      externalRefs: [
        { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: "pkg:npm/lib@1" },
      ],
      primaryPackagePurpose: "OPERATING-SYSTEM",
      annotations: [
        {
          annotator: "Tool: x",
          annotationDate: "2026-11-24T00:00:00Z",
          annotationType: "OTHER",
          comment: "c",
        },
      ],
    },
  ],
  files: [
    { fileName: "a", SPDXID: "SPDXRef-File-a", checksums: [{ algorithm: "SHA1", checksumValue: "00" }] },
  ],
  relationships: [
    {
      spdxElementId: "SPDXRef-DOCUMENT",
      relatedSpdxElement: "SPDXRef-Package-lib",
      relationshipType: "DESCRIBES",
    },
  ],
};

const cyclone = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  components: [{ type: "library", name: "lib", version: "1" }],
};

function validate(value: unknown, format: SbomFormat, stderr?: string) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return validateSbom({ text, format, ...(stderr === undefined ? {} : { stderr }) });
}

describe("what is no SBOM of the asked-for format", () => {
  it.each([
    ["", "spdx-json", "an SPDX 2.3 document as a JSON object expected, got nothing"],
    ["  \n", "cyclonedx-json", "a CycloneDX document as a JSON object expected, got nothing"],
    ["<html>503</html>", "spdx-json", 'got no JSON: "<html>503</html>"'],
    ['{"spdxVersion": "SPDX-2.3", ', "spdx-json", "got no JSON"],
    ["[]", "spdx-json", "got an array"],
    ["null", "spdx-json", "got null"],
    [{}, "spdx-json", "got neither SPDX nor CycloneDX"],
    [cyclone, "spdx-json", "an SPDX 2.3 document as a JSON object expected, got a CycloneDX document"],
    [spdx, "cyclonedx-json", "a CycloneDX document as a JSON object expected, got an SPDX 2.3 document"],
    [{ ...spdx, spdxVersion: "SPDX-2.2" }, "spdx-json", 'spdxVersion: "SPDX-2.3" expected, got "SPDX-2.2"'],
    [
      { ...cyclone, specVersion: "1.1" },
      "cyclonedx-json",
      'specVersion: one of 1.2, 1.3, 1.4, 1.5, 1.6, 1.7 expected, got "1.1"',
    ],
    [{ ...cyclone, specVersion: 1.6 }, "cyclonedx-json", "got the number 1.6"],
  ] as const)("%j as %s is refused", async (value, format, message) => {
    await expect(validate(value, format)).rejects.toMatchObject({
      code: "SBOM_INVALID",
      message: expect.stringContaining(message) as unknown,
    });
  });

  it("is refused with the scanner's last lines and what to do next", async () => {
    const stderr = `${"early\n".repeat(20)}\u001b[31mcould not read layer\u001b[0m\n`;
    await expect(validate("", "spdx-json", stderr)).rejects.toThrow(
      /SBOM_INVALID: [^]*\n {2}\| could not read layer\n[^]*Next: /,
    );
  });
});

describe("an SPDX document", () => {
  it("that follows the specification passes, and comes back as it is", async () => {
    await expect(validate(spdx, "spdx-json")).resolves.toEqual(spdx);
  });

  const [library] = spdx.packages;
  const [file] = spdx.files;
  it.each([
    [
      "no namespace",
      { documentNamespace: undefined },
      "required property 'documentNamespace' expected, got nothing",
    ],
    ["a namespace with a fragment", { documentNamespace: "https://example.org/#x" }, "documentNamespace: "],
    ["another data licence", { dataLicense: "MIT" }, "dataLicense: "],
    [
      "a time without zone",
      { creationInfo: { ...spdx.creationInfo, created: "2026-11-24" } },
      "creationInfo.created: ",
    ],
    ["no creator", { creationInfo: { ...spdx.creationInfo, creators: [] } }, "creationInfo.creators: "],
    ["an unknown field", { surprise: 1 }, "additional properties"],
    [
      "a package without location",
      { packages: [{ ...library, downloadLocation: undefined }] },
      "packages[0]: ",
    ],
    ["a malformed id", { packages: [{ ...library, SPDXID: "lib" }] }, "packages[0].SPDXID: "],
    [
      "an unknown purpose",
      { packages: [{ ...library, primaryPackagePurpose: "TOY" }] },
      "packages[0].primaryPackagePurpose: ",
    ],
    [
      "an unknown algorithm",
      { packages: [{ ...library, checksums: [{ algorithm: "CRC", checksumValue: "0" }] }] },
      "packages[0].checksums[0].algorithm: ",
    ],
    ["a file without checksum", { files: [{ ...file, checksums: [] }] }, "files[0].checksums: "],
    [
      "an unknown relation",
      { relationships: [{ ...spdx.relationships[0], relationshipType: "LIKES" }] },
      "relationships[0].relationshipType: ",
    ],
  ])("with %s is refused", async (_, change, message) => {
    await expect(validate({ ...spdx, ...change }, "spdx-json")).rejects.toMatchObject({
      code: "SBOM_INVALID",
      message: expect.stringContaining(message) as unknown,
    });
  });

  it("is refused with all problems at once", async () => {
    const broken = { ...spdx, name: 1, packages: [{}, {}] };
    await expect(validate(broken, "spdx-json")).rejects.toMatchObject({ problems: { length: 7 } });
  });
});

describe("a CycloneDX document", () => {
  it.each(["1.4", "1.5", "1.6", "1.7"])("of version %s passes", async (specVersion) => {
    await expect(validate({ ...cyclone, specVersion }, "cyclonedx-json")).resolves.toBeDefined();
  });

  it("is checked against the version that it names", async () => {
    const omnibor = {
      ...cyclone,
      components: [{ ...cyclone.components[0], omniborId: ["gitoid:blob:sha1:00"] }],
    };
    await expect(validate(omnibor, "cyclonedx-json")).resolves.toBeDefined();
    await expect(validate({ ...omnibor, specVersion: "1.5" }, "cyclonedx-json")).rejects.toThrow(
      "SBOM_INVALID",
    );
  });

  it("with an unknown field or type is refused", async () => {
    await expect(validate({ ...cyclone, surprise: 1 }, "cyclonedx-json")).rejects.toThrow("SBOM_INVALID");
    const toy = { ...cyclone, components: [{ type: "toy", name: "x" }] };
    await expect(validate(toy, "cyclonedx-json")).rejects.toThrow(/components\[0\]/);
  });

  it("of many components is checked to the last one, and its place is named", async () => {
    const components = Array.from({ length: 1234 }, (_, index) => ({
      type: "library",
      name: `lib-${index}`,
    }));
    await expect(validate({ ...cyclone, components }, "cyclonedx-json")).resolves.toBeDefined();
    const broken = components.with(1233, { type: "toy", name: "last" });
    await expect(validate({ ...cyclone, components: broken }, "cyclonedx-json")).rejects.toThrow(
      /components\[1233\].type: /,
    );
    const twice = [...components, { type: "library", name: "lib-7" }];
    await expect(validate({ ...cyclone, components: twice }, "cyclonedx-json")).rejects.toThrow(
      "components[1234]: no item twice expected, got the same as components[7]",
    );
  });
});
