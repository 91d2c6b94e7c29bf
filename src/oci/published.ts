/** Whether a registry gives back what was pushed to it. */
import { AttestError, type Problem } from "../error.js";
import { listAttachments } from "./read/list.js";
import type { Attachment, Listing } from "./read/types.js";
import { signatureFailure, type SignerTrust } from "./signature.js";
import { settled } from "./settle.js";
import type { ContentStore } from "./store.js";
import type { Timing } from "./timing.js";

export type ExpectedImage = {
  readonly digest: string;
  /** Digests of the platforms' manifests. */
  readonly platforms: readonly string[];
  /** SHA-256 of the statements that were attached, lower-case hex. */
  readonly statements: readonly string[];
  /** Whether each of them has to be there with a signature. */
  readonly areSigned: boolean;
  /** Who signed them, where that can be verified. */
  readonly trust?: SignerTrust;
  /** For the errors of a verification that need to know the time. */
  readonly now: Date;
};

const longestDigest = 140;

/**
 * Reads an image back by its tag, with everything attached to it, and holds it against what was meant, for some
 * seconds if need be; signatures are verified where it is known who signed.
 *
 * @param directory where large attestations go
 * @param apart another repository that they were attached in
 * @throws AttestError DIGEST_MISMATCH with everything that is missing or other; VERIFICATION_FAILED when all is
 * there and a signature does not hold
 */
export async function readPublished(
  store: ContentStore,
  tag: string,
  expected: ExpectedImage,
  directory: string,
  timing: Timing,
  apart?: ContentStore,
): Promise<Listing> {
  const look = async () => {
    const listing = await listAttachments(store, tag, directory, apart).catch(passAbsent);
    return { listing, problems: problemsOf(listing, tag, expected) };
  };
  const { listing, problems } = await settled(look, (seen) => seen.problems.length === 0, timing);
  if (listing === undefined || problems.length > 0) {
    throw new AttestError("DIGEST_MISMATCH", `${store.name} does not give back what was published`, {
      problems,
      next: "Another writer may have moved the tag meanwhile. Don't use what is there; publish again.",
    });
  }
  await assertSigned(store.name, listing.attachments, expected);
  return listing;
}

/**
 * Waits for an image that somebody else pushed just now, an engine for one. One that does not come is for whoever needs
 * it to tell.
 */
export async function awaitPushed(store: ContentStore, digest: string, timing: Timing): Promise<void> {
  await settled(
    () => store.resolve(digest),
    (found) => found !== undefined,
    timing,
  );
}

/** What is not there is seen as nothing; it may come. */
function passAbsent(error: unknown): undefined {
  if (!(error instanceof AttestError) || error.code !== "IMAGE_NOT_FOUND") throw error;
}

/** Everything that is missing or other. */
function problemsOf(listing: Listing | undefined, tag: string, expected: ExpectedImage): Problem[] {
  if (listing === undefined) return [{ path: tag, expected: expected.digest, got: "nothing" }];
  const { image, announced = image.digest, platforms, attachments } = listing;
  const problems: Problem[] = [];
  if (image.digest !== expected.digest)
    problems.push({ path: tag, expected: expected.digest, got: image.digest });
  // The content decides here; other clients believe the registry.
  if (announced !== image.digest)
    problems.push({
      path: "Docker-Content-Digest",
      expected: image.digest,
      got: JSON.stringify(announced.slice(0, longestDigest)),
    });
  const present = platforms.map(({ descriptor }) => descriptor.digest);
  for (const digest of expected.platforms)
    if (!present.includes(digest))
      problems.push({ path: "platforms", expected: digest, got: present.join(", ") || "none" });
  for (const sha256 of expected.statements) {
    const found = attachments.filter((one) => one.statementSha256 === sha256);
    const isThere = found.some(({ isSigned }) => isSigned || !expected.areSigned);
    const got = found.length === 0 ? "none" : "only one without a signature";
    if (!isThere) problems.push({ path: "attestations", expected: `the statement sha256:${sha256}`, got });
  }
  return problems;
}

/** Every statement has a signature that holds. */
async function assertSigned(
  name: string,
  attachments: readonly Attachment[],
  { statements, trust, now }: ExpectedImage,
): Promise<void> {
  if (trust === undefined) return;
  const problems: Problem[] = [];
  for (const sha256 of statements) {
    const signed = attachments.filter((one) => one.isSigned && one.statementSha256 === sha256);
    const failure = await signatureFailure(signed, trust, now);
    if (failure !== undefined)
      problems.push({
        path: "signatures",
        expected: `one of the statement sha256:${sha256} that holds`,
        got: failure,
      });
  }
  if (problems.length === 0) return;
  throw new AttestError("VERIFICATION_FAILED", `what was attached to ${name} does not verify`, {
    problems,
    next: "Give the trusted root of the instance that signed. The image and its attestations are there already.",
  });
}
