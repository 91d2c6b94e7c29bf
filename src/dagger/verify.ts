import { readFile } from "node:fs/promises";

import type { Container, Directory, File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { verifyWithPolicy } from "../policy/decide.js";
import { expectedPolicy } from "../policy/expectations.js";
import { readPolicy } from "../policy/read.js";
import type { Policy } from "../policy/types.js";
import { readVex } from "../policy/vex.js";
import { fileSource } from "../signing/source.js";
import { parseDigests } from "../subjects/digests.js";
import { bundleInputs } from "../verification/bundle/inputs.js";
import type { CertificateIdentity, TextMatch } from "../verification/identity.js";
import { loadPublicKey } from "../verification/public-key.js";
import type { BundleInput, TrustedSigners, VerificationRequest } from "../verification/request.js";
import { loadTrustedRoot, publicGoodTrustedRoot, type TrustedRoot } from "../verification/trusted-root.js";
import type { Artifact, Requirement, Verification } from "../verification/types.js";
import { withUnread } from "../verification/unread.js";
import { verify, verifyAnyIdentityUnsafe } from "../verification/verify.js";
import type { AttestSeverity } from "./enums.js";
import { localFile } from "./files.js";
import { describeContainer, describeDirectory, describeFile } from "./subjects.js";
import { exposeVerification, type AttestVerification } from "./verification.js";

export type ArtifactArguments = {
  readonly container: Container | undefined;
  readonly directory: Directory | undefined;
  readonly file: File | undefined;
  readonly digest: string | undefined;
};

export type SignerArguments = {
  readonly keys: readonly File[];
  readonly identity: string | undefined;
  readonly identityPattern: string | undefined;
  readonly issuer: string | undefined;
  readonly issuerPattern: string | undefined;
};

/** Who is trusted, and how much has to vouch for a signature; null takes any identity. */
export type TrustArguments = {
  readonly signers: SignerArguments | null;
  readonly trustedRoot: File | undefined;
  readonly predicateType: string | undefined;
  readonly requirement: Requirement;
  readonly logEntries?: number | undefined;
  readonly timestamps?: number | undefined;
  readonly certificateLogs?: number | undefined;
  readonly clock?: string | undefined;
};

/** What has to be true besides. */
export type PolicyArguments = {
  readonly policy?: File | undefined;
  readonly vex?: readonly File[] | undefined;
  readonly builderId?: string | undefined;
  readonly buildType?: string | undefined;
  readonly sourceUri?: string | undefined;
  readonly sourceRef?: string | undefined;
  readonly requiredTypes?: readonly string[] | undefined;
  readonly maxAgeDays?: number | undefined;
  readonly noFindingsFrom?: AttestSeverity | undefined;
};

export type VerifyArguments = TrustArguments & PolicyArguments;

/** Verifies bundle files against one artifact; the verdict is an object, never an error. */
export async function verifyFiles(
  bundles: readonly File[],
  artifact: ArtifactArguments,
  given: VerifyArguments,
): Promise<AttestVerification> {
  const inputs = await Promise.all(bundles.map(inputsOf));
  return verifyInputs(inputs.flat(), await artifactOf(artifact), given);
}

/**
 * The same for bundles that were found elsewhere, about an artifact whose digests are known.
 * @param unread why something there could not be read, one reason for each
 */
export async function verifyInputs(
  inputs: readonly BundleInput[],
  artifact: Artifact,
  given: VerifyArguments,
  unread: readonly string[] = [],
): Promise<AttestVerification> {
  const question = await questionOf(artifact, given);
  const expose = (verification: Verification) => exposeVerification(withUnread(verification, unread));
  if (given.signers === null) return expose(await verifyAnyIdentityUnsafe(inputs, question));
  const request = { ...question, signers: await signersOf(given.signers) };
  const policy = await policyOf(given);
  const verification = policy
    ? await verifyWithPolicy(inputs, request, policy, await vexOf(given.vex ?? []))
    : await verify(inputs, request);
  return expose(verification);
}

async function questionOf(
  artifact: Artifact,
  given: TrustArguments,
): Promise<Omit<VerificationRequest, "signers">> {
  const { predicateType, requirement, logEntries, timestamps, certificateLogs } = given;
  const trustsIdentities = given.signers === null || identitiesOf(given.signers).length > 0;
  const trustedRoot = await rootOf(given.trustedRoot, trustsIdentities);
  return {
    artifact,
    ...(trustedRoot ? { trustedRoot } : {}),
    ...(predicateType ? { predicateType } : {}),
    requirement,
    thresholds: {
      ...(logEntries === undefined ? {} : { logEntries }),
      ...(timestamps === undefined ? {} : { timestamps }),
      ...(certificateLogs === undefined ? {} : { certificateLogs }),
    },
    now: clockOf(given.clock),
  };
}

/** The stated time, or the present. */
export function clockOf(clock: string | undefined): Date {
  if (!clock) return new Date();
  const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(clock);
  if (isInstant && !Number.isNaN(Date.parse(clock))) return new Date(clock);
  throw new AttestError("ARGUMENT_INVALID", "the clock can't be read", {
    problems: [{ path: "clock", expected: "a time in UTC (RFC 3339)", got: JSON.stringify(clock) }],
    next: "Write it as in 2026-01-31T12:00:00Z.",
  });
}

async function policyOf(given: PolicyArguments): Promise<Policy | undefined> {
  const {
    builderId,
    buildType,
    sourceUri,
    sourceRef,
    requiredTypes = [],
    maxAgeDays,
    noFindingsFrom,
  } = given;
  const file = given.policy && (await readPolicy(await readText(given.policy)));
  return expectedPolicy(
    {
      ...(builderId ? { builderId } : {}),
      ...(buildType ? { buildType } : {}),
      ...(sourceUri ? { sourceUri } : {}),
      ...(sourceRef ? { sourceRef } : {}),
      requiredTypes,
      ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
      ...(noFindingsFrom ? { noFindingsFrom } : {}),
    },
    file,
  );
}

async function vexOf(files: readonly File[]): Promise<unknown[]> {
  return Promise.all(
    files.map(async (file) => readVex(await readFile(await localFile(file)), await file.name())),
  );
}

/** How many bundles have to hold: any one, all, or enough for a number of different signers. */
export function requirementOf(all: boolean, signers: number | undefined): Requirement {
  if (!all) return signers ? { kind: "threshold", signers } : { kind: "any" };
  if (!signers) return { kind: "all" };
  throw new AttestError("ARGUMENT_INVALID", "two requirements contradict each other", {
    problems: [{ path: "", expected: "one of all and signers", got: "both" }],
    next: "Give one of them.",
  });
}

/** One bundle, or those on the lines of a `.jsonl` file. */
async function inputsOf(file: File): Promise<BundleInput[]> {
  return bundleInputs(await fileSource(await localFile(file)), await file.name());
}

async function artifactOf({ container, directory, file, digest }: ArtifactArguments): Promise<Artifact> {
  const given = [container, directory, file, digest].filter(Boolean);
  if (given.length !== 1) {
    throw new AttestError("ARGUMENT_INVALID", "a verdict is about one artifact", {
      problems: [
        {
          path: "",
          expected: "exactly one of container, directory, file and digest",
          got: given.length === 0 ? "none of them" : `${given.length} of them`,
        },
      ],
      next: "Say what the attestation has to be about, as in --file=app.tar.gz.",
    });
  }
  if (digest) return { name: digest, digests: parseDigests([digest]) };
  const { subjects } = await (container
    ? describeContainer(container, undefined)
    : directory
      ? describeDirectory(directory, undefined)
      : describeFile(file as File, undefined));
  const [subject] = subjects;
  return { name: subject?.name ?? "", digests: subject?.digest ?? {} };
}

async function signersOf(signers: SignerArguments): Promise<TrustedSigners> {
  return { keys: await keysOf(signers.keys), identities: identitiesOf(signers) };
}

async function keysOf(files: readonly File[]): Promise<NonNullable<TrustedSigners["keys"]>> {
  return Promise.all(files.map(async (file) => loadPublicKey(await readText(file))));
}

function identitiesOf(signers: SignerArguments): CertificateIdentity[] {
  const subject = textOrPattern("identity", signers.identity, signers.identityPattern);
  const issuer = textOrPattern("issuer", signers.issuer, signers.issuerPattern);
  if (subject && issuer) return [{ subject, issuer }];
  if (issuer)
    throw incomplete("identity or identityPattern", "an issuer alone", "An issuer vouches for many people.");
  if (subject)
    throw incomplete(
      "the identity's issuer",
      "none",
      "Name the issuer, as in --issuer=https://accounts.google.com.",
    );
  return [];
}

function textOrPattern(
  name: string,
  exact: string | undefined,
  pattern: string | undefined,
): TextMatch | undefined {
  if (exact && pattern) throw incomplete(`one of ${name} and ${name}Pattern`, "both", "Give one of them.");
  if (exact) return { exact };
  return pattern ? { pattern } : undefined;
}

function incomplete(expected: string, got: string, next: string): AttestError {
  return new AttestError("ARGUMENT_INVALID", "the trusted signer is not fully named", {
    problems: [{ path: "", expected, got }],
    next,
  });
}

async function rootOf(file: File | undefined, isNeeded: boolean): Promise<TrustedRoot | undefined> {
  if (file) return loadTrustedRoot(await readText(file), await file.name());
  return isNeeded ? publicGoodTrustedRoot() : undefined;
}

async function readText(file: File): Promise<string> {
  return readFile(await localFile(file), "utf8");
}
