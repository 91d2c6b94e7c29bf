/** Which image of a layout is meant, where nobody says. */
import { AttestError } from "../../error.js";
import { isDigest } from "../digest.js";
import type { ContentStore } from "../store.js";
import { isMarkedAttached } from "./cosign-save.js";
import { readLayoutIndex, tagAnnotation } from "./index-file.js";

/** Tags that name what is attached to an image: of older cosign versions, and the fallback tag. */
const attachedTag = /^sha(?:256|384|512)-[0-9a-f]{1,64}(?:\.(?:att|sig|sbom))?$/;

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
  const images = await listImages(directory, store);
  const found = images.filter(({ names }) => wanted === undefined || names.includes(wanted));
  const [image] = found;
  if (image !== undefined && found.length === 1)
    return { digest: image.digest, tag: wanted ?? image.names.find(isTag) ?? "" };
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
async function listImages(directory: string, store: ContentStore): Promise<LayoutImage[]> {
  const images = new Map<string, string[]>();
  for (const entry of await readLayoutIndex(directory, store.limits)) {
    const { digest, annotations } = entry;
    const name = annotations?.[tagAnnotation];
    if (isMarkedAttached(entry) || (name !== undefined && attachedTag.test(name))) continue;
    const names = images.get(digest) ?? [];
    if (name !== undefined) names.push(name, tagIn(name));
    images.set(digest, names);
  }
  const found: LayoutImage[] = [];
  for (const [digest, names] of images) {
    const stored = await store.fetchManifest(digest);
    if (stored !== undefined && stored.content.subject === undefined)
      found.push({ digest, names: [...new Set(names)] });
  }
  return found;
}

function isTag(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(name);
}

/** Some tools write the whole reference where the specification wants the tag. */
function tagIn(name: string): string {
  return /:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/.exec(name)?.[1] ?? name;
}
