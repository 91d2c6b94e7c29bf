import { AttestError, type Problem } from "../error.js";
import { checkDigestSet } from "../statement/digest-set.js";
import { statementLimits } from "../statement/limits.js";
import type { ByteSource } from "../signing/source.js";
import { bundleLimits, type BundleLimits, type ReadBundle } from "./bundle/types.js";
import { compileIdentity, type CertificateIdentity, type IdentityMatcher } from "./identity.js";
import type { PublicKey } from "./public-key.js";
import type { Thresholds } from "./trust.js";
import type { TrustedRoot } from "./trusted-root.js";
import type { Artifact, Requirement } from "./types.js";

/** Who has to have signed: any of these keys, or a certificate with any of these identities. */
export type TrustedSigners = {
  readonly keys?: readonly PublicKey[];
  readonly identities?: readonly CertificateIdentity[];
};

/** One bundle to verify, and what to call it. */
export type BundleInput = {
  readonly name: string;
  readonly source: ByteSource;
  /** The bundle in these bytes, where it was read already, within the limits that hold unless told otherwise. */
  readonly read?: ReadBundle;
};

/** The question: is this artifact what these signers say of it? */
export type VerificationRequest = {
  /** The artifact, by digests that were computed from its bytes. */
  readonly artifact: Artifact;
  readonly signers: TrustedSigners;
  /** The artifact's bytes: only for bundles that sign a file itself and hold no statement. Without them these fail. */
  readonly file?: ByteSource;
  /** Needed for certificates, log entries and timestamps. */
  readonly trustedRoot?: TrustedRoot;
  /** Only statements of this type count, to the letter. */
  readonly predicateType?: string;
  /** Any one bundle unless told otherwise. */
  readonly requirement?: Requirement;
  /** For certificates one of each unless told otherwise; for keys none. */
  readonly thresholds?: Partial<Thresholds>;
  /** The present: a time of signing after it is refused. */
  readonly now: Date;
  readonly limits?: BundleLimits;
};

/** A request whose arguments are checked and whose defaults are filled in. */
export type CheckedRequest = {
  readonly artifact: Artifact;
  readonly file: ByteSource | undefined;
  readonly keys: readonly PublicKey[];
  /** Undefined means that any identity is taken: only by way of the function that says so in its name. */
  readonly identities: readonly IdentityMatcher[] | undefined;
  readonly trustedRoot: TrustedRoot | undefined;
  readonly predicateType: string | undefined;
  readonly requirement: Requirement;
  readonly forKeys: Thresholds;
  readonly forCertificates: Thresholds;
  readonly now: Date;
  readonly limits: BundleLimits;
};

/** @throws AttestError ARGUMENT_INVALID with everything that is wrong */
export function checkRequest(request: VerificationRequest, anyIdentity: boolean): CheckedRequest {
  const { keys = [], identities = [] } = request.signers;
  const problems = [
    ...checkSigners(keys.length, identities.length, anyIdentity, request.trustedRoot),
    ...checkArtifact(request.artifact),
    ...checkRequirement(request.requirement),
    ...checkThresholds(request.thresholds, request.trustedRoot),
  ];
  if (problems.length > 0)
    throw new AttestError("ARGUMENT_INVALID", "the question is incomplete", {
      problems,
      next: "Say what to verify, and who has to have signed it: a key, or an identity and its issuer.",
    });
  return {
    artifact: request.artifact,
    file: request.file,
    keys,
    identities: anyIdentity ? undefined : identities.map(compileIdentity),
    trustedRoot: request.trustedRoot,
    predicateType: request.predicateType,
    requirement: request.requirement ?? { kind: "any" },
    forKeys: { logEntries: 0, timestamps: 0, certificateLogs: 0, ...request.thresholds },
    forCertificates: { logEntries: 1, timestamps: 1, certificateLogs: 1, ...request.thresholds },
    now: request.now,
    limits: request.limits ?? bundleLimits,
  };
}

function checkSigners(
  keys: number,
  identities: number,
  anyIdentity: boolean,
  root: TrustedRoot | undefined,
): Problem[] {
  if (keys + identities === 0 && !anyIdentity)
    return [{ path: "signers", expected: "a key, or an identity and its issuer", got: "none" }];
  if (root === undefined && (identities > 0 || anyIdentity))
    return [
      {
        path: "trustedRoot",
        expected: "a trusted root, since an identity is only as good as its certificate",
        got: "none",
      },
    ];
  return [];
}

const weak = ["md5", "sha1", "sha224", "ripemd160"];

function checkArtifact({ digests }: Artifact): Problem[] {
  const problems = checkDigestSet(digests, "artifact.digests", statementLimits);
  if (problems.length > 0) return problems;
  return Object.keys(digests).some((name) => !weak.includes(name))
    ? []
    : [
        {
          path: "artifact.digests",
          expected: "a SHA-2 digest or a git object id",
          got: Object.keys(digests).join(", "),
        },
      ];
}

function checkRequirement(requirement: Requirement | undefined): Problem[] {
  if (requirement?.kind !== "threshold") return [];
  const { signers } = requirement;
  if (Number.isSafeInteger(signers) && signers > 0) return [];
  return [{ path: "requirement.signers", expected: "a whole number above 0", got: `${signers}` }];
}

function checkThresholds(
  thresholds: Partial<Thresholds> | undefined,
  root: TrustedRoot | undefined,
): Problem[] {
  const problems = Object.entries(thresholds ?? {})
    .filter(([, count]) => !Number.isSafeInteger(count) || count < 0)
    .map(([name, count]) => ({
      path: `thresholds.${name}`,
      expected: "a whole number, 0 or more",
      got: `${count}`,
    }));
  const asksForWitness = (thresholds?.logEntries ?? 0) + (thresholds?.timestamps ?? 0) > 0;
  if (asksForWitness && root === undefined)
    problems.push({
      path: "trustedRoot",
      expected: "a trusted root to hold log entries and timestamps against",
      got: "none",
    });
  return problems;
}
