import { AttestError } from "../../error.js";
import { bytesSource, type ByteSource } from "../../signing/source.js";
import { bareDescriptor, type Descriptor } from "../descriptor.js";
import { isDigest } from "../digest.js";
import { ociLimits, type OciLimits } from "../limits.js";
import { writtenEntry, type WrittenEntry } from "../list-text.js";
import { assertWellFormed, type StoredManifest } from "../manifest.js";
import { withFiles } from "../../statement/file-error.js";
import type { ContentStore } from "../store.js";
import type { Timing } from "../timing.js";
import { verified } from "../verified.js";
import { chunksOf, loadManifest, sizeOf, writeBlob, type Layout } from "./blobs.js";
import { savedUnderTag } from "./cosign-save.js";
import { fullNameAnnotation, isImageEntry, isTag, nameOf, namesOf, tagAnnotation } from "./entries.js";
import {
  assertLayout,
  changeLayoutIndex,
  createLayout,
  layoutIndexReader,
  type LayoutIndex,
} from "./index-file.js";
import { removeLeftovers } from "./leftovers.js";
import { referrersIn } from "./referrers.js";

export type LayoutOptions = {
  readonly timing: Timing;
  readonly limits?: OciLimits;
  /** What errors call it. Default: the directory's path. */
  readonly name?: string;
  /** Make a layout of the directory when it is none yet. */
  readonly create?: boolean;
};

/**
 * Opens an OCI layout directory. Blobs are written beside their place and renamed; `index.json` is changed by
 * one writer at a time; what killed writers left is removed at the first write. What refers to a manifest stands in
 * `index.json` without a tag, as ORAS writes it.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 *
 * @throws AttestError IMAGE_INVALID when it is no layout; FILE_FAILED, from every method too, when the system does not let
 * it be read or written
 */
export async function openLayout(directory: string, options: LayoutOptions): Promise<ContentStore> {
  const { limits = ociLimits, name = directory } = options;
  const layout: Layout = { directory, limits, name, known: new Map() };
  const reading = <T>(work: () => Promise<T>) => withFiles(`can't read ${name}`, work);
  const writing = <T>(work: () => Promise<T>) => withFiles(`can't write to ${name}`, work);
  if (options.create === true) await writing(() => createLayout(directory, options.timing));
  await reading(() => assertLayout(layout));
  let tidied: Promise<void> | undefined;
  const tidy = () => (tidied ??= removeLeftovers(directory));
  const change = (work: (listed: readonly WrittenEntry[]) => readonly WrittenEntry[]) =>
    writing(async () => {
      await tidy();
      await changeLayoutIndex(layout, options.timing, work);
    });
  const write = (descriptor: Descriptor, content: ByteSource) =>
    writing(async () => {
      await tidy();
      return writeBlob(directory, descriptor, content);
    });
  const readList = layoutIndexReader(layout);
  const listed = () => reading(readList);

  const fetchManifest = async (reference: string): Promise<StoredManifest | undefined> => {
    const found = find(reference, await listed());
    return found === undefined ? undefined : reading(() => loadManifest(layout, found));
  };
  const pushManifest: ContentStore["pushManifest"] = async ({ descriptor, bytes }, tag) => {
    await write(descriptor, bytesSource(bytes));
    if (tag !== undefined) await change((manifests) => tagged(manifests, descriptor, tag));
  };
  return {
    name,
    limits,
    fetchManifest,
    resolve: async (reference) => (await fetchManifest(reference))?.descriptor,
    pushManifest,
    moveTag: pushManifest,
    hasBlob: (digest) => reading(async () => (await sizeOf(directory, digest)) !== undefined),
    openBlob: async (descriptor) => {
      const size = await reading(() => sizeOf(directory, descriptor.digest));
      if (size === undefined) throw absent(name, descriptor);
      return verified(chunksOf(directory, descriptor.digest), descriptor, name);
    },
    pushBlob: write,
    referrers: (digest) => reading(async () => referrersIn(layout, await readList(), digest)),
    announce: (entries) => change((manifests) => announced(manifests, entries)),
    retire: (digest, tag) => change((manifests) => manifests.filter((one) => !isRetired(one, digest, tag))),
    tags: async () => (await listed()).manifests.flatMap((entry) => nameOf(entry) ?? []),
  };
}

/**
 * A tag stands in the index; a digest may also be of a manifest that only another one refers to.
 * @throws AttestError IMAGE_INVALID when an entry that can't be read has the tag of an image
 */
function find(
  reference: string,
  { manifests, malformed }: LayoutIndex,
): { readonly digest: string; readonly mediaType: string } | undefined {
  const isDigestReference = isDigest(reference);
  const found = manifests.find((entry) =>
    isDigestReference ? entry.digest === reference : nameOf(entry) === reference,
  );
  if (found !== undefined) return found;
  if (isDigestReference) return { digest: reference, mediaType: "" };
  assertWellFormed(
    malformed.filter((entry) => isImageEntry(entry) && nameOf(entry) === reference),
    "index.json",
  );
  return savedUnderTag(manifests, reference);
}

/** The tag names another manifest then; what else its entry said of the image by annotations stays. */
function tagged(
  listed: readonly WrittenEntry[],
  descriptor: Descriptor,
  tag: string,
): readonly WrittenEntry[] {
  const hasTag = (one: WrittenEntry) => one.descriptor !== undefined && nameOf(one.descriptor) === tag;
  const before = listed.filter(hasTag);
  assertOneImage(before, tag);
  if (before.length === 1 && before[0]?.descriptor?.digest === descriptor.digest) return listed;
  const annotations = {
    ...before[0]?.descriptor?.annotations,
    ...descriptor.annotations,
    [tagAnnotation]: tag,
  };
  const entry = writtenEntry({ ...bareDescriptor(descriptor), annotations });
  return [...listed.filter((one) => !hasTag(one)), entry];
}

/** `docker save` writes one tag for images of several names: moving it would drop all but one of them. */
function assertOneImage(entries: readonly WrittenEntry[], tag: string): void {
  const names = new Set(entries.map(({ descriptor }) => descriptor?.annotations?.[fullNameAnnotation]));
  if (names.size <= 1) return;
  throw new AttestError("ARGUMENT_INVALID", `several images of the layout have the tag ${tag}`, {
    problems: [{ path: "index.json", expected: "one image with this tag", got: [...names].join(", ") }],
    next: "Save the image that is meant into a layout of its own.",
  });
}

function announced(
  listed: readonly WrittenEntry[],
  entries: readonly WrittenEntry[],
): readonly WrittenEntry[] {
  const known = new Set(listed.map(({ descriptor }) => descriptor?.digest));
  const fresh = new Map(entries.map((one) => [one.descriptor?.digest, one]));
  return [...listed, ...[...fresh].flatMap(([digest, one]) => (known.has(digest) ? [] : [one]))];
}

/** Under the tag that moved on, or under none; another tag goes on naming what it named. */
function isRetired({ descriptor }: WrittenEntry, digest: string, tag: string): boolean {
  if (descriptor?.digest !== digest) return false;
  const names = namesOf(descriptor);
  return names.includes(tag) || !names.some(isTag);
}

function absent(name: string, { digest }: Descriptor): AttestError {
  return new AttestError("IMAGE_NOT_FOUND", `${name} does not hold ${digest}`, {
    next: "Export the image again with all its content.",
  });
}
