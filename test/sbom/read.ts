/** Reads SBOMs in tests: what they list, by name and version. */
import { readFile } from "node:fs/promises";

import { isObject } from "../../src/statement/json-value.js";
import { objectsIn } from "../../src/sbom/edit.js";
import type { SbomDocument } from "../../src/sbom/types.js";

export async function readDocument(path: string): Promise<SbomDocument> {
  return asDocument(JSON.parse(await readFile(path, "utf8")));
}

export function asDocument(value: unknown): SbomDocument {
  if (!isObject(value)) throw new Error("no JSON object");
  return value;
}

/** `name@version` of everything listed, in SPDX's packages and CycloneDX's components. */
export function listed(document: SbomDocument): string[] {
  return [...objectsIn(document["packages"]), ...objectsIn(document["components"])].map(
    (each) => `${String(each["name"])}@${String(each["versionInfo"] ?? each["version"])}`,
  );
}

/** Every package URL in the document, sorted. */
export function purls(document: SbomDocument): string[] {
  const references = objectsIn(document["packages"]).flatMap((each) => objectsIn(each["externalRefs"]));
  const found = [
    ...references.filter((each) => each["referenceType"] === "purl").map((each) => each["referenceLocator"]),
    ...objectsIn(document["components"]).map((each) => each["purl"]),
  ];
  return found.filter((purl) => typeof purl === "string").sort();
}

/** Identifiers and times: what two scans of the same input may differ in. */
const ofTheScan: ReadonlySet<string> = new Set(["SPDXID", "bom-ref", "annotations"]);

/**
 * All that a document says of each package and file, sorted, without what is the scan's own and without the image itself,
 * which is named as the user wants it.
 */
export function records(document: SbomDocument): string[] {
  const packages = objectsIn(document["packages"]).filter(
    (each) => each["primaryPackagePurpose"] !== "CONTAINER",
  );
  return [...packages, ...objectsIn(document["components"]), ...objectsIn(document["files"])]
    .map((each) => JSON.stringify(each, (key, value: unknown) => (ofTheScan.has(key) ? undefined : value)))
    .sort();
}
