import type { KeyObject } from "node:crypto";
import type { RFC3161Timestamp, X509Certificate } from "@sigstore/core";
import type { SignedEntity, TrustMaterial } from "@sigstore/verify";
import { errorCode } from "../error.js";
import type { ReadBundle } from "./bundle/types.js";
import { sigstoreCore, sigstoreVerify } from "./libraries.js";
import type { CheckedSignature } from "./signature.js";
import type { TrustedRoot } from "./trusted-root.js";
import type { CheckCode, Failure, FailureCode, VerifiedSigner, VerifiedTime } from "./types.js";

/** How much someone else has to vouch for a signature. */
export type Thresholds = {
  readonly logEntries: number;
  readonly timestamps: number;
  /** Proofs in the certificate that its issue was logged (SCTs). */
  readonly certificateLogs: number;
};

/** A signature that holds, by someone who is trusted. */
export type TrustedSignature = {
  readonly signer: VerifiedSigner;
  readonly times: readonly VerifiedTime[];
  readonly checked: CheckedSignature;
};

export type TrustOutcome = { readonly failure: Failure } | { readonly times: readonly VerifiedTime[] };

/** The key that a signature was checked with, and the certificate that it is from. */
export type SigningKey = { readonly key: KeyObject; readonly certificate?: X509Certificate };

/**
 * Checks what surrounds a signature that is valid in itself: the certificate and its time, timestamps, log
 * entries. All of it is done by \@sigstore/verify; the signature is not checked again.
 */
export async function checkTrust(
  bundle: ReadBundle,
  signing: SigningKey,
  checked: CheckedSignature,
  root: TrustedRoot,
  thresholds: Thresholds,
): Promise<TrustOutcome> {
  const { Verifier } = await sigstoreVerify();
  const stamps = await parseTimestamps(bundle);
  if ("failure" in stamps) return stamps;
  const entity = toEntity(bundle, signing, checked, stamps.timestamps);
  const times = signingTimes(bundle, stamps.timestamps);
  const missing = findMissing(bundle, times, thresholds) ?? findContradiction(bundle);
  if (missing !== undefined) return { failure: missing };
  const material: TrustMaterial = {
    ...root.material,
    publicKey: () => ({ publicKey: signing.key, validFor: () => true }),
  };
  const verifier = new Verifier(material, {
    tlogThreshold: thresholds.logEntries,
    timestampThreshold: thresholds.timestamps,
    ctlogThreshold: thresholds.certificateLogs,
  });
  try {
    verifier.verify(entity);
    return { times };
  } catch (error) {
    return { failure: toFailure(error) };
  }
}

/** Said by ourselves, and before: the library counts, and says so in prose only. */
function findMissing(
  bundle: ReadBundle,
  times: readonly VerifiedTime[],
  thresholds: Thresholds,
): Failure | undefined {
  if (bundle.tlogEntries.length < thresholds.logEntries)
    return failure(
      "transparency-log",
      "LOG_ENTRY_MISSING",
      "The bundle has too few entries of a transparency log.",
      {
        expected: `at least ${thresholds.logEntries}`,
        got: `${bundle.tlogEntries.length}`,
      },
    );
  // A certificate is valid for minutes; without a time there is nothing to hold it against, and the library would crash.
  const needed = Math.max(thresholds.timestamps, bundle.signer.kind === "certificate" ? 1 : 0);
  if (times.length < needed)
    return failure("timestamp", "TIMESTAMP_MISSING", "Too few times of signing that anyone vouches for.", {
      expected: `at least ${needed}`,
      got: `${times.length}`,
    });
  return undefined;
}

/**
 * A proof states size and root of its tree twice: once in the checkpoint, which the log signed and the library goes
 * by, and once bare, for other readers.
 */
function findContradiction({ tlogEntries }: ReadBundle): Failure | undefined {
  for (const { inclusionProof } of tlogEntries) {
    if (inclusionProof?.checkpoint === undefined) continue;
    const [, size = "", root = ""] = inclusionProof.checkpoint.envelope.split("\n");
    const signed = `size ${size} and root ${root}`;
    const { treeSize, rootHash } = inclusionProof;
    const bare = `size ${treeSize} and root ${rootHash.toString("base64")}`;
    // An unset size is 0 here, and nobody proves anything of an empty tree.
    const differs =
      (treeSize !== "0" && treeSize !== size) ||
      (rootHash.length > 0 && !rootHash.equals(Buffer.from(root, "base64")));
    if (differs)
      return failure(
        "transparency-log",
        "LOG_ENTRY_INVALID",
        "A proof is of another tree than its checkpoint.",
        {
          expected: signed,
          got: bare,
        },
      );
  }
  return undefined;
}

