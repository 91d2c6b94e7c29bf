/** What `publish` says of an image: of each platform's manifest, and of the index that holds them. */
import type { Container, File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import type { SbomFormat, SbomScanner } from "../sbom/types.js";
import { subjectOf } from "../subjects/digests.js";
import type { ImagePlatform } from "../subjects/image.js";
import { Attestation } from "./attestation.js";
import { attestIndexSbom } from "./index-sbom.js";
import { provenanceOf, subjectValue, type ProvenanceArguments } from "./provenance.js";
import { attestSbom } from "./sbom.js";
import { exposeSubject } from "./subject.js";

export type SbomChoice = {
  readonly scanner: SbomScanner;
  readonly format: SbomFormat;
  readonly images: Readonly<Record<SbomScanner, string>>;
  readonly created: string;
};

/** The image that is published, and what is to be said of it. */
export type PublishedImage = {
  readonly container: Container;
  readonly platformVariants: Container[];
  /** All platforms in one archive: what is pushed. */
  readonly archive: File;
  /** Registry and repository. */
  readonly name: string;
  readonly platforms: readonly ImagePlatform[];
  readonly sbom: SbomChoice | undefined;
  readonly provenance: ProvenanceArguments | undefined;
};

/** An SBOM and provenance of each platform, about the manifest that is published of it. */
export async function aboutPlatforms(image: PublishedImage): Promise<Attestation[]> {
  const { name, sbom, provenance } = image;
  if (sbom === undefined && provenance === undefined) return [];
  const found: Attestation[] = [];
  for (const { container, digest } of await platformContainers(image)) {
    const value = { container, directory: undefined, file: undefined };
    if (sbom !== undefined) found.push(about(name, digest, await attestSbom({ ...sbom, ...value, name })));
    if (provenance !== undefined) {
      const { described, image: exported, ...built } = await subjectValue(value, name);
      const { notes } = described;
      const subjects = [subjectOf(name, [digest])];
      // The layers are those of the manifest that is published, or none are told.
      const isSame = described.subjects[0]?.digest["sha256"] === digest.replace(/^sha256:/, "");
      const told = exported === undefined || isSame ? exported : { ...exported, layers: [] };
      const published = {
        ...built,
        ...(told === undefined ? {} : { image: told }),
        described: { subjects, notes },
      };
      found.push(await provenanceOf(published, provenance));
    }
  }
  return found;
}

/**
 * Provenance of the whole image, all platforms and how they came into one archive: what its index is about. It
 * names no subject yet, since BuildKit's layouts change the index once more.
 */
export async function indexEvidence({
  archive,
  provenance,
}: PublishedImage): Promise<Attestation | undefined> {
  if (provenance === undefined) return undefined;
  const described = { subjects: [], notes: [] };
  return provenanceOf({ type: "File", id: await archive.id(), described }, provenance);
}

/** What is said of an index: its provenance, and an SBOM that refers to those of its platforms. */
export async function aboutIndex(
  image: PublishedImage,
  perPlatform: readonly Attestation[],
  provenance: Attestation | undefined,
  digest: string,
): Promise<Attestation[]> {
  const { name, platforms, sbom } = image;
  return [
    ...(sbom === undefined ? [] : [await attestIndexSbom({ name, digest, platforms, ...sbom }, perPlatform)]),
    ...(provenance === undefined ? [] : [about(name, digest, provenance)]),
  ];
}

/** The same attestation about what is published. */
function about(
  name: string,
  digest: string,
  { predicateType, predicate, summary }: Attestation,
): Attestation {
  return new Attestation(predicateType, predicate, [exposeSubject(subjectOf(name, [digest]))], summary);
}

/** Each platform's container with the digest of its manifest. An empty container takes no part in an index. */
async function platformContainers({
  container,
  platformVariants,
  platforms,
}: PublishedImage): Promise<{ readonly container: Container; readonly digest: string }[]> {
  const all =
    platforms.length === platformVariants.length ? platformVariants : [container, ...platformVariants];
  return Promise.all(
    all.map(async (one) => {
      const wanted: string = await one.platform();
      const found =
        platforms.length === 1 ? platforms[0] : platforms.find((each) => isPlatform(each, wanted));
      if (found !== undefined) return { container: one, digest: found.digest };
      throw new AttestError("IMAGE_INVALID", `the image has no platform ${wanted}`, {
        problems: [{ path: "", expected: wanted, got: platforms.map(({ platform }) => platform).join(", ") }],
      });
    }),
  );
}

/** `linux/arm64` and `linux/arm64/v8` are the same. */
function isPlatform({ platform }: ImagePlatform, wanted: string): boolean {
  return platform === wanted || platform.startsWith(`${wanted}/`) || wanted.startsWith(`${platform}/`);
}
