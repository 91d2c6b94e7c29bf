import { AttestError } from "../error.js";
import { checkUri } from "../statement/uri.js";
import type { Subject } from "../statement/types.js";
import type { Verification } from "../verification/types.js";

/** `predicateType` of a verification summary. https://slsa.dev/spec/v1.2/verification_summary */
export const vsaPredicateType = "https://slsa.dev/verification_summary/v1";

export type VsaOptions = {
  /** URI of who verified: consumers pair it with the key or identity that signs the summary. */
  readonly verifierId: string;
  /** Versions of what was used to verify, by component. */
  readonly verifierVersion?: Readonly<Record<string, string>>;
  /** URI that consumers will ask about, as in `pkg:oci/app?repository_url=registry.example/app`. */
  readonly resourceUri: string;
  /** URI of what was asked; the policy's own id unless given. */
  readonly policyUri?: string;
  /** What the verdict means, as in `SLSA_BUILD_LEVEL_2`: the caller's word, since a verdict does not know. */
  readonly verifiedLevels: readonly string[];
};

/** Ready to become a statement: about the artifact, with the verdict as predicate. */
export type VerificationSummary = {
  readonly subjects: readonly Subject[];
  readonly predicateType: typeof vsaPredicateType;
  readonly predicate: Readonly<Record<string, unknown>>;
};

const slsaVersion = "1.2";

/**
 * A verdict as SLSA Verification Summary v1. A verdict that failed gives a summary that says FAILED, whatever
 * levels were asked for.
 *
 * @throws AttestError ARGUMENT_INVALID
 */
export function verificationSummary(verification: Verification, options: VsaOptions): VerificationSummary {
  const { artifact, passed, bundles, policy, judgedAt } = verification;
  const policyUri = options.policyUri ?? policy?.policy;
  checkUris({ verifierId: options.verifierId, resourceUri: options.resourceUri, policyUri });
  checkLevels(options.verifiedLevels);
  const used = bundles.filter((bundle) => bundle.passed);
  return {
    subjects: [{ name: artifact.name, digest: artifact.digests }],
    predicateType: vsaPredicateType,
    predicate: {
      verifier: {
        id: options.verifierId,
        ...(options.verifierVersion === undefined ? {} : { version: options.verifierVersion }),
      },
      timeVerified: judgedAt,
      resourceUri: options.resourceUri,
      policy: {
        uri: policyUri,
        ...(policy?.sha256 === undefined ? {} : { digest: { sha256: policy.sha256 } }),
      },
      // The specification wants all of them or none.
      inputAttestations: used.flatMap(({ name, statement }) =>
        statement === undefined ? [] : [{ name, digest: { sha256: statement.sha256 } }],
      ),
      verificationResult: passed ? "PASSED" : "FAILED",
      verifiedLevels: passed ? options.verifiedLevels : ["FAILED"],
      slsaVersion,
    },
  };
}

function checkUris(uris: Readonly<Record<string, string | undefined>>): void {
  const problems = Object.entries(uris).flatMap(([name, uri]) => checkUri(uri, name));
  if (problems.length > 0)
    throw new AttestError(
      "ARGUMENT_INVALID",
      "a verification summary names who verified, what, and by which policy",
      { problems, next: "Give the three URIs; policyUri where the policy file's own name is none." },
    );
}

/** One level of each track, and nothing that looks like SLSA and is not. */
function checkLevels(levels: readonly string[]): void {
  const known =
    /^SLSA_(?<track>[A-Z]+)_LEVEL_(\d|UNEVALUATED)$|^SLSA_SOURCE_TWO_PARTY_REVIEWED$|^SLSA_BUILD_REPRODUCED$/;
  const tracks = levels.flatMap((level) => known.exec(level)?.groups?.["track"] ?? []);
  const problems = [
    ...levels
      .filter(
        (level) => level === "" || level === "FAILED" || (level.startsWith("SLSA_") && !known.test(level)),
      )
      .map((level) => ({
        path: "verifiedLevels",
        expected: "a level that SLSA defines, or one of your own without SLSA_",
        got: JSON.stringify(level),
      })),
    ...tracks
      .filter((track, index) => tracks.indexOf(track) < index)
      .map((track) => ({
        path: "verifiedLevels",
        expected: "one level of each track",
        got: `two of ${track}`,
      })),
  ];
  if (problems.length > 0)
    throw new AttestError("ARGUMENT_INVALID", "these levels can't be stated", { problems });
}
