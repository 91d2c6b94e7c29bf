/** From what is attached to an image to the question whether it holds. */
import { AttestError } from "../error.js";
import type { BundleInput } from "../verification/request.js";
import type { Artifact } from "../verification/types.js";
import type { PlatformManifest } from "./image.js";
import { evidenceSource, hasBundleParts } from "./read/evidence.js";
import type { Attachment, Listing } from "./read/types.js";

/** The artifact to verify, and the evidence that is attached about just that one. */
export type ImageEvidence = { readonly artifact: Artifact; readonly bundles: readonly BundleInput[] };

/**
 * Chooses what a verification of an image is about: the digest that was resolved, or one of its platforms.
 * Only what a signature is around is evidence.
 *
 * @param name the image's name without tag
 * @param platform as in `linux/arm64/v8`; undefined for the image itself
 * @throws AttestError ARGUMENT_INVALID when the image has no such platform
 */
export function imageEvidence(listing: Listing, name: string, platform: string | undefined): ImageEvidence {
  const digest = platform === undefined ? listing.image.digest : platformDigest(listing, platform);
  const [algorithm = "", hex = ""] = digest.split(":");
  const signed = listing.attachments.filter(({ subject, isSigned }) => isSigned && subject === digest);
  return {
    artifact: { name: `${name}@${digest}`, digests: { [algorithm]: hex } },
    bundles: bundleInputs(signed),
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

/** The manifest of a platform. @throws AttestError ARGUMENT_INVALID naming those that there are */
export function platformDigest({ platforms }: Pick<Listing, "platforms">, wanted: string): string {
  const found = platforms.filter(({ platform }) => platform === wanted);
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only.descriptor.digest;
  if (only !== undefined) throw severalPlatforms(wanted, found);
  throw new AttestError("ARGUMENT_INVALID", `the image has no platform ${JSON.stringify(wanted)}`, {
    problems: [
      {
        path: "platform",
        expected: platforms.map(({ platform }) => platform || "no name").join(", ") || "none",
        got: JSON.stringify(wanted),
      },
    ],
    next: "Name one of its platforms, or none for the image itself.",
  });
}

/** Windows has one for each of its versions: which of them is meant is never guessed. */
function severalPlatforms(wanted: string, found: readonly PlatformManifest[]): AttestError {
  return new AttestError("ARGUMENT_INVALID", `the image has several manifests of ${wanted}`, {
    problems: [
      {
        path: "platform",
        expected: "one manifest",
        got: found.map(({ descriptor }) => descriptor.digest).join(", "),
      },
    ],
    next: "Name the one that is meant as an image of its own, by its digest.",
  });
}
