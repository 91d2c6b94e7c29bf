/** Publishes a container with its attestations, and believes nothing before it has read it back. */
import { stat } from "node:fs/promises";

import type { Container, File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { assertRoom, attachInLayout, isInline, type AttachLayout } from "../oci/attach/layouts.js";
import { assertReached } from "../oci/reached.js";
import { awaitPushed, readPublished } from "../oci/published.js";
import type { SignerTrust } from "../oci/signature.js";
import { systemTiming } from "../oci/timing.js";
import { imageSubjects, type ImagePlatform } from "../subjects/image.js";
import { parseImageReference, type ImageReference } from "../subjects/reference.js";
import { imageArchive, localImage, scratchDirectory } from "./files.js";
import type { ProvenanceArguments } from "./provenance.js";
import { aboutIndex, aboutPlatforms, indexEvidence, type SbomChoice } from "./publish-attestations.js";
import { publishSigning, signStatements } from "./publish-signing.js";
import { engineReaches, pushByEngine, pushExported } from "./push.js";
import { openRepositories, readAccess, type RegistryArguments, type Repositories } from "./registry.js";
import type { SigningArguments } from "./sign.js";
import { pathsOf, statementFiles, type StatementFile } from "./statement-files.js";

export type PublishArguments = {
  readonly container: Container;
  readonly address: string;
  readonly platformVariants: Container[];
  readonly sbom: SbomChoice | undefined;
  readonly provenance: ProvenanceArguments | undefined;
  readonly layout: AttachLayout;
  readonly created: string;
  readonly signing: SigningArguments;
  readonly trustedRoot: File | undefined;
  readonly reach: RegistryArguments;
};

/** What was published and read back. */
export type Published = {
  readonly target: ImageReference;
  readonly tag: string;
  readonly digest: string;
  readonly platforms: readonly ImagePlatform[];
  /** Each with the digest of the index or manifest that it names first. */
  readonly statements: readonly StatementFile[];
  /** Paths of the bundles that are attached to it. */
  readonly bundles: readonly string[];
  readonly notes: readonly string[];
};

/**
 * Pushes a container, attaches what is said of it, and reads everything back. The digest is computed before;
 * when the registry reports another one, or anything that was meant is not there afterwards, it fails.
 */
export async function publishContainer(given: PublishArguments): Promise<Published> {
  const { layout, reach } = given;
  const target = publishTarget(given.address);
  const tag = target.tag ?? "latest";
  // All that can fail before the registry is written to comes first: a failure leaves nothing pushed.
  const access = await readAccess(reach);
  const repositories = await openRepositories(target, reach, access);
  const { store, apart } = repositories;
  await assertReached(store, tag);
  const archive = imageArchive(given.container, given.platformVariants);
  const exported = await localImage(given.container, given.platformVariants);
  const meant = await imageSubjects(exported, target.name);
  const image = { ...given, archive, name: target.name, platforms: meant.platforms };
  const signing = await publishSigning(given.signing, given.trustedRoot);
  assertRoom(layout, signing?.options.witnesses);
  const perPlatform = await aboutPlatforms(image);
  const hasIndex = meant.platforms.every(({ digest }) => digest !== meant.digest) || isInline(layout);
  const evidence = hasIndex ? await indexEvidence(image) : undefined;
  const inline = await statementFiles(perPlatform);
  assertRoom(layout, [], await sizesOf(pathsOf(inline)));
  const asking = access(target);
  const pushed = engineReaches(reach, asking)
    ? await pushByEngine(given, target, tag, asking)
    : await pushExported(exported, meant.digest, store, tag);
  assertSameDigest(pushed, meant.digest, target.name);

  await awaitPushed(store, meant.digest, systemTiming());
  const options = { created: given.created, timing: systemTiming(), tag, apart };
  const { digest } = isInline(layout)
    ? await attachInLayout(store, meant.digest, pathsOf(inline), layout, options)
    : meant;
  // Only now: BuildKit's layouts change the index that these are about.
  const isIndex = meant.platforms.every((one) => one.digest !== digest);
  const ofIndex = isIndex ? await aboutIndex(image, perPlatform, evidence, digest) : [];
  const statements = [...(await statementFiles(ofIndex)), ...inline];
  const { bundles, trust } = await signStatements(pathsOf(statements), signing);
  // BuildKit's layouts have no room for signatures.
  if (bundles.length > 0)
    await attachInLayout(store, digest, bundles, isInline(layout) ? "referrer" : layout, options);
  const attached = bundles.length > 0 ? statements : isInline(layout) ? inline : [];
  await readBack(repositories, tag, digest, meant.platforms, attached, bundles.length > 0, trust);
  const notes = [
    `${target.name}:${tag}@${digest}`,
    ...[...ofIndex, ...perPlatform].map(({ summary }) => summary),
    attachedNote(statements.length, attached.length, layout, bundles.length, trust !== undefined),
  ];
  return { target, tag, digest, platforms: meant.platforms, statements, bundles, notes };
}

async function sizesOf(paths: readonly string[]): Promise<number[]> {
  return (await Promise.all(paths.map((path) => stat(path)))).map(({ size }) => size);
}

function publishTarget(address: string): ImageReference {
  const target = parseImageReference(address);
  if (target.digest === undefined) return target;
  throw new AttestError("ARGUMENT_INVALID", "an image is published under a name and a tag", {
    problems: [{ path: "address", expected: "registry/repository[:tag]", got: address }],
    next: "Leave the digest out: it comes of the image.",
  });
}

function assertSameDigest(reported: string, expected: string, name: string): void {
  if (reported === expected) return;
  throw new AttestError(
    "DIGEST_MISMATCH",
    `${name} was pushed with another digest than was computed before`,
    {
      problems: [{ path: "digest", expected, got: reported || "none" }],
      next: "Nothing was attached. Publish again: the engine may have rebuilt a layer that is not reproducible.",
    },
  );
}

async function readBack(
  { store, apart }: Repositories,
  tag: string,
  digest: string,
  platforms: readonly ImagePlatform[],
  attached: readonly StatementFile[],
  areSigned: boolean,
  trust: SignerTrust | undefined,
): Promise<void> {
  const expected = {
    digest,
    platforms: platforms.map((one) => one.digest),
    statements: attached.map(({ sha256 }) => sha256),
    areSigned,
    ...(trust === undefined ? {} : { trust }),
    now: new Date(),
  };
  await readPublished(store, tag, expected, await scratchDirectory(), systemTiming(), apart);
}

function attachedNote(
  made: number,
  attached: number,
  layout: AttachLayout,
  signed: number,
  isVerified: boolean,
): string {
  if (made > 0 && attached === 0)
    return `${made} attestation(s) made; nothing is attached, because nobody signed them`;
  const verified = isVerified
    ? "read back and verified"
    : "read back, not verified: no trusted root is given";
  return `${attached} attestation(s) attached (${layout}), ${signed} signed; ${signed === 0 ? "read back" : verified}`;
}
