import { AttestError, reasonOf } from "../error.js";
import { readBundle } from "./bundle/read.js";
import { bundleLimits, type ReadBundle } from "./bundle/types.js";
import { checkSigner } from "./check-signer.js";
import { checkStatement } from "./check-statement.js";
import { combine } from "./combine.js";
import { failed, noFindings, notReached, passed, type Findings } from "./findings.js";
import { checkRequest, type BundleInput, type CheckedRequest, type VerificationRequest } from "./request.js";
import type { VerifiedStatement } from "./statement.js";
import type { TrustedRoot } from "./trusted-root.js";
import type { BundleVerdict, RootUsed, Verification } from "./types.js";

/** A bundle that holds, with what it says. */
export type VerifiedAttestation = { readonly verdict: BundleVerdict; readonly statement: VerifiedStatement };

/** The verdict, and the statements of all bundles that hold: nothing unverified is among them. */
export type VerifiedEvidence = {
  readonly verification: Verification;
  readonly attestations: readonly VerifiedAttestation[];
};

/**
 * Answers whether an artifact is what trusted signers say of it. Bad evidence is never thrown: it is in the
 * verdict, with its reason.
 *
 * @param bundles none is a verdict too (it fails)
 * @throws AttestError ARGUMENT_INVALID when the question is incomplete: no signer, no usable digest, no root
 */
export async function verify(
  bundles: readonly BundleInput[],
  request: VerificationRequest,
): Promise<Verification> {
  return (await verifyWithEvidence(bundles, request)).verification;
}

/** The same, and hands out what was verified, for policies. */
export function verifyWithEvidence(
  bundles: readonly BundleInput[],
  request: VerificationRequest,
): Promise<VerifiedEvidence> {
  return verifyAll(bundles, checkRequest(request, false));
}

/**
 * Takes a certificate of anyone at all: it shows that somebody signed, not that it was somebody in particular.
 * For looking at what is there; never for a decision.
 */
export async function verifyAnyIdentityUnsafe(
  bundles: readonly BundleInput[],
  request: Omit<VerificationRequest, "signers">,
): Promise<Verification> {
  return (await verifyAll(bundles, checkRequest({ ...request, signers: {} }, true))).verification;
}

async function verifyAll(
  bundles: readonly BundleInput[],
  request: CheckedRequest,
): Promise<VerifiedEvidence> {
  const attestations: VerifiedAttestation[] = [];
  const verdicts: BundleVerdict[] = [];
  // One after the other: a large bundle is read in pieces, and ten at once would not be.
  for (const bundle of bundles) {
    const { verdict, statement } = await verifyOne(bundle, request);
    verdicts.push(verdict);
    if (verdict.passed && statement !== undefined) attestations.push({ verdict, statement });
  }
  return { verification: verificationOf(verdicts, request), attestations };
}

/** The verdict on all bundles together. */
export function verificationOf(
  bundles: readonly BundleVerdict[],
  request: Pick<CheckedRequest, "artifact" | "requirement" | "now" | "trustedRoot">,
): Verification {
  const { artifact, requirement, now, trustedRoot } = request;
  return {
    ...combine(bundles, requirement),
    judgedAt: now.toISOString(),
    artifact,
    requirement,
    ...(trustedRoot === undefined ? {} : { trustedRoot: rootUsed(trustedRoot) }),
    bundles,
  };
}

function rootUsed({ name, sha256, newest }: TrustedRoot): RootUsed {
  return { name, sha256, ...(newest === undefined ? {} : { newest }) };
}

async function verifyOne(
  input: BundleInput,
  request: CheckedRequest,
): Promise<{ verdict: BundleVerdict; statement?: VerifiedStatement }> {
  const { name } = input;
  const findings = noFindings();
  const bundle = await open(input, request, findings);
  if (bundle === undefined) return { verdict: verdictOf(name, findings, "bundle") };
  try {
    return await judge(name, bundle, request, findings);
  } catch (error) {
    // A large payload is decoded while it is read, so that it is no base64 comes out only then.
    reportUnreadable(error, findings);
    return { verdict: verdictOf(name, findings, "bundle") };
  }
}

async function judge(name: string, bundle: ReadBundle, request: CheckedRequest, findings: Findings) {
  const signed = await checkSigner(bundle, request, findings);
  if (signed === undefined) return { verdict: verdictOf(name, findings, "signature") };
  const statement = await checkStatement(bundle.content, signed.checked.content, request, findings);
  const { signer, times } = signed;
  const verdict = verdictOf(name, findings, "payload-type", bundle.content.kind);
  if (statement === undefined) return { verdict: { ...verdict, signer, times } };
  const { header, sha256 } = statement;
  return { verdict: { ...verdict, signer, times, statement: { ...header, sha256 } }, statement };
}

async function open(
  { source, read }: BundleInput,
  { limits, file }: CheckedRequest,
  findings: Findings,
): Promise<ReadBundle | undefined> {
  try {
    const bundle = read !== undefined && limits === bundleLimits ? read : await readBundle(source, limits);
    if (bundle.content.kind === "file" && file === undefined) {
      failed(
        findings,
        "bundle",
        "NO_STATEMENT",
        "The bundle signs a file, and says nothing of it.",
        "an attestation",
        "a signature alone",
      );
      return undefined;
    }
    passed(findings, "bundle", `The bundle is well-formed (${bundle.format}).`);
    return bundle;
  } catch (error) {
    reportUnreadable(error, findings);
    return undefined;
  }
}

function reportUnreadable(error: unknown, findings: Findings): void {
  if (!(error instanceof AttestError)) throw error;
  const code = error.code === "LIMIT_EXCEEDED" ? "LIMIT_EXCEEDED" : "BUNDLE_INVALID";
  failed(
    findings,
    "bundle",
    code,
    "The bundle can't be read.",
    "a Sigstore bundle or a DSSE envelope",
    reasonOf(error),
  );
}

/** Without these nothing passes, whatever else was found: a check that was forgotten is no check that holds. */
const indispensable = {
  envelope: ["bundle", "signature", "payload-type", "statement", "subject"],
  file: ["bundle", "signature", "subject"],
} as const;

/** @param reached the last check that everything before it was held against */
function verdictOf(
  name: string,
  findings: Findings,
  reached: Parameters<typeof notReached>[1],
  kind: keyof typeof indispensable = "envelope",
): BundleVerdict {
  if (findings.failures.length > 0) notReached(findings, reached);
  const held = new Set(findings.checks.map(({ check }) => check));
  const passed = findings.failures.length === 0 && indispensable[kind].every((check) => held.has(check));
  return { name, passed, times: [], ...findings };
}
