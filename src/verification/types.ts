import type { Decision } from "../policy/types.js";
import type { StatementHeader } from "../statement/types.js";

/** What is looked at, in the order in which it is. A closed list; docs/verification.md explains each. */
export type CheckCode =
  | "bundle"
  | "signature"
  | "signer"
  | "certificate"
  | "certificate-transparency"
  | "timestamp"
  | "transparency-log"
  | "payload-type"
  | "statement"
  | "predicate-type"
  | "subject"
  | "policy";

/** Why a check failed. A closed list; docs/verification.md explains each. */
export type FailureCode =
  /** Not JSON, ambiguous JSON, or JSON that is no bundle. */
  | "BUNDLE_INVALID"
  /** Larger, deeper or more than what is read. */
  | "LIMIT_EXCEEDED"
  /** A bundle that signs a file directly; it holds no statement. */
  | "NO_STATEMENT"
  /** The signature does not fit the content and the key. */
  | "SIGNATURE_INVALID"
  /** Signed by another key than the ones that are trusted. */
  | "KEY_UNTRUSTED"
  /** Signed with a key where a certificate was asked for, or the other way round. */
  | "SIGNER_KIND"
  /** The certificate is malformed, does not chain to the trusted root, or was not valid at the time. */
  | "CERTIFICATE_INVALID"
  /** The certificate was not issued for code signing. */
  | "CERTIFICATE_PURPOSE"
  /** The certificate has no proof that its issue was logged. */
  | "CERTIFICATE_UNLOGGED"
  /** The certificate names someone else. */
  | "IDENTITY_MISMATCH"
  /** Someone else vouches for the identity. */
  | "ISSUER_MISMATCH"
  | "TIMESTAMP_INVALID"
  | "TIMESTAMP_MISSING"
  /** A time of signing that is still to come. */
  | "TIMESTAMP_FUTURE"
  | "LOG_ENTRY_INVALID"
  | "LOG_ENTRY_MISSING"
  /** The signature covers something that is no in-toto statement. */
  | "PAYLOAD_TYPE"
  | "STATEMENT_INVALID"
  | "PREDICATE_TYPE"
  | "PREDICATE_MISSING"
  /** The statement is about something else. */
  | "SUBJECT_MISMATCH"
  /** One digest of the subject fits and another one does not. */
  | "SUBJECT_CONTRADICTION"
  /** The statement names the subject only by digests that are not trusted. */
  | "SUBJECT_WEAK_DIGEST"
  | "POLICY"
  /** Nothing was given to verify. */
  | "NO_BUNDLE"
  /** Fewer distinct signers than asked for. */
  | "THRESHOLD";

/** Something that was checked and holds. */
export type Check = { readonly check: CheckCode; readonly message: string };

/** Something that was not checked, and why. Never to be read as if it had been. */
export type Omission = { readonly check: CheckCode; readonly message: string };

/** Something that was checked and does not hold. */
export type Failure = {
  readonly check: CheckCode;
  readonly code: FailureCode;
  readonly message: string;
  readonly expected: string;
  readonly got: string;
};

/** Who signed, as far as it was verified. */
export type VerifiedSigner =
  | { readonly kind: "key"; readonly hint: string; readonly algorithm: string }
  | {
      readonly kind: "certificate";
      readonly identity: string;
      readonly issuer: string;
      /** What the certificate authority wrote about the build, by the name of the claim. */
      readonly claims: Readonly<Record<string, string>>;
    };

/** A time of signing that someone else vouches for. RFC 3339, UTC. */
export type VerifiedTime = {
  readonly source: "timestamp-authority" | "transparency-log";
  readonly time: string;
};

/** The verdict on one bundle. */
export type BundleVerdict = {
  /** What the caller calls the bundle: a file name, `file:line`, a digest. */
  readonly name: string;
  readonly passed: boolean;
  readonly signer?: VerifiedSigner;
  readonly times: readonly VerifiedTime[];
  /** Set once the signature is verified and the statement is well-formed. */
  readonly statement?: StatementHeader & { readonly sha256: string };
  readonly checks: readonly Check[];
  readonly notChecked: readonly Omission[];
  readonly failures: readonly Failure[];
};

/** How many bundles have to hold. */
export type Requirement =
  | { readonly kind: "any" }
  | { readonly kind: "all" }
  /** At least so many different keys or identities. */
  | { readonly kind: "threshold"; readonly signers: number };

/** The artifact that was asked about. */
export type Artifact = {
  readonly name: string;
  /** Algorithm, as in-toto names it, to lower-case hex. */
  readonly digests: Readonly<Record<string, string>>;
};

/** Which trusted root certificates, log entries and timestamps were held against. */
export type RootUsed = {
  readonly name: string;
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256: string;
  /** When the newest of its keys and authorities began to be valid: the root is not older. RFC 3339, UTC. */
  readonly newest?: string;
};

/** The verdict: plain data, the same for the same input. */
export type Verification = {
  readonly passed: boolean;
  /** The clock that ages and times of signing were held against. RFC 3339, UTC. */
  readonly judgedAt: string;
  readonly artifact: Artifact;
  readonly requirement: Requirement;
  /** Not set where none was given: then only bare signatures can hold. */
  readonly trustedRoot?: RootUsed;
  /** Of the bundles that decide: those that hold when it passed, else none. */
  readonly checks: readonly Check[];
  readonly notChecked: readonly Omission[];
  /** Why it did not pass; empty when it did. */
  readonly failures: readonly Failure[];
  readonly bundles: readonly BundleVerdict[];
  /** Each rule with its outcome, where a policy was given. */
  readonly policy?: Decision;
};
