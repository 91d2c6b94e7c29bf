/** Whether a registry gives back what was pushed to it. */
import { AttestError, type Problem } from "../error.js";
import { fileSource } from "../signing/source.js";
import type { PublicKey } from "../verification/public-key.js";
import { verify } from "../verification/verify.js";
import { listAttachments } from "./read/list.js";
import type { Attachment, Listing } from "./read/types.js";
import type { ContentStore } from "./store.js";

export type ExpectedImage = {
  readonly digest: string;
  /** Digests of the platforms' manifests. */
  readonly platforms: readonly string[];
  /** SHA-256 of the statements that were attached, lower-case hex. */
  readonly statements: readonly string[];
  /** What signed them, where that is a bare key. */
  readonly key?: PublicKey;
  /** For the errors of a verification that need to know the time. */
  readonly now: Date;
};

/**
 * Reads an image back by its tag, with everything attached to it, and holds it against what was meant;
 * signatures are verified where the key is known.
 *
 * @param directory where the attestations' bytes go
 * @throws AttestError DIGEST_MISMATCH with everything that is missing or other
 */
export async function readPublished(
  store: ContentStore,
  tag: string,
  expected: ExpectedImage,
  directory: string,
): Promise<Listing> {
  const listing = await listAttachments(store, tag, directory);
  const { image, platforms, attachments } = listing;
  const problems: Problem[] = [];
  if (image.digest !== expected.digest)
    problems.push({ path: tag, expected: expected.digest, got: image.digest });
  const present = platforms.map(({ descriptor }) => descriptor.digest);
  for (const digest of expected.platforms)
    if (!present.includes(digest))
      problems.push({ path: "platforms", expected: digest, got: present.join(", ") || "none" });
  for (const sha256 of expected.statements) {
    const found = attachments.filter((one) => one.statementSha256 === sha256);
    const failure = found.length === 0 ? "none" : await signatureFailure(found, expected);
    if (failure !== undefined)
      problems.push({ path: "attestations", expected: `the statement sha256:${sha256}`, got: failure });
  }
  if (problems.length === 0) return listing;
  throw new AttestError("DIGEST_MISMATCH", `${store.name} does not give back what was published`, {
    problems,
    next: "Another writer may have moved the tag meanwhile. Don't use what is there; publish again.",
  });
}

/** Why none of them is what the key signed. */
async function signatureFailure(
  attachments: readonly Attachment[],
  { key, now }: ExpectedImage,
): Promise<string | undefined> {
  const signed = attachments.filter(({ isSigned }) => isSigned);
  const [first] = signed;
  if (key === undefined || first === undefined) return undefined;
  const [algorithm = "", hex = ""] = first.subject.split(":");
  const bundles = signed.map(async ({ content, path }) => ({
    name: content.digest,
    source: await fileSource(path),
  }));
  const { passed, failures } = await verify(await Promise.all(bundles), {
    artifact: { name: first.subject, digests: { [algorithm]: hex } },
    signers: { keys: [key] },
    now,
  });
  return passed ? undefined : failures.map(({ code, message }) => `${code}: ${message}`).join("; ");
}
