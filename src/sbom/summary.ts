import { isObject } from "../statement/json-value.js";
import { byCodeUnits, objectsIn, stringsIn } from "./edit.js";
import type { SbomDocument, SbomFormat } from "./types.js";

/** What is in an SBOM, counted. */
export type SbomSummary = {
  readonly packages: number;
  readonly files: number;
  /** Packages by type (the purl's: deb, apk, npm, golang, ...), "other" for those without a purl. */
  readonly types: Readonly<Record<string, number>>;
  /** The tools that made it, as `syft 1.51.0`. */
  readonly tools: readonly string[];
  readonly warnings: readonly string[];
  /** All of the above as short plain text, warnings first. */
  readonly text: string;
};

type Part = {
  /** Lower-case word of the format for what it is: library, file, application, operating-system, ... */
  readonly kind: string;
  readonly purl: string | undefined;
};

/**
 * Counts what an SBOM lists. A package is what a package manager or a build put there: neither the
 * thing that is described, nor files, nor an operating system, nor the lockfile that Trivy lists as
 * an application. No package at all is warned of.
 *
 * @param name What was scanned, for the text
 */
export function summariseSbom(document: SbomDocument, format: SbomFormat, name: string): SbomSummary {
  const parts = format === "spdx-json" ? spdxParts(document) : cycloneParts(document);
  const packages = parts.filter(isPackage);
  const counts = {
    packages: packages.length,
    files: parts.filter(({ kind }) => kind === "file").length,
    types: countTypes(packages),
    tools: format === "spdx-json" ? spdxTools(document) : cycloneTools(document),
    warnings: packages.length === 0 ? [emptyWarning(name)] : [],
  };
  return { ...counts, text: renderSummary(counts, describeFormat(document, format), name) };
}

function isPackage({ kind, purl }: Part): boolean {
  if (kind === "file" || kind === "operating-system") return false;
  return kind !== "application" || purl !== undefined;
}

function emptyWarning(name: string): string {
  return (
    `the scanner found no packages in ${name}; an SBOM without packages is rarely right: ` +
    "look whether the input is what was meant (an empty directory, a binary without build information, " +
    "a system without package database), or let the other scanner look"
  );
}

function spdxParts(document: SbomDocument): Part[] {
  const described = new Set(
    objectsIn(document["relationships"])
      .filter((each) => each["relationshipType"] === "DESCRIBES")
      .map((each) => each["relatedSpdxElement"]),
  );
  const packages = objectsIn(document["packages"]).filter((each) => !described.has(each["SPDXID"]));
  const files = objectsIn(document["files"]).map(() => ({ kind: "file", purl: undefined }));
  return [...packages.map(spdxPart), ...files];
}

function spdxPart(each: SbomDocument): Part {
  const purpose = each["primaryPackagePurpose"];
  const purl = objectsIn(each["externalRefs"]).find((found) => found["referenceType"] === "purl");
  return {
    kind: typeof purpose === "string" ? purpose.toLowerCase().replaceAll("_", "-") : "library",
    purl: textOrNothing(purl?.["referenceLocator"]),
  };
}

function cycloneParts(document: SbomDocument): Part[] {
  return objectsIn(document["components"]).flatMap((component) => [
    { kind: String(component["type"]), purl: textOrNothing(component["purl"]) },
    ...cycloneParts(component),
  ]);
}

function countTypes(packages: readonly Part[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { purl } of packages) {
    const type = /^pkg:\/*([^/]+)\//.exec(purl ?? "")?.[1]?.toLowerCase() ?? "other";
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || byCodeUnits(a, b)));
}

function spdxTools(document: SbomDocument): string[] {
  const creationInfo = document["creationInfo"];
  const creators = stringsIn(isObject(creationInfo) ? creationInfo["creators"] : undefined);
  return creators.flatMap((creator) => {
    const [, tool = ""] = /^Tool: ?(.+)$/.exec(creator) ?? [];
    return tool === "" ? [] : [tool.replace(versionStart.test(tool) ? versionStart : lastNumber, " ")];
  });
}

/** `tool-2.0-rc1`: a version has a dot, and what follows it belongs to it. */
const versionStart = /-(?=v?\d+\.\d)/;
const lastNumber = /-(?=v?\d+[^-]*$)/;

/** Tools are an array up to CycloneDX 1.4, and an object with components from 1.5. */
function cycloneTools(document: SbomDocument): string[] {
  const metadata = document["metadata"];
  const tools = isObject(metadata) ? metadata["tools"] : undefined;
  return objectsIn(isObject(tools) ? tools["components"] : tools).map(({ name, version }) =>
    [name, version].filter((word) => typeof word === "string").join(" "),
  );
}

function describeFormat(document: SbomDocument, format: SbomFormat): string {
  return format === "spdx-json" ? "SPDX 2.3" : `CycloneDX ${String(document["specVersion"])}`;
}

/** A few lines of plain text of at most 80 columns, warnings first. */
export function renderSummary(counts: Omit<SbomSummary, "text">, format: string, name: string): string {
  const types = Object.entries(counts.types).map(([type, count]) => `${type} ${count}`);
  const packages = counts.packages === 1 ? "1 package" : `${counts.packages} packages`;
  const files = counts.files === 1 ? "1 file" : `${counts.files} files`;
  const listed = types.length === 0 ? packages : `${packages} (${types.join(", ")})`;
  return [
    ...counts.warnings.flatMap((warning) => wrap(`warning: ${warning}`)),
    ...wrap(`${format} SBOM of ${name}`),
    ...wrap(`${listed}, ${files}`),
    ...wrap(`made by ${counts.tools.join(", ") || "a tool that does not say its name"}`),
  ].join("\n");
}

const columns = 80;

/** Lines of at most 80 columns, the second and later ones indented; a longer word stays whole. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= columns || line === "") {
      line = longer;
    } else {
      lines.push(line);
      line = `  ${word}`;
    }
  }
  return [...lines, line];
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
