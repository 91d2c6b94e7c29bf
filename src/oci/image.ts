/** An image: one manifest, or an index of platforms, with everything in it told apart. */
import { AttestError } from "../error.js";
import { parseJson } from "../json/parse.js";
import { readBlob } from "./blob.js";
import { platformIn, platformName, type Descriptor, type MalformedEntry } from "./descriptor.js";
import { assertCount } from "./limits.js";
import { assertWellFormed, type ImageManifest, type StoredManifest } from "./manifest.js";
import { indexTypes, manifestTypes } from "./media-types.js";
import type { ContentStore } from "./store.js";

export type PlatformManifest = {
  /** As in `linux/arm64/v8`; "" when the image does not say. */
  readonly platform: string;
  readonly descriptor: Descriptor;
};

/** BuildKit's attestations of one platform, as its index lists them. */
export type InlineEntry = {
  /** Digest of the platform's manifest, as the index says; "" where it does not. */
  readonly subject: string;
  readonly descriptor: Descriptor;
};

export type ResolvedImage = {
  /** The manifest or index itself, by the digest that everything below is relative to. */
  readonly root: StoredManifest;
  /** For an image of one manifest, that one. */
  readonly platforms: readonly PlatformManifest[];
  /** Indexes inside the index, and what is no image among its entries. */
  readonly inner: readonly Descriptor[];
  readonly inline: readonly InlineEntry[];
  /** Entries that say that they are attestations, and are no descriptors. */
  readonly malformed: readonly MalformedInline[];
};

export type MalformedInline = { readonly subject: string; readonly entry: MalformedEntry };

/** Annotations by which BuildKit marks attestations in an index, and says what they are about. */
export const referenceType = "vnd.docker.reference.type";
export const referenceDigest = "vnd.docker.reference.digest";

/**
 * Resolves a tag or digest, once; what is done afterwards goes by the digest.
 * @throws AttestError IMAGE_NOT_FOUND when there is none, LIMIT_EXCEEDED, or what is wrong with it
 */
export async function resolveImage(store: ContentStore, reference: string): Promise<ResolvedImage> {
  const root = await store.fetchManifest(reference);
  if (root === undefined) {
    throw new AttestError("IMAGE_NOT_FOUND", `there is no image ${reference} in ${store.name}`, {
      next: "Check the name, the tag or the digest, and whether the image was pushed.",
    });
  }
  const found: Found = { platforms: new Map(), inner: [], inline: [], malformed: [], opened: new Set() };
  await expand(store, root, undefined, store.limits.depth, found);
  const { platforms, inner, inline, malformed } = found;
  return { root, platforms: [...platforms.values()], inner, inline, malformed };
}

type Found = {
  readonly platforms: Map<string, PlatformManifest>;
  readonly inner: Descriptor[];
  readonly inline: InlineEntry[];
  readonly malformed: MalformedInline[];
  /** Manifests that were fetched: an index may name one again and again, at every level. */
  readonly opened: Set<string>;
};

async function expand(
  store: ContentStore,
  stored: StoredManifest,
  platform: string | undefined,
  depth: number,
  found: Found,
): Promise<void> {
  const { content, descriptor } = stored;
  const { platforms, inline, opened } = found;
  assertWellFormed(
    content.malformed.filter((entry) => !isAttestationEntry(entry)),
    descriptor.digest,
  );
  // What is left says that it is attached.
  for (const entry of content.malformed)
    found.malformed.push({ subject: entry.annotations[referenceDigest] ?? "", entry });
  if (content.kind === "manifest") {
    const name = platform ?? (await configuredPlatform(store, content));
    platforms.set(`${descriptor.digest} ${name}`, { platform: name, descriptor });
    return;
  }
  if (depth === 0)
    throw new AttestError("LIMIT_EXCEEDED", `the index ${descriptor.digest} is nested too deep`, {});
  for (const entry of content.manifests) {
    if (isAttestationEntry(entry) || isNoPlatform(entry)) {
      inline.push({ subject: entry.annotations?.[referenceDigest] ?? "", descriptor: entry });
    } else if (manifestTypes.includes(entry.mediaType) && entry.platform !== undefined) {
      // One manifest may be for several platforms.
      const name = platformName(entry.platform);
      platforms.set(`${entry.digest} ${name}`, { platform: name, descriptor: entry });
    } else if (manifestTypes.includes(entry.mediaType) || indexTypes.includes(entry.mediaType)) {
      if (opened.has(entry.digest)) continue;
      opened.add(entry.digest);
      const child = await store.fetchManifest(entry.digest);
      // An index may name platforms that were not copied along.
      if (child === undefined) continue;
      const isOther = isArtifact(entry) || isArtifact(child.content);
      if (isOther || child.content.kind === "index") found.inner.push(child.descriptor);
      if (!isOther) await expand(store, child, undefined, depth - 1, found);
    }
    const count = platforms.size + inline.length + found.malformed.length + opened.size;
    assertCount(count, store.limits.manifests, `the manifests of ${store.name}`);
  }
}

/** https://github.com/moby/buildkit/blob/v0.32.2/docs/attestations/attestation-storage.md */
function isAttestationEntry({ annotations }: Pick<Descriptor, "annotations">): boolean {
  return annotations?.[referenceType] === "attestation-manifest";
}

/** What BuildKit calls its attestations; some tools lose the annotations that tell more. */
function isNoPlatform({ platform }: Descriptor): boolean {
  return platform?.os === "unknown" && platform.architecture === "unknown";
}

/** Not an image but something beside one, without a platform, as indexes of lazily pulled layers lie among the platforms. */
function isArtifact({ artifactType = "" }: { readonly artifactType?: string }): boolean {
  return artifactType !== "" && !/\.image\.(?:config|manifest)\.|\.container\.image\./.test(artifactType);
}

const configBytes = 4 * 1024 * 1024;

async function configuredPlatform(store: ContentStore, { config }: ImageManifest): Promise<string> {
  if (config === undefined || !/config|container\.image/.test(config.mediaType) || config.size > configBytes)
    return "";
  const { platform } = platformIn(readConfig(await readBlob(store, config, configBytes)));
  return platform === undefined ? "" : platformName(platform);
}

/** What is no JSON names no platform: what is attached to such a manifest is found all the same. */
function readConfig(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes, { what: "the image's configuration" });
  } catch (error) {
    if (error instanceof AttestError && error.code === "JSON_INVALID") return undefined;
    throw error;
  }
}

/** The platform of a digest in an image; "" for the index itself and for what is none of its platforms. */
export function platformOf(image: ResolvedImage, digest: string): string {
  return image.platforms.find(({ descriptor }) => descriptor.digest === digest)?.platform ?? "";
}
