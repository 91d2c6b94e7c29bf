/** https://github.com/in-toto/attestation/blob/main/spec/predicates/release.md */
import type { PredicateDefinition } from "./definition.js";
import { anyText, object, unset, withRule, type TypeOf } from "./shape.js";

const specification = "https://github.com/in-toto/attestation/blob/main/spec/predicates/release.md";

/**
 * A package URL with a version: `pkg:type/namespace/name@version?qualifiers#subpath`. The `@` of an npm
 * scope may stand as it is, as in the specification's own example.
 * https://github.com/package-url/purl-spec
 */
const purlPattern =
  /^pkg:\/*[A-Za-z][A-Za-z0-9.+-]*\/(?:[^/?#\s]+\/)*[^@/?#\s]+@[^@/?#\s]+(?:\?[^#\s]*)?(?:#\S*)?$/;

const purl = withRule(anyText, (value, path) =>
  purlPattern.test(value)
    ? []
    : [
        {
          path,
          expected: "a package URL with a version, as in pkg:npm/left-pad@1.3.0",
          got: JSON.stringify(value),
        },
      ],
);

const shape = object({ purl, packageId: unset(anyText) });

export type Release = TypeOf<typeof shape>;

/** Which files make up one version of a package: the statement's subjects. */
export const releaseV02: PredicateDefinition<Release> = {
  predicateType: "https://in-toto.io/attestation/release/v0.2",
  what: "a release",
  specification,
  shape,
};

/** The version before it called `packageId` `releaseId`; the specification's examples still name this type. */
export const releaseV01: PredicateDefinition<unknown> = {
  predicateType: "https://in-toto.io/attestation/release/v0.1",
  what: "a release",
  specification,
  shape: object({ purl, releaseId: unset(anyText), packageId: unset(anyText) }),
};

/** The predicate for a release. */
export function release(purl: string, packageId?: string): Release {
  return packageId === undefined || packageId === "" ? { purl } : { purl, packageId };
}
