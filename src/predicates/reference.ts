import type { PredicateDefinition } from "./definition.js";
import { descriptor, list, object, uri, withRule, type TypeOf } from "./shape.js";

const document = withRule(descriptor, (value, path) =>
  (["downloadLocation", "mediaType"] as const)
    .filter((field) => value[field] === undefined || value[field] === "")
    .map((field) => ({ path: `${path}.${field}`, expected: `a ${field}`, got: "nothing" })),
);

const shape = object({ attester: object({ id: uri }), references: list(document) });

export type Reference = TypeOf<typeof shape>;

/** Documents elsewhere that speak of the artifact, by digest and address. */
export const referenceV01: PredicateDefinition<Reference> = {
  predicateType: "https://in-toto.io/attestation/reference/v0.1",
  what: "a reference",
  specification: "https://github.com/in-toto/attestation/blob/main/spec/predicates/reference.md",
  shape,
};
