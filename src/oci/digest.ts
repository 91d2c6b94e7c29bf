import { createHash, hash, type Hash } from "node:crypto";

/**
 * A digest of OCI: `sha256:<64 hex characters>`, `sha384:<96>` or `sha512:<128>`, in lower case.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests
 */
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

export function isDigest(text: unknown): text is string {
  return typeof text === "string" && digestPattern.test(text);
}

/** Digest of bytes as `sha256:<hex>`, or with the given algorithm. */
export function digestOf(bytes: Uint8Array, algorithm = "sha256"): string {
  return `${algorithm}:${hash(algorithm, bytes)}`;
}

/** Whether it is a digest of these bytes, with whichever algorithm. */
export function isDigestOf(digest: string, bytes: Uint8Array): boolean {
  return isDigest(digest) && digestOf(bytes, digest.split(":")[0]) === digest;
}

/** A hash with the algorithm of a digest that {@link isDigest} accepts. */
export function hashFor(digest: string): Hash {
  return createHash(digest.slice(0, digest.indexOf(":")));
}

/**
 * The tag at which registries without a referrers API keep the referrers of a digest: `sha256-<hex>`,
 * cut to the length that a tag may have. With a suffix, as in `.att`, it is a tag of older cosign versions.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
export function tagOfDigest(digest: string, suffix = ""): string {
  const [algorithm = "", encoded = ""] = digest.split(":");
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}${suffix}`;
}
