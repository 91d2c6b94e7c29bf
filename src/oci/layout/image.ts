/** Which image of a layout is meant, where nobody says. */
import { AttestError } from "../../error.js";
import { isDigest } from "../digest.js";
import { withFiles } from "../../statement/file-error.js";
import { assertWellFormed } from "../manifest.js";
import type { ContentStore } from "../store.js";
import { isMalformed } from "../verified.js";
import { isAttachedEntry, isImageEntry, isTag, namesOf } from "./entries.js";
import { readLayoutIndex } from "./index-file.js";

/**
 * The digest of a layout's image, and its tag ("" when it has none).
 * @param wanted its tag or digest; undefined takes the only one there is
 * @throws AttestError IMAGE_NOT_FOUND, or ARGUMENT_INVALID when several images could be meant
 */
export async function layoutImage(
  directory: string,
  store: ContentStore,
  wanted: string | undefined,
): Promise<{ readonly digest: string; readonly tag: string }> {
  if (wanted !== undefined && isDigest(wanted)) return { digest: wanted, tag: "" };
  const images = await listImages(directory, store, wanted);
  const found = images.filter(({ names }) => wanted === undefined || names.includes(wanted));
  const [image] = found;
  if (image !== undefined && found.length === 1)
    return { digest: image.digest, tag: [wanted ?? "", ...image.names].find(isTag) ?? "" };
  const shown = images.slice(0, 10).map(({ names, digest }) => `${names.join(" ") || "no tag"} ${digest}`);
  const got = images.length === 0 ? "none" : shown.join(", ");
  if (found.length === 0) {
    throw new AttestError("IMAGE_NOT_FOUND", `the layout does not hold the image ${wanted ?? ""}`.trimEnd(), {
      problems: [{ path: "index.json", expected: wanted ?? "an image", got }],
      next: "Name a tag or digest of it.",
    });
  }
  throw new AttestError("ARGUMENT_INVALID", "the layout holds several images", {
    problems: [{ path: "index.json", expected: "one image, or the tag of the one that is meant", got }],
    next: "Say which one by its tag or digest.",
  });
}

type LayoutImage = { readonly digest: string; readonly names: readonly string[] };

/** What the layout lists and is attached to nothing, with the tags that it has there. */
async function listImages(
  directory: string,
  store: ContentStore,
  wanted: string | undefined,
): Promise<LayoutImage[]> {
  const { manifests, malformed } = await withFiles(`can't read ${store.name}`, () =>
    readLayoutIndex({ directory, ...store }),
  );
  const meant = malformed.filter(
    (entry) => isImageEntry(entry) && (wanted === undefined || namesOf(entry).includes(wanted)),
  );
  assertWellFormed(meant, "index.json");
  const images = new Map<string, string[]>();
  for (const entry of manifests)
    if (!isAttachedEntry(entry))
      images.set(entry.digest, [...(images.get(entry.digest) ?? []), ...namesOf(entry)]);
  const found: LayoutImage[] = [];
  const parts = new Set<string>();
  for (const [digest, names] of images) {
    // Without a name it may be anything that tools list: only an image that is meant has to be one.
    const isNamed = wanted === undefined ? names.length > 0 : names.includes(wanted);
    const stored = await store.fetchManifest(digest).catch((error: unknown) => {
      if (isNamed || !isMalformed(error)) throw error;
    });
    if (stored === undefined || stored.content.subject !== undefined) continue;
    found.push({ digest, names: [...new Set(names)] });
    if (stored.content.kind === "index") for (const part of stored.content.manifests) parts.add(part.digest);
  }
  // `oras backup` lists the platforms of an image beside it.
  return found.filter(({ digest, names }) => names.length > 0 || !parts.has(digest));
}
