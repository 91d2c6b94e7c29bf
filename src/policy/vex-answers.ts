/**
 * What VEX answers to the findings of a scan.
 * https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
 */
import { isObject } from "../statement/json-value.js";
import type { Artifact } from "../verification/types.js";

/** A finding as far as VEX goes: its names, and the package that it is in. */
export type Answerable = {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly purl?: string;
};

/** Why a finding does not count. */
export type VexAnswer = {
  readonly status: string;
  readonly justification?: string;
  /** `@id` of the document. */
  readonly document?: string;
};

type Statement = VexAnswer & {
  readonly names: readonly string[];
  readonly excuses: boolean;
  readonly time: number;
  /** Packages that it speaks of; undefined for all that are in the artifact. */
  readonly components: readonly string[] | undefined;
};

/** The statements that speak of one artifact. */
export type VexAnswers = readonly Statement[];

/** The statements of OpenVEX documents that are about the artifact; one that names other products is not. */
export function vexAnswers(documents: readonly unknown[], artifact: Artifact): VexAnswers {
  return documents.flatMap((document) => statementsOf(document, artifact));
}

/**
 * The answer to a finding: the latest statement on it, if that excuses. Of two at the same time the one that
 * does not excuse counts.
 */
export function answered(answers: VexAnswers, finding: Answerable): VexAnswer | undefined {
  const ids = [finding.id, ...(finding.aliases ?? [])];
  const [latest] = answers
    .filter(
      ({ names, components }) => names.some((name) => ids.includes(name)) && isIn(components, finding.purl),
    )
    .toSorted((one, other) => other.time - one.time || Number(one.excuses) - Number(other.excuses));
  if (!latest?.excuses) return undefined;
  const { status, justification, document } = latest;
  return {
    status,
    ...(justification === undefined ? {} : { justification }),
    ...(document === undefined ? {} : { document }),
  };
}

function statementsOf(document: unknown, artifact: Artifact): Statement[] {
  const statements = member(document, "statements");
  if (!Array.isArray(statements)) return [];
  return statements.flatMap((statement: unknown) => {
    const about = productsAbout(member(statement, "products"), artifact);
    if (about === undefined) return [];
    const status = String(member(statement, "status"));
    return [
      {
        names: namesOf(member(statement, "vulnerability")),
        excuses: ["not_affected", "fixed"].includes(status),
        time: timeOf(statement) ?? timeOf(document) ?? 0,
        components: componentsOf(about),
        status,
        ...textField("justification", member(statement, "justification")),
        ...textField("document", member(document, "@id")),
      },
    ];
  });
}

/** Those of the products that are the artifact; undefined when the statement is about others. */
function productsAbout(products: unknown, artifact: Artifact): readonly unknown[] | undefined {
  // A statement without products is about the subject of the attestation, which is the artifact.
  if (products === undefined || products === null) return [];
  const digests = Object.values(artifact.digests);
  const about = Array.isArray(products)
    ? products.filter((product: unknown) =>
        digests.some((digest) => JSON.stringify(product).includes(digest)),
      )
    : [];
  return about.length === 0 ? undefined : about;
}

/** The packages in the artifact that a statement is limited to. */
function componentsOf(products: readonly unknown[]): readonly string[] | undefined {
  const lists = products.map((product) => member(product, "subcomponents"));
  const limited = lists.filter((list): list is unknown[] => Array.isArray(list) && list.length > 0);
  if (limited.length === 0 || limited.length < lists.length) return undefined;
  return limited.flat().flatMap((component) => {
    const names = [component, member(component, "@id"), member(member(component, "identifiers"), "purl")];
    return names.filter((name): name is string => typeof name === "string");
  });
}

/** A package URL without a version stands for all versions; qualifiers don't count. */
function isIn(components: readonly string[] | undefined, purl: string | undefined): boolean {
  if (components === undefined) return true;
  if (purl === undefined) return false;
  const found = bare(purl);
  const unversioned = found.replace(/@[^@/]*$/, "");
  return components.some((component) => [found, unversioned].includes(bare(component)));
}

function bare(purl: string): string {
  return purl.replace(/[?#].*$/, "");
}

function namesOf(vulnerability: unknown): string[] {
  const aliases = member(vulnerability, "aliases");
  const names = [
    vulnerability,
    member(vulnerability, "name"),
    ...(Array.isArray(aliases) ? (aliases as unknown[]) : []),
  ];
  return names.filter((name): name is string => typeof name === "string");
}

function timeOf(value: unknown): number | undefined {
  const stated = member(value, "last_updated") ?? member(value, "timestamp");
  const time = typeof stated === "string" ? Date.parse(stated) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function textField<Name extends string>(name: Name, value: unknown): { [Key in Name]?: string } {
  return (typeof value === "string" && value !== "" ? { [name]: value } : {}) as { [Key in Name]?: string };
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}
