import { readFile } from "node:fs/promises";

import type { Container, Directory, File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { fileSource } from "../signing/source.js";
import { parseDigests } from "../subjects/digests.js";
import type { CertificateIdentity } from "../verification/identity.js";
import { loadPublicKey } from "../verification/public-key.js";
import type { BundleInput, TrustedSigners } from "../verification/request.js";
import { loadTrustedRoot, publicGoodTrustedRoot, type TrustedRoot } from "../verification/trusted-root.js";
import type { Artifact, Requirement } from "../verification/types.js";
import { verify } from "../verification/verify.js";
import { localFile } from "./files.js";
import { describeContainer, describeDirectory, describeFile } from "./subjects.js";
import { AttestVerification } from "./verification.js";

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
};

export type VerifyArguments = {
  readonly bundles: readonly File[];
  readonly artifact: ArtifactArguments;
  readonly signers: SignerArguments;
  readonly trustedRoot: File | undefined;
  readonly predicateType: string | undefined;
  readonly requirement: Requirement;
};

/** Verifies bundle files against one artifact; the verdict is an object, never an error. */
export async function verifyFiles(given: VerifyArguments): Promise<AttestVerification> {
  const identities = identitiesOf(given.signers);
  const trustedRoot = await rootOf(given.trustedRoot, identities.length > 0);
  const verification = await verify(await Promise.all(given.bundles.map(bundleInput)), {
    artifact: await artifactOf(given.artifact),
    signers: { keys: await keysOf(given.signers.keys), identities },
    ...(trustedRoot ? { trustedRoot } : {}),
    ...(given.predicateType ? { predicateType: given.predicateType } : {}),
    requirement: given.requirement,
    now: new Date(),
  });
  return new AttestVerification(verification.passed, JSON.stringify(verification));
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

async function bundleInput(file: File): Promise<BundleInput> {
  return { name: await file.name(), source: await fileSource(await localFile(file)) };
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

async function keysOf(files: readonly File[]): Promise<NonNullable<TrustedSigners["keys"]>> {
  return Promise.all(files.map(async (file) => loadPublicKey(await readText(file))));
}

function identitiesOf({ identity, identityPattern, issuer }: SignerArguments): CertificateIdentity[] {
  if (!identity && !identityPattern) {
    if (!issuer) return [];
    throw incomplete("identity or identityPattern", "an issuer alone", "An issuer vouches for many people.");
  }
  if (identity && identityPattern) {
    throw incomplete("one of identity and identityPattern", "both", "Give one of them.");
  }
  if (!issuer) {
    throw incomplete(
      "the identity's issuer",
      "none",
      "Name the issuer, as in --issuer=https://accounts.google.com.",
    );
  }
  return [
    {
      subject: identity ? { exact: identity } : { pattern: identityPattern ?? "" },
      issuer: { exact: issuer },
    },
  ];
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
