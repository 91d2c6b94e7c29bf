import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { func, object, type File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import type { AttestationForm } from "../oci/content.js";
import type { Annotations } from "../oci/descriptor.js";
import { evidenceSource, hasBundleParts } from "../oci/read/evidence.js";
import type { Attachment } from "../oci/read/types.js";
import { fileSource } from "../signing/source.js";
import type { Attestation } from "./attestation.js";
import { AttestBundle } from "./bundle.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";
import { loadStatement } from "./load.js";
import { readStatementOf, statementFileOf } from "./open.js";

/**
 * An attestation that is attached to an image. Nothing of it is verified: whoever may push to the repository
 * can attach anything. What to believe is for `verify` to say.
 */
@object()
export class AttestAttachment {
  /** What its predicate means, as the statement itself says. */
  @func()
  predicateType: string;

  /** Platform that it is about, as in `linux/arm64/v8`; "" for the image's index. */
  @func()
  platform: string;

  /** Digest of the manifest or index that its statement is about. */
  @func()
  subject: string;

  /**
   * Where it was found: `referrer` (OCI 1.1 referrers API, or an OCI layout), `fallback-tag` (the index in
   * that API's place), `cosign-tag` (the `.att` tag of older cosign versions), `buildkit-index` (the image's
   * own index).
   */
  @func()
  places: string[];

  /** The repository that holds it, where that is another one than the image's (`attestationRepository`); "" where it is not. */
  @func()
  repository: string;

  /** `bundle` (Sigstore), `envelope` (DSSE) or `statement` (in-toto, as it is). */
  @func()
  form: string;

  /** It carries a signature; whose, and whether it holds, only a verification tells. */
  @func()
  isSigned: boolean;

  /** Digest of the manifest that holds it. */
  @func()
  manifest: string;

  /** Digest of its bytes. */
  @func()
  digest: string;

  /** What does not fit together, such as an annotation that contradicts the statement. */
  @func()
  remarks: string[];

  /** The bundle, envelope or statement, byte for byte as it is stored. */
  @func()
  asFile: File;

  // JSON of its layer's annotations: older cosign versions keep half of a bundle there.
  annotations: string;

  constructor(
    predicateType: string,
    platform: string,
    subject: string,
    places: string[],
    repository: string,
    form: string,
    isSigned: boolean,
    manifest: string,
    digest: string,
    remarks: string[],
    asFile: File,
    annotations: string,
  ) {
    this.predicateType = predicateType;
    this.platform = platform;
    this.subject = subject;
    this.places = places;
    this.repository = repository;
    this.form = form;
    this.isSigned = isSigned;
    this.manifest = manifest;
    this.digest = digest;
    this.remarks = remarks;
    this.asFile = asFile;
    this.annotations = annotations;
  }

  /** The statement as a JSON file, out of whatever is around it. */
  @func()
  async statement(): Promise<File> {
    return this.form === "statement" ? this.asFile : returnedFile(await statementFileOf(this.asFile));
  }

  /** The predicate alone as a JSON file, byte for byte. */
  @func()
  async predicate(): Promise<File> {
    return (await this.attestation()).predicate;
  }

  /** The attestation inside; it can be given more subjects and signed again. */
  @func()
  async attestation(): Promise<Attestation> {
    return this.form === "statement" ? loadStatement(this.asFile) : readStatementOf(this.asFile);
  }

  /**
   * The signed bundle or envelope; ARGUMENT_INVALID for an attestation without signature.
   * An envelope that older cosign versions attached, with certificate, log entry or timestamp beside it, is given
   * as a bundle of all of them.
   */
  @func()
  async bundle(): Promise<AttestBundle> {
    if (this.isSigned) return new AttestBundle(await this.bundleFile());
    throw new AttestError("ARGUMENT_INVALID", "this attestation is not signed", {
      problems: [{ path: this.digest, expected: "a bundle or an envelope", got: this.form }],
      next: "Take those that are signed (`attestations --signed`), or sign it: `sign` of the image signs all such attestations.",
    });
  }

  private async bundleFile(): Promise<File> {
    const form = this.form as AttestationForm;
    const annotations = JSON.parse(this.annotations) as Annotations;
    if (!hasBundleParts({ form, annotations })) return this.asFile;
    const source = await fileSource(await localFile(this.asFile));
    const path = join(await scratchDirectory(), "bundle.sigstore.json");
    await writeFile(path, evidenceSource({ source, form, annotations }).chunks());
    return returnedFile(path);
  }
}

/** An attachment of the core as Dagger's object; `repository` as its field. */
export async function exposeAttachment(one: Attachment, repository: string): Promise<AttestAttachment> {
  return new AttestAttachment(
    one.header.predicateType,
    one.platform,
    one.subject,
    [...one.places],
    repository,
    one.form,
    one.isSigned,
    one.manifest,
    one.content.digest,
    [...one.remarks],
    returnedFile(await one.save()),
    JSON.stringify(one.annotations),
  );
}
