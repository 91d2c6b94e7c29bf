/**
 * What older cosign versions attached to an image and is no attestation: its signatures and SBOMs, at tags of their own.
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 * https://github.com/sigstore/cosign/blob/main/specs/SBOM_SPEC.md
 */
import { AttestError, reasonOf } from "../../error.js";
import { mapParallel } from "../../parallel.js";
import { tagOfDigest } from "../digest.js";
import { atOnce } from "../limits.js";
import type { StoredManifest } from "../manifest.js";
import type { ContentStore } from "../store.js";
import { isMalformed } from "../verified.js";
import { shownText } from "./shown.js";
import type { Listing } from "./types.js";

/** One such tag. Nothing in it is verified, and SBOMs are not read. */
export type CosignTag = {
  /** Digest of what it is attached to. */
  readonly subject: string;
  readonly suffix: ".sig" | ".sbom";
  /** Digest of the manifest; "" where it can't be read. */
  readonly digest: string;
  /** Media types of its layers that are what the tag says, one for each layer. */
  readonly types: readonly string[];
  /** What can't be understood, for people. */
  readonly unread: readonly string[];
  /** The repository that holds it, where that is not the image's own; "" where it is. */
  readonly apart: string;
};

/** Layers that are what the tag says. */
const layerTypes = {
  ".sig": /^application\/vnd\.dev\.cosign\.simplesigning\.v1\+json$/,
  ".sbom":
    /^(?:text\/spdx(?:\+json|\+xml)?|application\/(?:spdx|vnd\.cyclonedx|vnd\.syft)(?:\+json|\+xml)?)$/,
} as const;

const suffixes = [".sig", ".sbom"] as const;

/**
 * Looks for the tags of everything that a list of attachments is about.
 * @throws AttestError REGISTRY_FAILED, REGISTRY_DENIED and the like, where one can't be asked for
 */
export async function listCosignTags(
  store: ContentStore,
  { parts }: Listing,
  apart?: ContentStore,
): Promise<CosignTag[]> {
  const stores = [store, ...(apart === undefined ? [] : [apart])];
  const wanted = parts.flatMap((subject) =>
    stores.flatMap((from) => suffixes.map((suffix) => ({ subject, from, suffix }))),
  );
  const found = await mapParallel(wanted, atOnce, async ({ subject, from, suffix }) => {
    const about = { subject, suffix, apart: from === store ? "" : from.name };
    try {
      const stored = await from.fetchManifest(tagOfDigest(subject, suffix));
      return stored === undefined ? [] : [{ ...about, ...contentOf(stored, suffix) }];
    } catch (error) {
      if (!(error instanceof AttestError) || !isMalformed(error)) throw error;
      return [{ ...about, digest: "", types: [], unread: [`${error.code}: ${reasonOf(error)}`] }];
    }
  });
  return found.flat();
}

function contentOf(
  { descriptor: { digest }, content }: StoredManifest,
  suffix: CosignTag["suffix"],
): Pick<CosignTag, "digest" | "types" | "unread"> {
  if (content.kind === "index") return { digest, types: [], unread: ["the tag names an index"] };
  const all = content.layers.map(({ mediaType }) => mediaType);
  const types = all.filter((type) => layerTypes[suffix].test(type));
  const others = [...new Set(all.filter((type) => !types.includes(type)))].map(
    (type) => `a layer of type ${shownText(type)}`,
  );
  const malformed = content.malformed.length === 0 ? [] : [`${content.malformed.length} malformed layer(s)`];
  const nothing = all.length + content.malformed.length === 0 ? ["it has no layers"] : [];
  return { digest, types, unread: [...others, ...malformed, ...nothing] };
}
