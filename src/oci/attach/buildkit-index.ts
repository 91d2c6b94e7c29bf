/**
 * Attestations inside an image's index, as BuildKit writes them: bare statements, one manifest of them for
 * each platform. The digest of the index changes; those of its platforms do not.
 * https://github.com/moby/buildkit/blob/v0.32.2/docs/attestations/attestation-storage.md
 */
import { basename } from "node:path";

import { AttestError } from "../../error.js";
import { rawMembers } from "../../json/raw.js";
import { fileSource } from "../../signing/source.js";
import { isAbout, readBareContent, readSignedContent, type AttestationContent } from "../content.js";
import { bareDescriptor, namedPlatform, type Descriptor, type Platform } from "../descriptor.js";
import { referenceDigest, referenceType, resolveImage, type ResolvedImage } from "../image.js";
import { newMembers, withList, writtenEntries, writtenEntry, type WrittenEntry } from "../list-text.js";
import { documentOf } from "../manifest.js";
import { ociIndex } from "../media-types.js";
import type { ContentStore, NewManifest } from "../store.js";
import { attestationManifest, ownEntry, type AddedManifest, type BuildkitForm } from "./buildkit-manifest.js";

export type InlineOptions = {
  readonly form: BuildkitForm;
  /** What names the image afterwards; "" for nothing. */
  readonly tag: string;
};

/**
 * Writes statements, or those in bundles, into the image's index; of an image of one manifest an index is
 * made. What is there already stays. The signature of a bundle is not part of this layout.
 *
 * @returns the image's new index, or the old one when nothing had to be added
 * @throws AttestError ARGUMENT_INVALID, before anything is written, when one is about no platform of the image
 */
export async function attachInline(
  store: ContentStore,
  reference: string,
  paths: readonly string[],
  options: InlineOptions,
): Promise<Descriptor> {
  const image = await resolveImage(store, reference);
  const statements: AttestationContent[] = [];
  for (const path of paths) statements.push(await readStatementFile(path, image));
  const added: AddedManifest[] = [];
  const once = new Map(image.platforms.map((one) => [one.descriptor.digest, one]));
  for (const platform of once.values()) {
    const about = statements.filter(({ header }) => isAbout(header, platform.descriptor.digest));
    const manifest = await attestationManifest(store, image, platform, about, options.form);
    if (manifest !== undefined) added.push(manifest);
  }
  if (added.length === 0) return image.root.descriptor;
  for (const { manifest } of added) await store.pushManifest(manifest);
  const index = indexWith(image, added);
  await store.pushManifest(index, options.tag === "" ? undefined : options.tag);
  if (options.tag === "") await store.announce([writtenEntry(index.descriptor)]);
  await store.retire(image.root.descriptor.digest, options.tag);
  return index.descriptor;
}

async function readStatementFile(path: string, image: ResolvedImage): Promise<AttestationContent> {
  const source = await fileSource(path);
  const content = await readBareContent(source).catch(async (error: unknown) => {
    return readSignedContent(source).catch(() => {
      throw error;
    });
  });
  const digests = image.platforms.map(({ descriptor }) => descriptor.digest);
  if (digests.some((digest) => isAbout(content.header, digest))) return content;
  throw new AttestError("ARGUMENT_INVALID", `${basename(path)} is about no platform of the image`, {
    problems: [{ path: "subject", expected: `one of ${digests.join(", ")}`, got: "something else" }],
    next: "BuildKit's layout holds attestations of platforms; attach what is about an index as a referrer.",
  });
}

/** The index with new attestations in the place of those that they contain; all else stays as it was written. */
function indexWith({ root, platforms }: ResolvedImage, added: readonly AddedManifest[]): NewManifest {
  const isIndex = root.content.kind === "index";
  const listed = isIndex
    ? writtenEntries(root.bytes, "manifests")
    : platforms.map(({ descriptor, platform }) =>
        ownEntry({ ...bareDescriptor(descriptor), ...platformMember(platform) }),
      );
  const replaced = new Set(
    added.flatMap(({ platform, replaces }) => replaces.map((one) => `${platform} ${one}`)),
  );
  const entries = [
    ...listed.filter((entry) => !isPlainEntry(entry) || !replaced.has(attachmentOf(entry))),
    ...added.map(({ platform, manifest: { descriptor } }) =>
      ownEntry({
        ...bareDescriptor(descriptor),
        annotations: { [referenceDigest]: platform, [referenceType]: "attestation-manifest" },
        platform: { architecture: "unknown", os: "unknown" },
      }),
    ),
  ];
  const members = isIndex ? rawMembers(root.bytes) : newMembers({ schemaVersion: 2, mediaType: ociIndex });
  const mediaType = isIndex ? root.descriptor.mediaType : ociIndex;
  return documentOf(withList(members, "manifests", entries, {}, "indented"), mediaType);
}

const plainEntryMembers = ["mediaType", "digest", "size", "annotations", "platform"];

/** It says nothing but what the entry in its place will say. */
function isPlainEntry({ text, descriptor }: WrittenEntry): boolean {
  const known = rawMembers(Buffer.from(text)).every(({ name }) => plainEntryMembers.includes(name));
  const annotations = Object.keys(descriptor?.annotations ?? {});
  return known && annotations.every((name) => name === referenceType || name === referenceDigest);
}

/** What it is attached to, and what it is. */
function attachmentOf({ descriptor }: WrittenEntry): string {
  return `${descriptor?.annotations?.[referenceDigest] ?? ""} ${descriptor?.digest ?? ""}`;
}

function platformMember(name: string): { readonly platform?: Platform } {
  const platform = namedPlatform(name);
  return platform === undefined ? {} : { platform };
}
