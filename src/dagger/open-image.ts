/** From the arguments of `image` to the image: a tag is resolved here, once. */
import type { Directory, File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { resolveImage, type PlatformManifest } from "../oci/image.js";
import { layoutImage } from "../oci/layout/image.js";
import { openLayout } from "../oci/layout/open.js";
import { systemTiming } from "../oci/timing.js";
import { extractLayout } from "../sbom/layout.js";
import { parseImageReference } from "../subjects/reference.js";
import { localDirectory, localFile, returnedDirectory, scratchDirectory } from "./files.js";
import { imageInLayout, imageInRegistry, type AttestImage, type ImageReach } from "./image.js";
import { AttestPlatform } from "./platform.js";
import { openRepositories } from "./registry.js";

export type ImageArguments = ImageReach & {
  /** In a registry: its reference. In a layout: its tag or digest there. */
  readonly reference: string | null | undefined;
  readonly layout: Directory | null | undefined;
  readonly archive: File | null | undefined;
};

/** Finds the one image that is named, in a registry, an OCI layout or an OCI archive. */
export async function openImage(given: ImageArguments): Promise<AttestImage> {
  const { reference, layout, archive } = given;
  if (layout && archive) throw badSource("one of layout and archive", "both");
  if (layout) return resolveInLayout(await localDirectory(layout), layout, given);
  if (archive) {
    const directory = await scratchDirectory();
    await extractLayout(await localFile(archive), directory);
    return resolveInLayout(directory, returnedDirectory(directory), given);
  }
  if (!reference) throw badSource("reference, layout or archive", "none of them");
  return resolveInRegistry(reference, given);
}

async function resolveInRegistry(text: string, given: ImageReach): Promise<AttestImage> {
  const reference = parseImageReference(text);
  const { store } = await openRepositories(reference, given);
  const tag = reference.tag ?? (reference.digest === undefined ? "latest" : "");
  const { root, platforms } = await resolveImage(store, reference.digest ?? tag);
  return imageInRegistry(reference.name, root.descriptor.digest, tag, platforms.map(exposePlatform), given);
}

async function resolveInLayout(
  directory: string,
  layout: Directory,
  given: ImageArguments,
): Promise<AttestImage> {
  const store = await openLayout(directory, { timing: systemTiming(), name: "the layout" });
  const { digest, tag } = await layoutImage(directory, store, given.reference || undefined);
  const { platforms } = await resolveImage(store, digest);
  return imageInLayout(digest, tag, platforms.map(exposePlatform), layout, given);
}

function exposePlatform({ platform, descriptor }: PlatformManifest): AttestPlatform {
  return new AttestPlatform(platform, descriptor.digest);
}

function badSource(expected: string, got: string): AttestError {
  return new AttestError("ARGUMENT_INVALID", "an image lies in one place", {
    problems: [{ path: "", expected, got }],
    next: "Name it as in --reference=ghcr.io/example/app:1.0, or as --layout=DIRECTORY or --archive=FILE.",
  });
}
