import type { ByteSource } from "../../signing/source.js";
import type { StatementHeader } from "../../statement/types.js";
import type { ReadBundle } from "../../verification/bundle/types.js";
import type { AttestationForm } from "../content.js";
import type { Annotations, Descriptor } from "../descriptor.js";
import type { PlatformManifest } from "../image.js";

/**
 * Where an attestation was found. `referrer`: the registry's referrers API, or what a layout lists.
 * `fallback-tag`: the index that stands for that API. `cosign-tag`: the tag ending in `.att` of older cosign
 * versions. `buildkit-index`: among the manifests of the image's own index.
 */
export type AttachmentPlace = "referrer" | "fallback-tag" | "cosign-tag" | "buildkit-index";

/** One attestation of an image. Nothing of it is verified. */
export type Attachment = {
  /** Digest of the manifest or index that its statement is about. */
  readonly subject: string;
  /** Platform of that manifest; "" for the index. */
  readonly platform: string;
  /** Everywhere it was found, in the order of {@link AttachmentPlace}. */
  readonly places: readonly AttachmentPlace[];
  /** Names of the repositories, or the layout, that hold it. */
  readonly repositories: readonly string[];
  readonly form: AttestationForm;
  /** It carries a signature. Whose, and whether it holds, only a verification tells. */
  readonly isSigned: boolean;
  /** What the statement itself says, not what an annotation says about it. */
  readonly header: StatementHeader;
  /** SHA-256 of the statement's bytes, lower-case hex: the same for a statement and for bundles around it. */
  readonly statementSha256: string;
  /** Digest of the manifest that holds it. */
  readonly manifest: string;
  /** The bytes of the bundle, envelope or statement. */
  readonly content: Descriptor;
  /** These bytes; a small attestation's are in memory. */
  readonly source: ByteSource;
  /** The bundle or envelope in them; none for a bare statement. */
  readonly signed?: ReadBundle;
  /** Writes them to a file, unless they lie in one, and tells the file's path. */
  save(): Promise<string>;
  /** Of its layer; older cosign versions keep certificates and log entries there. */
  readonly annotations: Annotations;
  /** What does not fit together, for people. */
  readonly remarks: readonly string[];
};

/** Something that is attached and is not listed, with the reason. */
export type Skipped = {
  readonly place: AttachmentPlace;
  /** Digest of what it is attached to; "" where its list does not tell. */
  readonly subject: string;
  /** Digest of the manifest, or of the layer in it; "" where it has none. */
  readonly digest: string;
  readonly reason: string;
  /** It does not say what it stands for: an attestation may be lost with it. */
  readonly isUnread: boolean;
};

export type Listing = {
  /** The image by the digest that was resolved. */
  readonly image: Descriptor;
  /** The digest that the registry announced for it, where it is another one. */
  readonly announced?: string;
  readonly platforms: readonly PlatformManifest[];
  /** Digests of all that something may be attached to: the image's own first, then indexes in it and platforms. */
  readonly parts: readonly string[];
  /** Name of the repository, or the layout, that holds the image. */
  readonly repository: string;
  readonly attachments: readonly Attachment[];
  readonly skipped: readonly Skipped[];
};

/** The repository that holds an attestation, where that is not the image's own; "" where it is. */
export function heldApart({ repositories }: Attachment, { repository }: Listing): string {
  return repositories.includes(repository) ? "" : repositories.join(", ");
}
