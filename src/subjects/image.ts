import { AttestError } from "../error.js";
import type { Subject } from "../statement/types.js";

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

/** Reads an OCI archive (tar) or OCI layout directory and names what is in it as subjects. */
export function imageSubjects(ociArchiveOrLayoutPath: string, name: string): Promise<ImageSubjects> {
  return Promise.reject(new AttestError("IMAGE_INVALID", `${ociArchiveOrLayoutPath} ${name} not read yet`));
}
