/** https://github.com/in-toto/attestation/blob/main/spec/predicates/link.md */
import type { Problem } from "../error.js";
import type { ResourceDescriptor } from "../statement/types.js";
import type { PredicateDefinition } from "./definition.js";
import {
  anyObject,
  anyText,
  anyValue,
  descriptor,
  list,
  object,
  text,
  unset,
  withRule,
  type TypeOf,
} from "./shape.js";

const specification = "https://github.com/in-toto/attestation/blob/main/spec/predicates/link.md";

const material = withRule(descriptor, (value, path) =>
  (["name", "digest"] as const)
    .filter((field) => value[field] === undefined || value[field] === "")
    .map((field) => ({ path: `${path}.${field}`, expected: `a ${field}`, got: "nothing" })),
);

const shape = object({
  name: text,
  command: unset(list(anyText)),
  materials: unset(withRule(list(material), repeatedNames)),
  byproducts: unset(anyObject),
  environment: unset(anyObject),
});

export type Link = TypeOf<typeof shape>;

/** One step of a supply chain: its command and materials; the products are the statement's subjects. */
export const linkV03: PredicateDefinition<Link> = {
  predicateType: "https://in-toto.io/attestation/link/v0.3",
  what: "a link",
  specification,
  shape,
};

/** As older tools and `cosign attest --type link` write it: materials by name. */
export const linkV1: PredicateDefinition<unknown> = {
  predicateType: "https://in-toto.io/Link/v1",
  what: "a link of the old form",
  specification,
  shape: object({
    name: text,
    command: unset(anyValue),
    materials: unset(anyValue),
    byproducts: unset(anyObject),
    environment: unset(anyObject),
  }),
};

function repeatedNames(materials: readonly ResourceDescriptor[], path: string): Problem[] {
  const names = materials.map(({ name }) => name);
  return names.flatMap((name, at) =>
    names.indexOf(name) === at
      ? []
      : [{ path: `${path}[${at}].name`, expected: "a name that no other material has", got: `${name}` }],
  );
}
