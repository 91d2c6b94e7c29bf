/**
 * The port to where images lie: a repository of a registry, or an OCI layout. Everything that reads,
 * attaches or copies is written against it.
 */
import { AttestError } from "../error.js";
import type { ByteSource } from "../signing/source.js";
import { reasonOfEntry, type Descriptor, type MalformedEntry } from "./descriptor.js";
import type { OciLimits } from "./limits.js";
import type { WrittenEntry } from "./list-text.js";
import type { StoredManifest } from "./manifest.js";

/** A manifest or index to store: its exact bytes, and the descriptor that was computed of them. */
export type NewManifest = { readonly descriptor: Descriptor; readonly bytes: Uint8Array };

/** How a blob came to be in the store. */
export type BlobOutcome = "present" | "mounted" | "pushed";

/** An entry of a list that does not say what it stands for, or whose manifest can't be read. */
export type UnreadEntry = {
  /** Where it stands, and what was expected and found there. */
  readonly reason: string;
  /** Its digest, where it has one. */
  readonly digest?: string;
};

export function unreadEntry(entry: MalformedEntry): UnreadEntry {
  const { digest } = entry;
  return { reason: reasonOfEntry(entry), ...(digest === undefined ? {} : { digest }) };
}

/**
 * Whether a manifest was refused for want of a blob, though all were said to be there: registries remember blobs that they lost, as
 * distribution does after collecting its garbage.
 */
function isBlobUnknown(error: unknown): boolean {
  return error instanceof AttestError && /\b(?:MANIFEST_)?BLOB_UNKNOWN\b/.test(error.message);
}

/** Stores a manifest. Where it is refused for want of a blob, the blobs are sent first, and it is stored once more. */
export async function pushWithBlobs(
  store: ContentStore,
  manifest: NewManifest,
  sendBlobs: () => Promise<unknown>,
): Promise<void> {
  try {
    await store.pushManifest(manifest);
  } catch (error) {
    if (!isBlobUnknown(error)) throw error;
    await sendBlobs();
    await store.pushManifest(manifest);
  }
}

/** What refers to a digest, and what nobody can tell of. */
export type Referrers = {
  readonly manifests: readonly Descriptor[];
  readonly unread: readonly UnreadEntry[];
};

export type ContentStore = {
  /** For people, as in `localhost:5000/app`; holds no credentials. */
  readonly name: string;
  readonly limits: OciLimits;
  /** Registry and repository, where the store is one: blobs are mounted between repositories of a registry. */
  readonly location?: { readonly registry: string; readonly repository: string };
  /** Milliseconds that it took at most so far to answer something small; only where it is asked over a network. */
  slowest?(): number;

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
  referrers(digest: string): Promise<Referrers | undefined>;
  /** Makes pushed manifests found without a tag, where the store does not do so by itself. */
  announce(entries: readonly WrittenEntry[]): Promise<void>;
  /**
   * Takes a manifest off the store's own list where it has one, since the tag (if any) names another now; what it holds
   * stays, and so do its other tags.
   */
  retire(digest: string, tag: string): Promise<void>;
  /** All tags, in no particular order. */
  tags(): Promise<readonly string[]>;
};
