/** Whether what is attached to an image was signed by somebody in particular. */
import type { PublicKey } from "../verification/public-key.js";
import type { TrustedSigners } from "../verification/request.js";
import type { TrustedRoot } from "../verification/trusted-root.js";
import { verify } from "../verification/verify.js";
import type { Attachment } from "./read/types.js";
import { bundleInputs } from "./verify.js";

/** Who has to have signed, and whose word counts for certificates, log entries and timestamps. */
export type SignerTrust = { readonly signers: TrustedSigners; readonly trustedRoot?: TrustedRoot };

/**
 * Why none of these attachments, all of one statement about one subject, is signed as it has to be; undefined
 * when one is.
 */
export async function signatureFailure(
  attachments: readonly Attachment[],
  trust: SignerTrust,
  now: Date,
): Promise<string | undefined> {
  const [first] = attachments;
  if (first === undefined) return "none";
  const [algorithm = "", hex = ""] = first.subject.split(":");
  const { passed, failures } = await verify(bundleInputs(attachments), {
    artifact: { name: first.subject, digests: { [algorithm]: hex } },
    ...trust,
    now,
  });
  return passed ? undefined : failures.map(({ code, message }) => `${code}: ${message}`).join("; ");
}

/**
 * The statements among attachments that nobody signed, without those that this key has signed elsewhere among
 * them: the same bytes about the same subject, with a signature that holds. Anyone could attach one that does not.
 */
export async function withoutSignature(
  attachments: readonly Attachment[],
  key: PublicKey,
  now: Date,
): Promise<Attachment[]> {
  const unsigned = attachments.filter(({ isSigned }) => !isSigned);
  return notSignedBy(
    unsigned.map((one) => ({ ...one, sha256: one.statementSha256 })),
    attachments,
    key,
    now,
  );
}

/** A statement by its bytes, and the digest that it is about. */
export type StatementAbout = { readonly path: string; readonly sha256: string; readonly subject: string };

/** Those of the statements that are not among the attachments with a signature of this key that holds. */
export async function notSignedBy<T extends Omit<StatementAbout, "path">>(
  statements: readonly T[],
  attachments: readonly Attachment[],
  key: PublicKey,
  now: Date,
): Promise<T[]> {
  const missing: T[] = [];
  for (const one of statements) {
    const signed = attachments.filter(
      ({ isSigned, subject, statementSha256 }) =>
        isSigned && subject === one.subject && statementSha256 === one.sha256,
    );
    const failure = await signatureFailure(signed, { signers: { keys: [key] } }, now);
    if (failure !== undefined) missing.push(one);
  }
  return missing;
}
