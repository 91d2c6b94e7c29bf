import { basename } from "node:path";

import { AttestError } from "../../error.js";
import { isAbout } from "../content.js";
import type { Descriptor } from "../descriptor.js";
import { resolveImage, type ResolvedImage } from "../image.js";
import { atOnce } from "../limits.js";
import { mapParallel } from "../../parallel.js";
import type { ContentStore } from "../store.js";
import { attachBundles, type AttachedBundle, type AttachOptions } from "./attach.js";
import { readBundleFile, type BundleFile } from "./bundle-file.js";

/** Bundles read at once: the most of reading a small one is waiting for the system. */
const filesAtOnce = 4;

export type BundlesAbout = {
  readonly image: ResolvedImage;
  /** The image itself, its platforms, and what else is in it, each once. */
  readonly subjects: readonly Descriptor[];
  readonly bundles: readonly BundleFile[];
};

/**
 * Reads bundles that are to be attached to an image.
 * @throws AttestError ARGUMENT_INVALID when one is about something else than the image and its platforms
 */
export async function readBundlesAbout(
  store: ContentStore,
  reference: string,
  paths: readonly string[],
): Promise<BundlesAbout> {
  const image = await resolveImage(store, reference);
  const platforms = image.platforms.map(({ descriptor }) => descriptor);
  const all = [image.root.descriptor, ...image.inner, ...platforms];
  const subjects = new Map<string, Descriptor>(all.map((one) => [one.digest, one]));
  const bundles = await mapParallel(paths, filesAtOnce, (path) => readBundleFile(path));
  assertAboutImage(bundles, [...subjects.keys()], store.name);
  return { image, subjects: [...subjects.values()], bundles };
}

/**
 * Attaches bundles to an image: each to whatever it is about, the index, platforms of it, or both, as the
 * subjects of its statement say.
 *
 * @param reference tag or digest; a tag is resolved once
 * @param paths files of Sigstore bundles
 * @param target where they are attached, if not where the image is
 * @throws AttestError ARGUMENT_INVALID, before anything is written, when a bundle is about something else
 */
export async function attachToImage(
  store: ContentStore,
  reference: string,
  paths: readonly string[],
  options: AttachOptions,
  target: ContentStore = store,
): Promise<{ readonly image: Descriptor; readonly attached: readonly AttachedBundle[] }> {
  const { image, subjects, bundles } = await readBundlesAbout(store, reference, paths);
  const attached = await mapParallel(subjects, atOnce, (subject) => {
    const about = bundles.filter(({ content }) => isAbout(content.header, subject.digest));
    return attachBundles(target, subject, about, options);
  });
  return { image: image.root.descriptor, attached: attached.flat() };
}

function assertAboutImage(bundles: readonly BundleFile[], digests: readonly string[], name: string): void {
  const foreign = bundles.filter(({ content }) => !digests.some((digest) => isAbout(content.header, digest)));
  if (foreign.length === 0) return;
  const subjects = ({ content }: BundleFile) =>
    content.header.subjects.map(({ digest }) => digest["sha256"] ?? "no sha256").slice(0, 5);
  throw new AttestError(
    "ARGUMENT_INVALID",
    `${foreign.length} bundle(s) are about something else than ${name}`,
    {
      problems: foreign.map((bundle) => ({
        path: basename(bundle.path),
        expected: `a subject with one of ${digests.join(", ")}`,
        got: subjects(bundle).join(", "),
      })),
      next: "Make the statement about the image's digest: of its index, or of a platform's manifest.",
    },
  );
}
