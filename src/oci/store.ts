/**
 * The port to where images lie: a repository of a registry, or an OCI layout. Everything that reads,
 * attaches or copies is written against it.
 */
import type { ByteSource } from "../signing/source.js";
import type { Descriptor } from "./descriptor.js";
import type { OciLimits } from "./limits.js";
import type { StoredManifest } from "./manifest.js";

/** A manifest or index to store: its exact bytes, and the descriptor that was computed of them. */
export type NewManifest = { readonly descriptor: Descriptor; readonly bytes: Uint8Array };

/** How a blob came to be in the store. */
export type BlobOutcome = "present" | "mounted" | "pushed";

export type ContentStore = {
  /** For people, as in `localhost:5000/app`; holds no credentials. */
  readonly name: string;
  readonly limits: OciLimits;
  /** Registry and repository, where the store is one: blobs are mounted between repositories of a registry. */
  readonly location?: { readonly registry: string; readonly repository: string };

  /**
   * The manifest at a tag or digest; undefined when there is none. Its bytes have the digest that was
   * asked for, or that of `descriptor` where a tag was.
   */
  fetchManifest(reference: string): Promise<StoredManifest | undefined>;
  /** What a tag or digest names, without its content; undefined when there is nothing. */
  resolve(reference: string): Promise<Descriptor | undefined>;
  /**
   * Stores a manifest, and names it by a tag where one is given. What it refers to must be there already.
   * In a layout, a manifest without a tag is found only after {@link ContentStore.announce}.
   */
  pushManifest(manifest: NewManifest, tag?: string): Promise<void>;
  /**
   * Moves a tag once, without trying again: an answer that was lost may hide that the tag moved. For
   * writers that look again afterwards.
   */
  moveTag(manifest: NewManifest, tag: string): Promise<void>;

  hasBlob(digest: string): Promise<boolean>;
  /**
   * The bytes of a blob. The stream fails when they end too early, go on too long or have another
   * digest, so nothing may be believed before its end.
   */
  openBlob(descriptor: Descriptor): Promise<AsyncIterable<Uint8Array>>;
  /** Stores a blob; its bytes are checked. A repository of the same registry to mount it from may be named. */
  pushBlob(descriptor: Descriptor, content: ByteSource, mountFrom?: string): Promise<BlobOutcome>;

  /** Everything that refers to a digest; undefined when the store can't tell (no referrers API). */
  referrers(digest: string): Promise<readonly Descriptor[] | undefined>;
  /** Makes pushed manifests found without a tag, where the store does not do so by itself. */
  announce(descriptors: readonly Descriptor[]): Promise<void>;
  /** Takes a manifest off the store's own list where it has one; what it holds stays. */
  retire(digest: string): Promise<void>;
  /** All tags, in no particular order. */
  tags(): Promise<readonly string[]>;
};
