import type { PredicateDefinition } from "./definition.js";
import { anyObject, descriptor, list, object, text, unset, type TypeOf } from "./shape.js";

const shape = object({
  attributes: list(
    object({
      attribute: text,
      target: unset(descriptor),
      conditions: unset(anyObject),
      evidence: unset(descriptor),
    }),
    1,
  ),
  producer: unset(descriptor),
});

export type AttributeReport = TypeOf<typeof shape>;

/** Attributes of an artifact or of what produced it, each with its evidence (SCAI). */
export const scaiV03: PredicateDefinition<AttributeReport> = {
  predicateType: "https://in-toto.io/attestation/scai/v0.3",
  what: "a SCAI attribute report",
  specification: "https://github.com/in-toto/attestation/blob/main/spec/predicates/scai.md",
  shape,
};
