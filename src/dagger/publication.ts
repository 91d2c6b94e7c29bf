import { func, object, type File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { provenancePredicateType } from "../provenance/slsa/types.js";
import { predicateTypeOf } from "../sbom/predicate-type.js";
import type { Attestation } from "./attestation.js";
import { returnedFile } from "./files.js";
import { imageInRegistry, type AttestImage, type ImageReach } from "./image.js";
import { loadStatement } from "./load.js";
import { AttestPlatform } from "./platform.js";
import type { Published } from "./publish.js";

/** An image that was published and read back, with the attestations that have it as their subject. */
@object()
export class AttestPublication {
  /** The image by tag and digest: `name:tag@sha256:...`. */
  @func()
  reference: string;

  /** Digest of the index or only manifest, as the registry gives it back. */
  @func()
  digest: string;

  /** The platforms with the digests of their manifests. */
  @func()
  platforms: AttestPlatform[];

  /** The statements about it, not signed: one file each; those about an index come first. */
  @func()
  statements: File[];

  /** The signed bundles that are attached to it: one file each, in the order of the statements. */
  @func()
  bundles: File[];

  /** What was published and made of it, in a few lines for people. */
  @func()
  summary: string;

  /** The image, to find, verify or copy what is attached to it. */
  @func()
  image: AttestImage;

  // Of each statement: predicate type, and the digest that it is about.
  types: string[];
  subjects: string[];

  constructor(
    image: AttestImage,
    reference: string,
    statements: File[],
    types: string[],
    subjects: string[],
    bundles: File[],
    summary: string,
  ) {
    this.reference = reference;
    this.digest = image.digest;
    this.platforms = image.platforms;
    this.statements = statements;
    this.bundles = bundles;
    this.summary = summary;
    this.image = image;
    this.types = types;
    this.subjects = subjects;
  }

  /**
   * The SBOM that was made of it, with the published image as its subject.
   * ARGUMENT_INVALID when none was asked for.
   *
   * @param platform Of this platform, as in linux/arm64. Default: of the image by its own digest; that of an
   * index names its platforms
   */
  @func()
  async sbom(platform?: string): Promise<Attestation> {
    return this.statementOf(
      [predicateTypeOf("spdx-json"), predicateTypeOf("cyclonedx-json")],
      "sbom",
      platform,
    );
  }

  /**
   * The provenance that was made of it, with the published image as its subject.
   * ARGUMENT_INVALID when none was asked for.
   *
   * @param platform Of this platform, as in linux/arm64. Default: of the image by its own digest; that of an
   * index tells of all platforms
   */
  @func()
  async provenance(platform?: string): Promise<Attestation> {
    return this.statementOf([provenancePredicateType], "provenance", platform);
  }

  private async statementOf(types: string[], option: string, platform?: string): Promise<Attestation> {
    const wanted = platform ? this.platforms.find((one) => one.platform === platform)?.digest : this.digest;
    const at = this.types.findIndex((type, index) => types.includes(type) && this.subjects[index] === wanted);
    const file = this.statements[at];
    if (file !== undefined) return loadStatement(file);
    throw new AttestError("ARGUMENT_INVALID", `${this.reference} was published without ${option}`, {
      problems: [{ path: "", expected: types.join(" or "), got: this.types.join(", ") || "none" }],
      next: `Publish with --${option}, or name a platform that it has.`,
    });
  }
}

/** What was published as Dagger's object. */
export function exposePublication(published: Published, reach: ImageReach): AttestPublication {
  const { target, tag, digest, statements, bundles } = published;
  const platforms = published.platforms.map((one) => new AttestPlatform(one.platform, one.digest));
  return new AttestPublication(
    imageInRegistry(target.name, digest, tag, platforms, reach),
    `${target.name}:${tag}@${digest}`,
    statements.map(({ path }) => returnedFile(path)),
    statements.map(({ predicateType }) => predicateType),
    statements.map(({ subject }) => subject),
    bundles.map(returnedFile),
    published.notes.join("\n"),
  );
}
