/** Moves an image with everything attached to it; no digest changes. */
import { addToFallback } from "../attach/fallback.js";
import { mergeTag } from "../attach/layers-tag.js";
import { AttestError } from "../../error.js";
import type { Descriptor } from "../descriptor.js";
import { writtenEntry, type WrittenEntry } from "../list-text.js";
import type { StoredManifest } from "../manifest.js";
import { atOnce } from "../limits.js";
import { mapParallel } from "../../parallel.js";
import { settled } from "../settle.js";
import { pushWithBlobs, type ContentStore } from "../store.js";
import type { Timing } from "../timing.js";
import { collectAttached, type Attached } from "./attached.js";
import { assertAllWellFormed, copyBlobs, noBlobs, resendBlobs, sumOf, type BlobCount } from "./blobs.js";
import { collectImage, collectLoose, createCollector } from "./collect.js";
import { pushRefused, type LeftOut } from "./refused.js";

export type CopyOptions = {
  readonly timing: Timing;
  /** Tags for the copy. They are set last: a tag names an image that is there with all that belongs to it. */
  readonly tags: readonly string[];
  /** Where large blobs wait between the two stores; a directory that exists. */
  readonly directory: string;
  /** Another repository where more is attached to the image than in its own. */
  readonly attachedIn?: ContentStore | undefined;
  /** Another repository for what is attached. Default: it goes where the image goes. */
  readonly attachTo?: ContentStore | undefined;
};

export type CopyResult = {
  readonly image: Descriptor;
  /** Manifests and indexes of the image itself. */
  readonly manifests: number;
  /** Manifests that are attached to it, of any kind. */
  readonly attached: number;
  readonly blobs: BlobCount;
  /** Digests of manifests that an index or a list of referrers names and the source does not hold. */
  readonly absent: readonly string[];
};

/**
 * Copies an image, all its platforms, and whatever is attached to any of them in any layout: referrers of
 * every kind, the fallback tag, the tags of older cosign versions, and manifests inside the index. What the
 * target has already is not sent again, so a copy that broke off continues where it stopped; blobs are mounted
 * between repositories of one registry.
 *
 * @param reference tag or digest; a tag is resolved once
 * @throws AttestError IMAGE_NOT_FOUND, DIGEST_MISMATCH, REGISTRY_FAILED or REGISTRY_DENIED
 */
export async function copyImage(
  from: ContentStore,
  reference: string,
  to: ContentStore,
  options: CopyOptions,
): Promise<CopyResult> {
  const { attachedIn, attachTo = to } = options;
  const collector = createCollector(from);
  const image = await collectImage(from, reference, collector);
  const own = await collectAttached(from, image.manifests, collector);
  const known = [...image.manifests, ...own.manifests];
  const others = attachedIn && (await collectAttached(attachedIn, known, createCollector(attachedIn)));
  // Each with where it comes from and goes to; what belongs together goes at once.
  const parts: readonly Part[] = [
    ...(attachTo === to
      ? [{ from, to, manifests: known }]
      : [
          { from, to, manifests: image.manifests },
          { from, to: attachTo, manifests: own.manifests },
        ]),
    ...(attachedIn === undefined || others === undefined
      ? []
      : [{ from: attachedIn, to: attachTo, manifests: others.manifests }]),
  ];
  for (const part of parts) assertAllWellFormed(part.from, part.manifests);
  let count: BlobCount = noBlobs;
  const absent = new Set([...image.absent, ...own.absent, ...(others?.absent ?? [])]);
  for (const part of parts) count = sumOf(count, await copyPart(part, absent, options.directory));
  for (const attached of [own, ...(others === undefined ? [] : [others])])
    await link(attachTo, attached, options.timing);
  const { root } = image;
  for (const tag of options.tags) await setTag(to, root, tag);
  if (options.tags.length === 0) await to.announce([writtenEntry(root.descriptor)]);
  await assertArrived(to, root, options.tags[0] ?? root.descriptor.digest, options.timing);
  return {
    image: root.descriptor,
    manifests: image.manifests.length,
    attached: own.manifests.length + (others?.manifests.length ?? 0),
    blobs: count,
    absent: [...absent],
  };
}

type Part = {
  readonly from: ContentStore;
  readonly to: ContentStore;
  readonly manifests: readonly StoredManifest[];
};

/** @param absent what the sources do not hold; what is found out on the way comes to it */
async function copyPart(
  { from, to, manifests }: Part,
  absent: Set<string>,
  directory: string,
): Promise<BlobCount> {
  const { loose, absent: gone } = await collectLoose(from, manifests);
  for (const digest of gone) absent.add(digest);
  const { count, foreign } = await copyBlobs(from, to, manifests, directory, loose);
  await pushAll(to, manifests, { foreign, absent }, (manifest) => resendBlobs(from, to, manifest, directory));
  return count;
}

/** Level by level: a registry takes an index only when its manifests are there, and a referrer may come before. */
async function pushAll(
  to: ContentStore,
  manifests: readonly StoredManifest[],
  left: LeftOut,
  resend: (manifest: StoredManifest) => Promise<void>,
): Promise<void> {
  const push = async (manifest: StoredManifest) => {
    await pushWithBlobs(to, manifest, () => resend(manifest)).catch((error: unknown) => {
      throw pushRefused(error, manifest, left, to.name);
    });
  };
  const single = manifests.filter(({ content }) => content.kind === "manifest");
  await mapParallel(single, atOnce, push);
  // Inner indexes come before outer ones in the list.
  for (const index of manifests.filter(({ content }) => content.kind === "index")) await push(index);
}

/** Makes what was pushed findable in the way that the target knows, and by the tags that it had. */
async function link(to: ContentStore, attached: Attached, timing: Timing): Promise<void> {
  const referTo = new Map(
    attached.manifests.map(({ descriptor, content }) => [descriptor.digest, content.subject?.digest]),
  );
  await mapParallel([...attached.referrers], atOnce, async ([subject, referrers]) => {
    const refers = ({ descriptor }: WrittenEntry) =>
      descriptor !== undefined && referTo.get(descriptor.digest) === subject;
    if (to.location === undefined) await to.announce(referrers.filter(refers));
    // Such a store lists what names its subject; what does not was listed by the tag alone. Some forget what they were given.
    const listed = new Set((await to.referrers(subject))?.manifests.map(({ digest }) => digest));
    const unlisted = referrers.filter(({ descriptor }) => !listed.has(descriptor?.digest ?? ""));
    if (unlisted.length > 0) await addToFallback(to, subject, unlisted, timing);
  });
  for (const [tag, manifest] of attached.tags) await mergeTag(to, tag, manifest, timing);
}

/** A tag that names the image already may be one that nobody may set again. */
async function setTag(to: ContentStore, root: StoredManifest, tag: string): Promise<void> {
  try {
    await to.pushManifest(root, tag);
  } catch (error) {
    const found = await to.resolve(tag).catch(() => undefined);
    if (found?.digest !== root.descriptor.digest) throw error;
  }
}

async function assertArrived(
  to: ContentStore,
  root: StoredManifest,
  reference: string,
  timing: Timing,
): Promise<void> {
  const isRoot = (found: StoredManifest | undefined) => found?.descriptor.digest === root.descriptor.digest;
  const found = await settled(() => to.fetchManifest(reference), isRoot, timing);
  if (isRoot(found)) return;
  throw new AttestError("DIGEST_MISMATCH", `${to.name} does not give back what was copied to it`, {
    problems: [
      { path: reference, expected: root.descriptor.digest, got: found?.descriptor.digest ?? "nothing" },
    ],
    next: "Another writer may have moved the tag; copy again.",
  });
}
