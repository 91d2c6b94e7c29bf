/** Scans for vulnerabilities: in-toto's two versions, and cosign's, which carries the scanner's own report. */
import type { PredicateDefinition } from "./definition.js";
import {
  anyObject,
  anyText,
  anyValue,
  dateTime,
  eitherOf,
  list,
  object,
  text,
  timestamp,
  unset,
  uri,
  withRule,
  type Shape,
  type TypeOf,
} from "./shape.js";

const score = object({ method: text, score: anyText });
/** The specification calls it both an object and a list. */
const severity = eitherOf("a list of severities", list(score), score);
const annotations = unset(eitherOf("a list or an object", list(anyValue), anyObject));

const finding = object({ id: text, severity, annotations });

export type VulnerabilityFinding = TypeOf<typeof finding>;

const scan = <T>(result: Shape<T>) =>
  object({
    scanner: object({
      uri,
      version: unset(anyText),
      db: object({ uri: unset(uri), version: unset(anyText), lastUpdate: timestamp }),
      result: list(result),
    }),
    metadata: object({ scanStartedOn: timestamp, scanFinishedOn: timestamp }),
  });

const v02 = scan(finding);

export type Vulnerabilities = TypeOf<typeof v02>;

/** https://github.com/in-toto/attestation/blob/main/spec/predicates/vulns_02.md */
export const vulnerabilitiesV02: PredicateDefinition<Vulnerabilities> = {
  predicateType: "https://in-toto.io/attestation/vulns/v0.2",
  what: "a vulnerability scan",
  specification: "https://github.com/in-toto/attestation/blob/main/spec/predicates/vulns_02.md",
  shape: v02,
};

/** The text of v0.1 nests each finding under `vulnerability`, its example does not: both pass. */
const findingV01 = withRule(
  object({
    id: unset(text),
    severity: unset(severity),
    vulnerability: unset(finding),
    annotations,
  }),
  (value, path) =>
    value.id === undefined && value.vulnerability === undefined
      ? [{ path, expected: "an id, or a vulnerability that has one", got: "neither" }]
      : [],
);

export const vulnerabilitiesV01: PredicateDefinition<unknown> = {
  predicateType: "https://in-toto.io/attestation/vulns/v0.1",
  what: "a vulnerability scan",
  specification: "https://github.com/in-toto/attestation/blob/main/spec/predicates/vuln.md",
  shape: scan(findingV01),
};

// `trivy --format cosign-vuln` leaves much of it empty.
const cosign = object({
  invocation: unset(anyObject),
  scanner: object({
    uri: unset(anyText),
    version: unset(anyText),
    db: unset(object({ uri: unset(anyText), version: unset(anyText) })),
    result: anyObject,
  }),
  metadata: object({ scanStartedOn: dateTime, scanFinishedOn: dateTime }),
});

export type CosignVulnerabilities = TypeOf<typeof cosign>;

/** https://github.com/sigstore/cosign/blob/main/specs/COSIGN_VULN_ATTESTATION_SPEC.md */
export const cosignVulnV1: PredicateDefinition<CosignVulnerabilities> = {
  predicateType: "https://cosign.sigstore.dev/attestation/vuln/v1",
  what: "a vulnerability scan in cosign's form",
  specification: "https://github.com/sigstore/cosign/blob/main/specs/COSIGN_VULN_ATTESTATION_SPEC.md",
  shape: cosign,
};