async function parseTimestamps(
  bundle: ReadBundle,
): Promise<{ failure: Failure } | { timestamps: { parsed: RFC3161Timestamp; time: string }[] }> {
  if (bundle.timestamps.length === 0) return { timestamps: [] };
  const { RFC3161Timestamp } = await sigstoreCore();
  try {
    const timestamps = bundle.timestamps.map((der) => {
      const parsed = RFC3161Timestamp.parse(Buffer.from(der));
      return { parsed, time: parsed.signingTime.toISOString() };
    });
    return { timestamps };
  } catch (error) {
    return {
      failure: problem(
        "timestamp",
        "TIMESTAMP_INVALID",
        "A timestamp can't be read.",
        "an RFC 3161 response",
        error,
      ),
    };
  }
}

function toEntity(
  { signature, tlogEntries }: ReadBundle,
  { key, certificate }: SigningKey,
  checked: CheckedSignature,
  timestamps: readonly { parsed: RFC3161Timestamp }[],
): SignedEntity {
  return {
    key: certificate ? { $case: "certificate", certificate } : { $case: "public-key", hint: "" },
    signature: {
      signature,
      compareSignature: (other) => other.equals(signature),
      compareDigest: (digest) => digest.equals(checked.content),
      compareSignedDigest: (digest) => digest.equals(checked.signed),
      verifySignature: (other) => checked.valid && other.equals(key),
    },
    tlogEntries: [...tlogEntries],
    timestamps: [
      ...tlogEntries
        .filter((entry) => entry.integratedTime !== "0")
        .map((tlogEntry) => ({ $case: "transparency-log" as const, tlogEntry })),
      ...timestamps.map(({ parsed }) => ({ $case: "timestamp-authority" as const, timestamp: parsed })),
    ],
  };
}

/** The log's own time counts only with its signed promise. */
function signingTimes(bundle: ReadBundle, timestamps: readonly { time: string }[]): VerifiedTime[] {
  const logged = bundle.tlogEntries.filter(
    ({ inclusionPromise, integratedTime }) =>
      inclusionPromise !== undefined && integratedTime !== "0" && Number(integratedTime) <= lastSecond,
  );
  return [
    ...timestamps.map(({ time }) => ({ source: "timestamp-authority" as const, time })),
    ...logged.map((entry) => ({
      source: "transparency-log" as const,
      time: new Date(Number(entry.integratedTime) * 1000).toISOString(),
    })),
  ];
}

/** The last one that a Date can hold. */
const lastSecond = 8_640_000_000_000;

const byLibraryCode: Readonly<Record<string, [CheckCode, FailureCode, string]>> = {
  TLOG_ERROR: ["transparency-log", "LOG_ENTRY_INVALID", "An entry of the transparency log does not hold."],
  TLOG_INCLUSION_PROOF_ERROR: [
    "transparency-log",
    "LOG_ENTRY_INVALID",
    "A proof of inclusion in the log does not hold.",
  ],
  TLOG_INCLUSION_PROMISE_ERROR: [
    "transparency-log",
    "LOG_ENTRY_INVALID",
    "The log's promise of inclusion does not hold.",
  ],
  TLOG_MISSING_INCLUSION_ERROR: [
    "transparency-log",
    "LOG_ENTRY_INVALID",
    "A log entry comes without promise and proof.",
  ],
  TLOG_BODY_ERROR: ["transparency-log", "LOG_ENTRY_INVALID", "A log entry is about something else."],
  CERTIFICATE_ERROR: [
    "certificate",
    "CERTIFICATE_INVALID",
    "The certificate does not hold for the trusted root and the time of signing.",
  ],
  PUBLIC_KEY_ERROR: ["signer", "KEY_UNTRUSTED", "The key is not trusted."],
  SIGNATURE_ERROR: ["signature", "SIGNATURE_INVALID", "The signature does not fit the content and the key."],
  TIMESTAMP_ERROR: ["timestamp", "TIMESTAMP_INVALID", "A timestamp does not hold."],
};

function toFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : "";
  if (/^expected \d+ SCTs/.test(message))
    return failure(
      "certificate-transparency",
      "CERTIFICATE_UNLOGGED",
      "The certificate has no proof that its issue was logged.",
      {
        expected: "a signed certificate timestamp of a trusted log",
        got: "none",
      },
    );
  const [check, failureCode, sentence] = byLibraryCode[errorCode(error)] ?? [
    "bundle",
    "BUNDLE_INVALID",
    "The verification material can't be read.",
  ];
  return problem(check, failureCode, sentence, "material that fits the trusted root", error);
}

/** A failure that a library explained. */
function problem(
  check: CheckCode,
  code: FailureCode,
  message: string,
  expected: string,
  error: unknown,
): Failure {
  const reasons: string[] = [];
  for (let at: unknown = error; at instanceof Error && reasons.length < 5; at = at.cause)
    reasons.push(at.message);
  return failure(check, code, message, { expected, got: reasons.join(": ") });
}

function failure(
  check: CheckCode,
  code: FailureCode,
  message: string,
  difference: Pick<Failure, "expected" | "got">,
): Failure {
  return { check, code, message, ...difference };
}
