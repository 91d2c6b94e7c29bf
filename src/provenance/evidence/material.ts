/** Materials: what went into a build from outside of it. */
import type { DigestSet } from "../../statement/types.js";
import type { EvidenceSource, Found } from "./found.js";

/** Where a work tree of git stood. */
export type GitState = {
  readonly commit: string;
  /** Full name of the branch or tag that was checked out. */
  readonly ref?: string;
  /** True when the directory holds what the commit holds and nothing else. */
  readonly isCommit: boolean;
};

export type MaterialKind =
  "image" | "git" | "http" | "host-directory" | "host-file" | "module" | "file" | "directory" | "other";

/** Something that went into the build from outside of it. */
export type Material = Found & {
  readonly kind: MaterialKind;
  /** A purl (`pkg:docker/...`), `git+https://...@ref`, or the URL; without credentials. */
  readonly uri: string;
  /** Empty when nobody knows a digest; `missing` then says why. */
  readonly digests: DigestSet;
  readonly missing?: string;
  /** Where the digests come from, when another source than the item's own had them. */
  readonly digestSource?: EvidenceSource;
  /** Why nothing but the engine's own digest is known of content that was used. */
  readonly unread?: string;
  /** Of a directory with a repository in it. */
  readonly git?: GitState;
  /** What the author calls it, or the argument that it was handed over as. */
  readonly name?: string;
  /** URIs under which other sources tell of the same content. */
  readonly alsoAs?: readonly string[];
  /** What the pipeline asked for: a tag, a git ref, a path on the host. */
  readonly requested?: string;
  readonly platform?: string;
  /** Bytes. */
  readonly size?: number;
  /** Digests of the steps that brought it in. */
  readonly steps: readonly string[];
};
