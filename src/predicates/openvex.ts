/** https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md */
import type { Problem } from "../error.js";
import type { PredicateDefinition } from "./definition.js";
import {
  anyText,
  dateTime,
  dictionary,
  eitherOf,
  integer,
  list,
  object,
  oneOf,
  text,
  unset,
  withRule,
  type TypeOf,
} from "./shape.js";

const specification = "https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md";

/** An internationalised URI: characters of any language may stand in it. */
const iri = withRule(text, (value, path) =>
  /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(value)
    ? []
    : [{ path, expected: "an IRI with scheme", got: JSON.stringify(value) }],
);

const namespace = "https://openvex.dev/ns";

const context = withRule(text, (value, path) =>
  value === namespace || /^https:\/\/openvex\.dev\/ns\/v\d+(\.\d+)*$/.test(value)
    ? []
    : [{ path, expected: `${namespace}/v0.2.0`, got: JSON.stringify(value) }],
);

const component = {
  "@id": unset(iri),
  identifiers: unset(dictionary(text)),
  hashes: unset(dictionary(text)),
};
const identified = <
  T extends { readonly "@id"?: unknown; readonly identifiers?: unknown; readonly hashes?: unknown },
>(
  value: T,
  path: string,
): Problem[] =>
  [value["@id"], value.identifiers, value.hashes].some((found) => found !== undefined && found !== null)
    ? []
    : [{ path, expected: "one of @id, identifiers and hashes", got: "none of them" }];

const product = withRule(
  object({ ...component, subcomponents: unset(list(withRule(object(component), identified))) }),
  identified,
);

const vulnerability = object({
  "@id": unset(iri),
  name: text,
  description: unset(anyText),
  aliases: unset(list(text)),
});

export const vexStatuses = ["not_affected", "affected", "fixed", "under_investigation"] as const;
export type VexStatus = (typeof vexStatuses)[number];

export const vexJustifications = [
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
] as const;
export type VexJustification = (typeof vexJustifications)[number];

const statement = withRule(
  object({
    "@id": unset(iri),
    version: unset(integer(0)),
    // Documents of v0.0.1 give vulnerabilities and products by name alone.
    vulnerability: eitherOf("a vulnerability with a name", vulnerability, text),
    timestamp: unset(dateTime),
    last_updated: unset(dateTime),
    products: unset(list(eitherOf("a product", product, text))),
    status: oneOf(...vexStatuses),
    supplier: unset(anyText),
    status_notes: unset(anyText),
    justification: unset(oneOf(...vexJustifications)),
    impact_statement: unset(anyText),
    action_statement: unset(anyText),
    action_statement_timestamp: unset(dateTime),
  }),
  explained,
);

/** Who is not affected has to say why, who is has to say what to do. */
function explained(
  value: {
    readonly status: VexStatus;
    readonly justification?: string | null;
    readonly impact_statement?: string | null;
    readonly action_statement?: string | null;
  },
  path: string,
): Problem[] {
  const { status, justification, impact_statement: impact, action_statement: action } = value;
  if (status === "not_affected" && !justification && !impact)
    return [
      { path, expected: "a justification or an impact_statement, as not_affected needs it", got: "neither" },
    ];
  if (status === "affected" && (action === undefined || action === null))
    return [
      { path: `${path}.action_statement`, expected: "what to do, as affected needs it", got: "nothing" },
    ];
  return [];
}

/** A number; documents of v0.0.1 write it as text. */
const version = eitherOf(
  "a whole number from 1",
  integer(1),
  withRule(text, (value, path) =>
    /^[1-9]\d*$/.test(value) ? [] : [{ path, expected: "a whole number from 1", got: JSON.stringify(value) }],
  ),
);

const shape = object({
  "@context": context,
  "@id": iri,
  author: text,
  role: unset(anyText),
  timestamp: dateTime,
  last_updated: unset(dateTime),
  version,
  tooling: unset(anyText),
  statements: list(statement, 1),
});

export type VexDocument = TypeOf<typeof shape>;
export type VexStatement = TypeOf<typeof statement>;

/** The type that cosign (`--type openvex`) and vexctl write and look for. */
export const openVex: PredicateDefinition<VexDocument> = {
  predicateType: namespace,
  what: "an OpenVEX document",
  specification,
  shape,
};

/** Types with the version of the document's context, which others write. */
export const openVexVersions: readonly PredicateDefinition<VexDocument>[] = [
  "v0.0.1",
  "v0.0.2",
  "v0.2.0",
].map((version) => ({ ...openVex, predicateType: `${namespace}/${version}` }));
