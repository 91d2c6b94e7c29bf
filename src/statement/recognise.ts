/** Names a file that is no statement, so that the refusal can say what to do with it. */

/** What a file is instead of a statement, and what its owner should do with it. */
export type Recognised = { readonly what: string; readonly next: string };

type Signature = Recognised & { readonly matches: (start: Uint8Array) => boolean };

function beginsWith(...bytes: readonly number[]): (start: Uint8Array) => boolean {
  return (start) => bytes.every((byte, index) => start[index] === byte);
}

const signatures: readonly Signature[] = [
  { what: "an empty file", next: "Name a file that holds JSON.", matches: (start) => start.length === 0 },
  { what: "gzip data", next: "Decompress it first: gunzip.", matches: beginsWith(0x1f, 0x8b) },
  { what: "zstd data", next: "Decompress it first: zstd -d.", matches: beginsWith(0x28, 0xb5, 0x2f, 0xfd) },
  { what: "bzip2 data", next: "Decompress it first: bunzip2.", matches: beginsWith(0x42, 0x5a, 0x68) },
  { what: "a ZIP archive", next: "Unpack it first.", matches: beginsWith(0x50, 0x4b, 0x03, 0x04) },
  {
    what: "text with a byte order mark or in UTF-16",
    next: "Save it as UTF-8 without byte order mark.",
    matches: (start) =>
      [beginsWith(0xef, 0xbb, 0xbf), beginsWith(0xff, 0xfe), beginsWith(0xfe, 0xff)].some((m) => m(start)),
  },
  {
    what: "HTML or XML",
    next: "Name the JSON document; a page instead of a file often comes from a download that failed.",
    matches: (start) => new TextDecoder().decode(start).trimStart().startsWith("<"),
  },
  {
    what: "an SPDX document in tag-value form",
    next: "Convert it to SPDX JSON and make it the predicate of a statement with type https://spdx.dev/Document.",
    matches: (start) => new TextDecoder().decode(start).trimStart().startsWith("SPDXVersion:"),
  },
];

/** What the first bytes of a file show it to be; undefined when it may be JSON. */
export function recogniseBytes(start: Uint8Array): Recognised | undefined {
  return signatures.find(({ matches }) => matches(start));
}

const openIt = "Open it with `open`; its payload is the statement.";

function wrapIt(predicateType: string): string {
  return `Make a statement around it with \`statement\` and the predicate type ${predicateType}.`;
}

/** Each with the top-level fields that tell it; the first whose fields are all there wins. */
const documents: readonly (Recognised & { readonly fields: readonly string[] })[] = [
  { fields: ["dsseEnvelope"], what: "a signed Sigstore bundle", next: openIt },
  { fields: ["verificationMaterial"], what: "a signed Sigstore bundle", next: openIt },
  { fields: ["payload", "payloadType", "signatures"], what: "a signed DSSE envelope", next: openIt },
  {
    fields: ["signed", "signatures"],
    what: "an old in-toto link or TUF metadata",
    next: "Convert the link's content to a statement with predicate type https://in-toto.io/attestation/link/v0.3.",
  },
  { fields: ["spdxVersion"], what: "an SPDX document", next: wrapIt("https://spdx.dev/Document") },
  {
    fields: ["@context", "@graph"],
    what: "an SPDX 3 document",
    next: wrapIt("https://spdx.dev/Document/v3"),
  },
  { fields: ["bomFormat"], what: "a CycloneDX document", next: wrapIt("https://cyclonedx.org/bom") },
  { fields: ["@context", "statements"], what: "an OpenVEX document", next: wrapIt("https://openvex.dev/ns") },
  {
    fields: ["buildDefinition", "runDetails"],
    what: "a bare SLSA provenance predicate",
    next: wrapIt("https://slsa.dev/provenance/v1"),
  },
  {
    fields: ["schemaVersion", "layers"],
    what: "an OCI image manifest",
    next: "Name the file that the manifest's layer holds.",
  },
  {
    fields: ["schemaVersion", "manifests"],
    what: "an OCI image index",
    next: "Name the file that an attestation's layer holds.",
  },
];

/** What the top-level fields of a JSON object without `_type` show it to be. */
export function recogniseFields(names: ReadonlySet<string>): Recognised | undefined {
  return documents.find(({ fields }) => fields.every((field) => names.has(field)));
}
