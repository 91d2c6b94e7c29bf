import { isObject } from "../statement/json-value.js";
import { mapObjects, mapStrings, objectsIn, update } from "./edit.js";
import { formatInstant } from "./instant.js";
import { jsonPieces } from "./pieces.js";
import { nameRandomRefs } from "./refs.js";
import type { SbomDocument, SbomFormat } from "./types.js";
import { nameBasedUuid } from "./uuid.js";

export type NormaliseOptions = {
  readonly format: SbomFormat;
  /** The instant that the SBOM says it was made: RFC 3339 in UTC, or seconds since 1970. */
  readonly created: string | number;
  /** What the SBOM describes. */
  readonly name: string;
  readonly version?: string;
  /** Directory of the scanner's container that held the input; paths below it lose it. */
  readonly inputRoot?: string;
};

/**
 * Namespace of the name-based UUIDs (RFC 9562, version 5) in `documentNamespace` and `serialNumber`.
 * It must never change: the same SBOM would get another identity.
 */
const sbomNamespace = "0b9c5f0e-5d0c-5c43-9a5e-3c1f6c0d9a57";

/**
 * The SBOM with all that differs between two scans of the same input made equal: times become
 * `created`, random ids are derived from the content, paths of the scanner's container become those
 * of the input. Packages, files, relations and the order of keys stay as the scanner wrote them.
 * The fields one by one: docs/sbom.md.
 *
 * @param document A document that `validateSbom` has let through; it is not changed
 * @throws AttestError ARGUMENT_INVALID for `created`
 */
export function normaliseSbom(document: SbomDocument, options: NormaliseOptions): SbomDocument {
  const relocated = relocate(document, options.inputRoot);
  return options.format === "spdx-json"
    ? normaliseSpdx(relocated, options)
    : normaliseCycloneDx(relocated, options);
}

function relocate(document: SbomDocument, inputRoot: string | undefined): SbomDocument {
  if (inputRoot === undefined) return document;
  const below = `${inputRoot}/`;
  const relocated = mapStrings(document, (text) =>
    text.startsWith(below) ? text.slice(inputRoot.length) : text,
  );
  return isObject(relocated) ? relocated : document;
}

/** https://spdx.github.io/spdx-spec/v2.3/document-creation-information/ */
function normaliseSpdx(document: SbomDocument, options: NormaliseOptions): SbomDocument {
  const created = formatInstant(options.created);
  const annotations = (value: unknown): unknown =>
    mapObjects(value, (annotation) => ({ ...annotation, annotationDate: created }));
  const annotated = (value: unknown): unknown => mapObjects(value, (each) => update(each, { annotations }));
  const root = rootOf(document);
  const described = (each: SbomDocument): SbomDocument =>
    each["SPDXID"] === root ? { ...each, name: options.name, ...versioned("versionInfo", options) } : each;
  const normalised = update(document, {
    name: () => options.name,
    creationInfo: (value) => (isObject(value) ? { ...value, created } : value),
    annotations,
    packages: (value) => mapObjects(value, (each) => described(update(each, { annotations }))),
    files: annotated,
    snippets: annotated,
    documentNamespace: () => "",
  });
  const uuid = nameBasedUuid(sbomNamespace, jsonPieces(normalised));
  // A base that the SPDX project offers to those who have none of their own (section 6.5).
  const documentNamespace = `https://spdx.org/spdxdocs/${encodeURIComponent(options.name)}-${uuid}`;
  return { ...normalised, documentNamespace };
}

/** The one element that the document describes; undefined for none or several. */
function rootOf(document: SbomDocument): unknown {
  const targets = objectsIn(document["relationships"])
    .filter(
      (each) => each["relationshipType"] === "DESCRIBES" && each["spdxElementId"] === document["SPDXID"],
    )
    .map((each) => each["relatedSpdxElement"]);
  return targets.length === 1 ? targets[0] : undefined;
}

/** https://cyclonedx.org/docs/1.6/json/#metadata */
function normaliseCycloneDx(document: SbomDocument, options: NormaliseOptions): SbomDocument {
  const created = formatInstant(options.created);
  const described = (value: unknown): unknown =>
    isObject(value) ? { ...value, name: options.name, ...versioned("version", options) } : value;
  const stamped = update(document, {
    serialNumber: () => "",
    metadata: (value) =>
      isObject(value) ? { ...update(value, { component: described }), timestamp: created } : value,
    annotations: (value) => mapObjects(value, (annotation) => ({ ...annotation, timestamp: created })),
  });
  const normalised = nameRandomRefs(stamped, sbomNamespace);
  const uuid = nameBasedUuid(sbomNamespace, jsonPieces(normalised));
  return { ...normalised, serialNumber: `urn:uuid:${uuid}` };
}

function versioned(key: string, { version }: NormaliseOptions): Readonly<Record<string, string>> {
  return version === undefined ? {} : { [key]: version };
}
