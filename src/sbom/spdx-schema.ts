/**
 * JSON schema (draft 7) of SPDX 2.3 documents, written from the specification:
 * https://spdx.github.io/spdx-spec/v2.3/. It refuses what the SPDX project's own schema refuses, and
 * beyond that what the text of the specification asks: the version, mandatory namespace, the form of
 * ids and times. Why our own: docs/decisions/2026-11-27-spdx-schema.md.
 */

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const texts: Schema = { type: "array", items: text };
const integer: Schema = { type: "integer" };
const boolean: Schema = { type: "boolean" };

/** An object with these properties and no others. */
function object(required: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}) {
  return {
    type: "object",
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

function list(items: Schema, minItems = 0): Schema {
  return minItems === 0 ? { type: "array", items } : { type: "array", items, minItems };
}

function oneOf(words: string): Schema {
  return { enum: words.split(/\s+/) };
}

function ref(name: string): Schema {
  return { $ref: `#/definitions/${name}` };
}

/** Section 8.4 and 7.10. */
const checksum = object({
  algorithm: oneOf(
    `SHA1 SHA224 SHA256 SHA384 SHA512 SHA3-256 SHA3-384 SHA3-512 BLAKE2b-256 BLAKE2b-384 BLAKE2b-512
     BLAKE3 MD2 MD4 MD5 MD6 ADLER32`.trim(),
  ),
  checksumValue: { type: "string", pattern: "^[0-9a-fA-F]+$" },
});

/** Section 12. */
const annotation = object({
  annotationDate: ref("instant"),
  annotationType: oneOf("OTHER REVIEW"),
  annotator: text,
  comment: text,
});

/** What packages, files and snippets have in common. */
const described = {
  annotations: list(ref("annotation")),
  attributionTexts: texts,
  comment: text,
  copyrightText: text,
  licenseComments: text,
  licenseConcluded: text,
};

/** Section 6.9 and the others of creation information. */
const creationInfo = object(
  { created: ref("instant"), creators: list(text, 1) },
  { comment: text, licenseListVersion: text },
);

/** Section 7.21; the specification says PACKAGE-MANAGER, SPDX 2.2 said PACKAGE_MANAGER. */
const externalRef = object(
  {
    referenceCategory: oneOf("SECURITY PACKAGE-MANAGER PERSISTENT-ID OTHER"),
    referenceLocator: text,
    referenceType: text,
  },
  { comment: text },
);

/** Section 7. The specification says OPERATING-SYSTEM, the project's schema OPERATING_SYSTEM. */
const spdxPackage = object(
  { SPDXID: ref("id"), name: text, downloadLocation: text },
  {
    ...described,
    builtDate: text,
    checksums: list(ref("checksum")),
    description: text,
    externalRefs: list(externalRef),
    filesAnalyzed: boolean,
    hasFiles: texts,
    homepage: text,
    licenseDeclared: text,
    licenseInfoFromFiles: texts,
    originator: text,
    packageFileName: text,
    packageVerificationCode: object(
      { packageVerificationCodeValue: text },
      { packageVerificationCodeExcludedFiles: texts },
    ),
    primaryPackagePurpose: oneOf(
      `APPLICATION FRAMEWORK LIBRARY CONTAINER OPERATING-SYSTEM OPERATING_SYSTEM DEVICE FIRMWARE SOURCE
       ARCHIVE FILE INSTALL OTHER`.trim(),
    ),
    releaseDate: text,
    sourceInfo: text,
    summary: text,
    supplier: text,
    validUntilDate: text,
    versionInfo: text,
  },
);

/** Section 8. */
const file = object(
  { SPDXID: ref("id"), fileName: text, checksums: list(ref("checksum"), 1) },
  {
    ...described,
    artifactOfs: list({ type: "object" }),
    fileContributors: texts,
    fileDependencies: texts,
    fileTypes: list(
      oneOf("SOURCE BINARY ARCHIVE APPLICATION AUDIO IMAGE TEXT VIDEO DOCUMENTATION SPDX OTHER"),
    ),
    licenseInfoInFiles: texts,
    noticeText: text,
  },
);

/** Section 9. */
const pointer = object({ reference: text }, { offset: integer, lineNumber: integer });
const snippet = object(
  {
    SPDXID: ref("id"),
    name: text,
    ranges: list(object({ startPointer: pointer, endPointer: pointer }), 1),
    snippetFromFile: text,
  },
  { ...described, licenseInfoInSnippets: texts },
);

/** Section 10. */
const extractedLicense = object(
  { licenseId: text, extractedText: text },
  {
    comment: text,
    crossRefs: list(
      object(
        { url: text },
        {
          isLive: boolean,
          isValid: boolean,
          isWayBackLink: boolean,
          match: text,
          order: integer,
          timestamp: text,
        },
      ),
    ),
    name: text,
    seeAlsos: texts,
  },
);

/** Section 11.1. */
const relationship = object(
  {
    spdxElementId: text,
    relatedSpdxElement: text,
    relationshipType: oneOf(
      `DESCRIBES DESCRIBED_BY CONTAINS CONTAINED_BY DEPENDS_ON DEPENDENCY_OF DEPENDENCY_MANIFEST_OF
       BUILD_DEPENDENCY_OF DEV_DEPENDENCY_OF OPTIONAL_DEPENDENCY_OF PROVIDED_DEPENDENCY_OF TEST_DEPENDENCY_OF
       RUNTIME_DEPENDENCY_OF EXAMPLE_OF GENERATES GENERATED_FROM ANCESTOR_OF DESCENDANT_OF VARIANT_OF
       DISTRIBUTION_ARTIFACT PATCH_FOR PATCH_APPLIED COPY_OF FILE_ADDED FILE_DELETED FILE_MODIFIED
       EXPANDED_FROM_ARCHIVE DYNAMIC_LINK STATIC_LINK DATA_FILE_OF TEST_CASE_OF BUILD_TOOL_OF DEV_TOOL_OF
       TEST_OF TEST_TOOL_OF DOCUMENTATION_OF OPTIONAL_COMPONENT_OF METAFILE_OF PACKAGE_OF AMENDS
       PREREQUISITE_FOR HAS_PREREQUISITE REQUIREMENT_DESCRIPTION_FOR SPECIFICATION_FOR OTHER`.trim(),
    ),
  },
  { comment: text },
);

/** The schema; ajv compiles it. */
export function spdxSchema(): Schema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    definitions: {
      // Section 7.2: letters, numbers, "." and "-".
      id: { type: "string", pattern: "^SPDXRef-[A-Za-z0-9.-]+$" },
      instant: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$" },
      checksum,
      annotation,
    },
    ...object(
      {
        spdxVersion: { const: "SPDX-2.3" },
        dataLicense: { const: "CC0-1.0" },
        SPDXID: { const: "SPDXRef-DOCUMENT" },
        name: text,
        // Section 6.5: a URI without a fragment.
        documentNamespace: { type: "string", pattern: "^[A-Za-z][A-Za-z0-9+.-]*:[^#\\s]+$" },
        creationInfo,
      },
      {
        annotations: list(ref("annotation")),
        comment: text,
        documentDescribes: texts,
        externalDocumentRefs: list(
          object({ checksum: ref("checksum"), externalDocumentId: text, spdxDocument: text }),
        ),
        files: list(file),
        hasExtractedLicensingInfos: list(extractedLicense),
        packages: list(spdxPackage),
        relationships: list(relationship),
        revieweds: list(object({ reviewDate: text }, { comment: text, reviewer: text })),
        snippets: list(snippet),
      },
    ),
  };
}
