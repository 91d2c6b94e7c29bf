import type { Witness } from "../../signing/witness.js";
import type { Descriptor } from "../descriptor.js";
import type { ContentStore } from "../store.js";
import type { AttachOptions } from "./attach.js";
import { attachInline } from "./buildkit-index.js";
import { assertWillFit, attachToCosignTag } from "./cosign-tag.js";
import { attachToImage, readBundlesAbout } from "./image.js";

/**
 * Where attestations are kept. `referrer`: as OCI 1.1 referrers, the way cosign v3 does. `cosign-tag`: below the
 * tag ending in `.att` of older cosign versions. `buildkit-artifact` and `buildkit-image`: in the image's index, the
 * way BuildKit does since v0.32 and before; only the statements, without signatures.
 */
export type AttachLayout = "referrer" | "cosign-tag" | "buildkit-artifact" | "buildkit-image";

/** BuildKit's layouts: they change the image's index and have no room for signatures. */
export function isInline(layout: AttachLayout): boolean {
  return layout === "buildkit-artifact" || layout === "buildkit-image";
}

/**
 * Whether a layout has room for what is going to be signed: asked before anything is pushed or logged.
 * @param statements their sizes in bytes, as far as they are known
 * @throws AttestError ARGUMENT_INVALID, LIMIT_EXCEEDED
 */
export function assertRoom(
  layout: AttachLayout,
  witnesses: readonly Witness[] = [],
  statements: readonly number[] = [],
): void {
  if (layout === "cosign-tag") assertWillFit(witnesses, statements);
}

export type LayoutOptions = AttachOptions & {
  readonly tag: string;
  /** Another repository to attach in. What stands in the image's own index can't lie elsewhere. */
  readonly apart?: ContentStore | undefined;
};

/**
 * Attaches files to an image, or to platforms of it, in one layout.
 * @param tag names the image; where its index changes, the tag moves to the new one
 * @returns the image as it is then: another one only in BuildKit's layouts
 * @throws AttestError ARGUMENT_INVALID, before anything is written, when one is about something else
 */
export async function attachInLayout(
  store: ContentStore,
  reference: string,
  paths: readonly string[],
  layout: AttachLayout,
  options: LayoutOptions,
): Promise<Descriptor> {
  const target = options.apart ?? store;
  switch (layout) {
    case "buildkit-artifact":
    case "buildkit-image": {
      const form = layout === "buildkit-image" ? "image" : "artifact";
      return attachInline(store, reference, paths, { form, tag: options.tag });
    }
    case "cosign-tag": {
      const { image, subjects, bundles } = await readBundlesAbout(store, reference, paths);
      const digests = subjects.map(({ digest }) => digest);
      await attachToCosignTag(target, digests, bundles, options.timing);
      return image.root.descriptor;
    }
    case "referrer": {
      const { image } = await attachToImage(store, reference, paths, options, target);
      return image;
    }
  }
}
