/** From what is attached to an image to the question whether it holds. */
import type { BundleInput } from "../verification/request.js";
import type { Artifact } from "../verification/types.js";
import { choosePlatform } from "./choose-platform.js";
import { evidenceSource, hasBundleParts } from "./read/evidence.js";
import type { Attachment, Listing } from "./read/types.js";
import { unreadAbout } from "./read/unread.js";

/** The artifact to verify, and the evidence that is attached about just that one. */
export type ImageEvidence = {
  readonly artifact: Artifact;
  readonly bundles: readonly BundleInput[];
  /** Why something that may be evidence too could not be read. */
  readonly unread: readonly string[];
};

/**
 * Chooses what a verification of an image is about: the digest that was resolved, or one of its platforms.
 * Only what a signature is around is evidence.
 *
 * @param name the image's name without tag
 * @param platform as in `linux/arm64/v8`; undefined for the image itself
 * @throws AttestError ARGUMENT_INVALID when the image has no such platform
 */
export function imageEvidence(listing: Listing, name: string, platform: string | undefined): ImageEvidence {
  const platforms = listing.platforms.map((one) => ({ ...one, digest: one.descriptor.digest }));
  const { digest } = platform === undefined ? listing.image : choosePlatform(platforms, platform);
  const [algorithm = "", hex = ""] = digest.split(":");
  const signed = listing.attachments.filter(({ subject, isSigned }) => isSigned && subject === digest);
  return {
    artifact: { name: `${name}@${digest}`, digests: { [algorithm]: hex } },
    bundles: bundleInputs(signed),
    unread: unreadAbout(listing, digest),
  };
}

/** Attachments as what a verification reads. */
export function bundleInputs(signed: readonly Attachment[]): BundleInput[] {
  return signed.map((one) => ({
    name: `${one.places.join(" + ")} ${one.content.digest}`,
    source: evidenceSource(one),
    // What parts beside the envelope are put around it is another bundle than the one that was read.
    ...(one.signed === undefined || hasBundleParts(one) ? {} : { read: one.signed }),
  }));
}
