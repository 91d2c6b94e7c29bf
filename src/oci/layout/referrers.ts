/** What refers to a manifest in a layout: it stands in the list, as ORAS writes it, and has the manifest as its subject. */
import { readFile } from "node:fs/promises";

import { reasonOf } from "../../error.js";
import type { Descriptor } from "../descriptor.js";
import { referrerDescriptor, type StoredManifest } from "../manifest.js";
import { unreadEntry, type Referrers, type UnreadEntry } from "../store.js";
import { isMalformed, passMalformed } from "../verified.js";
import { blobPath, loadManifest, sizeOf, type Layout, type Referring } from "./blobs.js";
import { isCosignSave, possibleManifests } from "./cosign-save.js";
import { isImageEntry } from "./entries.js";
import type { LayoutIndex } from "./index-file.js";

/** @throws AttestError DIGEST_MISMATCH when something listed has other content than its digest */
export async function referrersIn(layout: Layout, index: LayoutIndex, digest: string): Promise<Referrers> {
  const manifests = new Map<string, Descriptor>();
  const unread = index.malformed.filter((entry) => !isImageEntry(entry)).map(unreadEntry);
  for (const entry of index.manifests) {
    const found = await opened(layout, entry, digest);
    if (found === undefined) continue;
    if ("reason" in found) unread.push(found);
    else if (found.subject === digest) manifests.set(found.descriptor.digest, found.descriptor);
  }
  for (const { subject, descriptor } of await unlistedIn(layout, index))
    if (subject === digest) manifests.set(descriptor.digest, descriptor);
  return { manifests: [...manifests.values()], unread };
}

/**
 * What an entry refers to; why it can't be read, where it may refer to this digest. What is not there may refer to it:
 * whoever asks for it will say that it is gone.
 */
async function opened(
  layout: Layout,
  entry: Descriptor,
  digest: string,
): Promise<Referring | UnreadEntry | undefined> {
  const key = `${entry.digest} ${entry.mediaType} ${entry.size}`;
  const known = layout.known.get(key);
  if (known !== undefined) return known;
  try {
    const stored = await loadManifest(layout, entry);
    if (stored !== undefined) {
      const found = referringOf(stored);
      layout.known.set(key, found);
      return found;
    }
    const isImage = isImageEntry(entry) || entry.platform !== undefined;
    return isImage ? undefined : { subject: digest, descriptor: entry };
  } catch (error) {
    if (!isMalformed(error)) throw error;
    if (!(await mentions(layout, entry.digest, digest))) return undefined;
    return { digest: entry.digest, reason: `${error.code}: ${reasonOf(error)}` };
  }
}

function referringOf(stored: StoredManifest): Referring {
  return { subject: stored.content.subject?.digest, descriptor: referrerDescriptor(stored) };
}

/** Whether it may refer to a digest: what is no manifest by its size, or does not contain the digest, does not. */
async function mentions({ directory, limits }: Layout, blob: string, digest: string): Promise<boolean> {
  const size = await sizeOf(directory, blob);
  if (size === undefined || size > limits.manifestBytes) return false;
  return (await readFile(blobPath(directory, blob))).includes(digest);
}

/** What `cosign save` left out of its list. */
async function unlistedIn(layout: Layout, { manifests }: LayoutIndex): Promise<readonly Referring[]> {
  if (!isCosignSave(manifests)) return [];
  const found: Referring[] = [];
  for (const digest of await possibleManifests(layout.directory, layout.limits)) {
    // Blobs are anything: what is no manifest refers to nothing.
    const manifest = await loadManifest(layout, { digest, mediaType: "" }).catch(passMalformed);
    if (manifest !== undefined) found.push(referringOf(manifest));
  }
  return found;
}
