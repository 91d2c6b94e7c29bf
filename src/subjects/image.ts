import { AttestError } from "../error.js";
import type { Subject } from "../statement/types.js";
import {
  hasBlob,
  isIndex,
  readIndex,
  readLayout,
  readManifest,
  readPlatform,
  type Descriptor,
} from "./image-manifest.js";
import { openImageSource, type ImageSource } from "./image-source.js";

/** A platform of an image and the digest (`sha256:<hex>`) of its manifest. */
export type ImagePlatform = {
  /** As in `linux/arm64/v8`; "" when the image does not say. */
  readonly platform: string;
  readonly digest: string;
};

export type ImageSubjects = {
  /** The image itself first, then, for an index, one subject per platform. */
  readonly subjects: readonly Subject[];
  readonly platforms: readonly ImagePlatform[];
  /** Digest (`sha256:<hex>`) that a registry shows for the image: of its index or its only manifest. */
  readonly digest: string;
  readonly mediaType: string;
};

/** Indexes inside indexes that are followed. */
const nestedIndexes = 4;

/**
 * Reads an OCI archive (tar) or OCI layout directory and names the image in it as subjects: the image's
 * own digest, which a push must reproduce, and for an index the manifest of every platform that is in
 * the file. Attestations of BuildKit, which an index lists as manifests, are no platforms. The bytes of
 * every index, manifest and configuration that is relied on are checked against digest and size.
 *
 * `name` names the image, best as its repository; a platform's subject is `<name>?platform=<platform>`,
 * since names in a statement should be unique.
 * @throws AttestError IMAGE_INVALID when the file is no OCI image, holds several, or lies about a digest.
 */
export async function imageSubjects(ociArchiveOrLayoutPath: string, name: string): Promise<ImageSubjects> {
  const source = await openImageSource(ociArchiveOrLayoutPath);
  const image = onlyImage((await readLayout(source)).manifests);
  const { digest, mediaType } = image;
  const own = subjectOfDigest(name, digest);
  if (!isIndex(image)) {
    const platforms = [{ platform: await readPlatform(source, image), digest }];
    return { subjects: [own], platforms, digest, mediaType };
  }
  const platforms = await platformsOf(source, image, nestedIndexes);
  if (platforms.length === 0) {
    throw new AttestError("IMAGE_INVALID", "the image index names no platform that is in the file", {
      problems: [{ path: digest, expected: "the manifest of a platform", got: "none" }],
      next: "Export the image with at least one of its platforms.",
    });
  }
  const subjects = platforms.map((one) => subjectOfDigest(`${name}?platform=${one.platform}`, one.digest));
  return { subjects: [own, ...subjects], platforms, digest, mediaType };
}

/** What an image's manifest names. */
export type ImageDetails = {
  /** Parsed JSON: its history, among others. */
  readonly configuration: unknown;
  /** The base first. */
  readonly layers: readonly ImageLayer[];
};

export type ImageLayer = {
  readonly mediaType: string;
  /** As in `sha256:<hex>`. */
  readonly digest: string;
  /** Bytes, as they are packed. */
  readonly size: number;
};

/** What the manifest of the image in an OCI archive or layout names. Undefined for an image index, which has none of its own. */
export async function imageDetails(ociArchiveOrLayoutPath: string): Promise<ImageDetails | undefined> {
  const source = await openImageSource(ociArchiveOrLayoutPath);
  const image = onlyImage((await readLayout(source)).manifests);
  if (isIndex(image)) return undefined;
  const { configuration, layers } = await readManifest(source, image);
  return {
    configuration,
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  };
}

/** A layout may name one image several times, once per tag, but it has to be one. */
function onlyImage(manifests: readonly Descriptor[]): Descriptor {
  const images = manifests.filter(({ isAttestation }) => !isAttestation);
  const [image] = images;
  const digests = new Set(images.map(({ digest }) => digest));
  if (image !== undefined && digests.size === 1) return image;
  throw new AttestError("IMAGE_INVALID", "the file does not hold exactly one image", {
    problems: [
      {
        path: "index.json",
        expected: "one image manifest or image index",
        got: digests.size === 0 ? "none" : `${digests.size}: ${[...digests].slice(0, 10).join(", ")}`,
      },
    ],
    next: "Export one image; several platforms of an image belong into one image index.",
  });
}

async function platformsOf(source: ImageSource, index: Descriptor, depth: number): Promise<ImagePlatform[]> {
  const platforms = new Map<string, ImagePlatform>();
  for (const manifest of (await readIndex(source, index)).manifests) {
    if (manifest.isAttestation || !(await hasBlob(source, manifest))) continue;
    for (const platform of await platformsIn(source, manifest, depth)) {
      platforms.set(platform.digest, platform);
    }
  }
  return [...platforms.values()];
}

async function platformsIn(
  source: ImageSource,
  manifest: Descriptor,
  depth: number,
): Promise<ImagePlatform[]> {
  const { digest } = manifest;
  if (!isIndex(manifest)) return [{ platform: await readPlatform(source, manifest), digest }];
  if (depth > 0) return platformsOf(source, manifest, depth - 1);
  throw new AttestError("IMAGE_INVALID", `more than ${nestedIndexes} image indexes are inside each other`, {
    next: "Export the image as one index of manifests.",
  });
}

function subjectOfDigest(name: string, digest: string): Subject {
  const [algorithm = "", hex = ""] = digest.split(":");
  return { name, digest: { [algorithm]: hex } };
}
