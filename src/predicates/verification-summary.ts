/** Verdicts as predicates: SLSA's verification summary and in-toto's simple verification result. */
import type { Problem } from "../error.js";
import type { PredicateDefinition } from "./definition.js";
import {
  anyText,
  descriptor,
  dictionary,
  integer,
  list,
  object,
  oneOf,
  text,
  timestamp,
  unset,
  uri,
  withRule,
  type TypeOf,
} from "./shape.js";

const policy = withRule(descriptor, (value, path) =>
  value.uri === undefined ? [{ path: `${path}.uri`, expected: "the URI of the policy", got: "nothing" }] : [],
);

const inputAttestation = withRule(descriptor, (value, path) =>
  value.digest === undefined
    ? [{ path: `${path}.digest`, expected: "the digest of the attestation", got: "nothing" }]
    : [],
);

const summaryShape = object({
  verifier: object({ id: uri, version: unset(dictionary(anyText)) }),
  timeVerified: unset(timestamp),
  // Google writes `gce_image://...`, whose scheme is none.
  resourceUri: text,
  policy,
  inputAttestations: unset(list(inputAttestation)),
  verificationResult: oneOf("PASSED", "FAILED"),
  verifiedLevels: withRule(list(text), oneLevelOfEachTrack),
  dependencyLevels: unset(dictionary(integer(0))),
  slsaVersion: unset(anyText),
});

export type VerificationSummaryPredicate = TypeOf<typeof summaryShape>;

/** That somebody verified the artifact, by which policy, with what outcome. */
export const verificationSummaryV1: PredicateDefinition<VerificationSummaryPredicate> = {
  predicateType: "https://slsa.dev/verification_summary/v1",
  what: "a SLSA verification summary",
  specification: "https://slsa.dev/spec/v1.2/verification_summary",
  shape: summaryShape,
};

/** Every level implies those below it, so a second one of the same track contradicts the first. */
function oneLevelOfEachTrack(levels: readonly string[], path: string): Problem[] {
  const tracks = levels.map((level) => /^SLSA_([A-Z]+)_LEVEL_/.exec(level)?.[1]);
  return tracks.flatMap((track, at) =>
    track === undefined || tracks.indexOf(track) === at
      ? []
      : [{ path: `${path}[${at}]`, expected: "one level of each track", got: `a second one of ${track}` }],
  );
}

const resultFields = { timeCreated: timestamp, properties: list(text) };
const resultSpecification = "https://github.com/in-toto/attestation/blob/main/spec/predicates/svr.md";

const resultShape = object({ verifier: object({ id: uri, policies: list(descriptor) }), ...resultFields });

export type VerificationResult = TypeOf<typeof resultShape>;

/** Which properties of the artifact somebody verified. */
export const verificationResultV02: PredicateDefinition<VerificationResult> = {
  predicateType: "https://in-toto.io/attestation/svr/v0.2",
  what: "a simple verification result",
  specification: resultSpecification,
  shape: resultShape,
};

/** The same without the demand to name the policies. */
export const verificationResultV01: PredicateDefinition<unknown> = {
  predicateType: "https://in-toto.io/attestation/svr/v0.1",
  what: "a simple verification result",
  specification: resultSpecification,
  shape: object({ verifier: object({ id: uri }), ...resultFields }),
};
