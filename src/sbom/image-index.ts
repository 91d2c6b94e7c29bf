/**
 * The SBOM of an image index: which images it holds, and which document describes each. Packages stay in the
 * platforms' own documents, so that none of one platform passes for a package of all.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { namedPlatform } from "../oci/descriptor.js";
import { formatInstant } from "./instant.js";
import { jsonPieces } from "./pieces.js";
import type { SbomDocument, SbomFormat } from "./types.js";
import { nameBasedUuid } from "./uuid.js";

/** One platform of the index with the SBOM that was made of it. */
export type IndexedSbom = {
  /** As in `linux/arm64/v8`. */
  readonly platform: string;
  /** `sha256:<hex>` of the platform's manifest. */
  readonly digest: string;
  readonly document: SbomIdentity;
};

/** By what another document refers to an SBOM. */
export type SbomIdentity = {
  /** SPDX: the document's namespace. CycloneDX: its serial number. */
  readonly id: string;
  /** Of its bytes, lower-case hex. */
  readonly sha256: string;
};

export type ImageIndex = {
  /** Registry and repository, as in `ghcr.io/example/app`. */
  readonly name: string;
  /** `sha256:<hex>` of the index. */
  readonly digest: string;
  readonly platforms: readonly IndexedSbom[];
  readonly format: SbomFormat;
  /** The instant that the SBOM says it was made. */
  readonly created: string;
  /** Version of this module. */
  readonly version: string;
};

/** Namespace of the name-based UUIDs of these documents; it must never change. */
const indexNamespace = "5a0b3c8e-2f0d-5b7e-9c53-0f6f0d1a7e42";

/** The identity of an SBOM that `validateSbom` has let through. */
export async function sbomIdentity(path: string, format: SbomFormat): Promise<SbomIdentity> {
  const bytes = await readFile(path);
  const members = JSON.parse(bytes.toString("utf8")) as SbomDocument;
  const id = members[format === "spdx-json" ? "documentNamespace" : "serialNumber"];
  return { id: String(id), sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** An SBOM that names the platforms of an index and refers to their SBOMs by digest. */
export function indexSbom(index: ImageIndex): SbomDocument {
  return index.format === "spdx-json" ? spdxIndex(index) : cycloneIndex(index);
}

/** https://spdx.github.io/spdx-spec/v2.3/ sections 6.6 (external documents) and 11 (VARIANT_OF) */
function spdxIndex(index: ImageIndex): SbomDocument {
  const { name, digest, platforms, version } = index;
  const root = "SPDXRef-Index";
  const id = (one: IndexedSbom): string =>
    one.platform.replaceAll(/[^A-Za-z0-9.-]/g, "-") || hexOf(one.digest);
  const document = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name,
    documentNamespace: "",
    creationInfo: { created: formatInstant(index.created), creators: [`Tool: attest-${version}`] },
    externalDocumentRefs: platforms.map((one) => ({
      externalDocumentId: `DocumentRef-${id(one)}`,
      spdxDocument: one.document.id,
      checksum: { algorithm: "SHA256", checksumValue: one.document.sha256 },
    })),
    packages: [
      spdxPackage(root, name, digest, purlOf(name, digest)),
      ...platforms.map((one) =>
        spdxPackage(
          `SPDXRef-Image-${id(one)}`,
          `${name}?platform=${one.platform}`,
          one.digest,
          purlOf(name, one.digest, one.platform),
        ),
      ),
    ],
    relationships: [
      { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: root },
      ...platforms.flatMap((one) => [
        {
          spdxElementId: `SPDXRef-Image-${id(one)}`,
          relationshipType: "VARIANT_OF",
          relatedSpdxElement: root,
        },
        {
          spdxElementId: `DocumentRef-${id(one)}:SPDXRef-DOCUMENT`,
          relationshipType: "DESCRIBES",
          relatedSpdxElement: `SPDXRef-Image-${id(one)}`,
        },
      ]),
    ],
  };
  const uuid = nameBasedUuid(indexNamespace, jsonPieces(document));
  return { ...document, documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(name)}-${uuid}` };
}

function spdxPackage(SPDXID: string, name: string, digest: string, purl: string): SbomDocument {
  return {
    SPDXID,
    name,
    versionInfo: digest,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    primaryPackagePurpose: "CONTAINER",
    checksums: [{ algorithm: "SHA256", checksumValue: hexOf(digest) }],
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
  };
}

/** https://cyclonedx.org/docs/1.6/json/, with a BOM-Link to each platform's document. */
function cycloneIndex(index: ImageIndex): SbomDocument {
  const { name, digest, platforms, version } = index;
  const component = {
    type: "container",
    "bom-ref": digest,
    name,
    version: digest,
    purl: purlOf(name, digest),
  };
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: "",
    version: 1,
    metadata: {
      timestamp: formatInstant(index.created),
      tools: { components: [{ type: "application", name: "attest", version }] },
      component: { ...component, hashes: [{ alg: "SHA-256", content: hexOf(digest) }] },
    },
    components: platforms.map((one) => ({
      type: "container",
      "bom-ref": one.digest,
      name: `${name}?platform=${one.platform}`,
      version: one.digest,
      hashes: [{ alg: "SHA-256", content: hexOf(one.digest) }],
      purl: purlOf(name, one.digest, one.platform),
      externalReferences: [
        {
          type: "bom",
          url: bomLink(one.document),
          hashes: [{ alg: "SHA-256", content: one.document.sha256 }],
        },
      ],
    })),
    dependencies: [
      { ref: digest, dependsOn: platforms.map((one) => one.digest) },
      ...platforms.map((one) => ({ ref: one.digest })),
    ],
    // What is in the platforms' images is in their own documents.
    compositions: [{ aggregate: "incomplete", assemblies: platforms.map((one) => one.digest) }],
  };
  return { ...document, serialNumber: `urn:uuid:${nameBasedUuid(indexNamespace, jsonPieces(document))}` };
}

/** https://cyclonedx.org/capabilities/bomlink/ */
function bomLink({ id }: SbomIdentity): string {
  return `urn:cdx:${id.replace(/^urn:uuid:/, "")}/1`;
}

/** https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md */
function purlOf(name: string, digest: string, platform = ""): string {
  const arch = namedPlatform(platform)?.architecture ?? "";
  const qualifiers = [
    ...(arch === "" ? [] : [`arch=${encodeURIComponent(arch)}`]),
    `repository_url=${encodeURIComponent(name).replaceAll("%2F", "/")}`,
  ];
  const last = name.slice(name.lastIndexOf("/") + 1).toLowerCase();
  return `pkg:oci/${encodeURIComponent(last)}@${encodeURIComponent(digest)}?${qualifiers.join("&")}`;
}

function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1);
}
