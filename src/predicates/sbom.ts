/**
 * SBOMs as predicates: enough to notice that a predicate is no SBOM, or one of another format. The module
 * validates those that it makes against their whole schemas.
 */
import { isObject } from "../statement/json-value.js";
import type { PredicateDefinition } from "./definition.js";
import { anyText, anyValue, object, oneOf, text, unset, withRule, type Shape } from "./shape.js";

const spdx2 = object({ spdxVersion: text, SPDXID: text, name: anyText, creationInfo: anyValue });
const spdx3 = object({ "@context": anyValue, "@graph": anyValue });

const spdx: Shape<unknown> = {
  check: (value, path) => {
    // cosign writes a tag-value document as one string.
    if (typeof value === "string") return [];
    return (isObject(value) && "@graph" in value ? spdx3 : spdx2).check(value, path);
  },
};

const cyclonedx = object({ bomFormat: oneOf("CycloneDX"), specVersion: text, version: unset(anyValue) });

const spdxTypes = ["", "/v2.2", "/v2.3"].map((version) => ({
  predicateType: `https://spdx.dev/Document${version}`,
  what: "an SPDX document",
  specification: "https://github.com/in-toto/attestation/blob/main/spec/predicates/spdx.md",
  shape: spdx,
}));

const cyclonedxTypes = ["", "/v1.2", "/v1.3", "/v1.4", "/v1.5", "/v1.6", "/v1.7"].map((version) => ({
  predicateType: `https://cyclonedx.org/bom${version}`,
  what: "a CycloneDX document",
  specification: "https://github.com/in-toto/attestation/blob/main/spec/predicates/cyclonedx.md",
  shape: withRule(cyclonedx, (value, path) =>
    version === "" || `/v${value.specVersion}` === version
      ? []
      : [{ path: `${path}specVersion`, expected: version.slice(2), got: JSON.stringify(value.specVersion) }],
  ),
}));

export const sbomPredicates: readonly PredicateDefinition<unknown>[] = [
  ...spdxTypes,
  {
    predicateType: "https://spdx.dev/Document/v3",
    what: "an SPDX 3 document",
    specification: "https://github.com/in-toto/attestation/blob/main/spec/predicates/spdx3.md",
    shape: spdx3,
  },
  ...cyclonedxTypes,
];
