import { AttestError } from "../../error.js";
import { openLayout } from "../layout/open.js";
import { writtenEntry } from "../list-text.js";
import type { ContentStore } from "../store.js";
import type { Timing } from "../timing.js";
import { assertAllWellFormed, copyBlobs } from "./blobs.js";

/**
 * Brings the image of one platform, without anything that is attached to it, into a new OCI layout: what scanners read.
 *
 * @param digest of the platform's manifest
 * @param directory where the layout is made
 * @param waiting a directory that exists, for large blobs on their way
 * @throws AttestError IMAGE_NOT_FOUND when an index names the platform and the store does not hold it
 */
export async function extractPlatform(
  from: ContentStore,
  digest: string,
  directory: string,
  options: { readonly timing: Timing; readonly waiting: string },
): Promise<void> {
  const manifest = await from.fetchManifest(digest);
  if (manifest === undefined) {
    throw new AttestError("IMAGE_NOT_FOUND", `${from.name} does not hold the manifest ${digest}`, {
      next: "The image was copied without this platform; take it from where it came from.",
    });
  }
  const layout = await openLayout(directory, { timing: options.timing, create: true });
  assertAllWellFormed(from, [manifest]);
  await copyBlobs(from, layout, [manifest], options.waiting);
  await layout.pushManifest(manifest);
  await layout.announce([writtenEntry(manifest.descriptor)]);
}
