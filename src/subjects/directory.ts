import { AttestError } from "../error.js";

/** A digest that the directory can't have, and why. */
export type OmittedDigest = { readonly algorithm: "gitTree" | "dirHash"; readonly reason: string };

/** Digests of a directory in lower-case hex; docs/directory-digest.md says how to reproduce each. */
export type DirectoryDigests = {
  /** Git tree object id (SHA-1). */
  readonly gitTree?: string;
  /** Go's dirhash Hash1. */
  readonly dirHash?: string;
  /** sha256 of the deterministic tar. */
  readonly sha256: string;
  readonly omitted: readonly OmittedDigest[];
};

/** Computes the digests of a directory in one pass over its files. */
export function directoryDigests(path: string): Promise<DirectoryDigests> {
  return Promise.reject(new AttestError("DIRECTORY_INVALID", `${path} not read yet`));
}
