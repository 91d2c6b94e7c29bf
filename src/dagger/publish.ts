/** Publishes a container with its attestations, and believes nothing before it has read it back. */
import { createPublicKey } from "node:crypto";
import { join } from "node:path";

import { dag, type Container } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { attachInLayout, isInline, type AttachLayout } from "../oci/attach/layouts.js";
import { readPublished } from "../oci/published.js";
import { systemTiming } from "../oci/timing.js";
import type { SbomFormat, SbomScanner } from "../sbom/types.js";
import { signStatementFile, type SigningOptions } from "../signing/sign.js";
import { subjectOf } from "../subjects/digests.js";
import { fileDigests } from "../subjects/file.js";
import { imageSubjects, type ImagePlatform, type ImageSubjects } from "../subjects/image.js";
import { parseImageReference, type ImageReference } from "../subjects/reference.js";
import { loadPublicKey, type PublicKey } from "../verification/public-key.js";
import { Attestation } from "./attestation.js";
import { localFile, localImage, scratchDirectory } from "./files.js";
import { provenanceOf, subjectValue, type ProvenanceArguments } from "./provenance.js";
import { credentialsFor, openRepository, type RegistryArguments } from "./registry.js";
import { attestSbom } from "./sbom.js";
import { isSigned, signingOf, type SigningArguments } from "./sign.js";
import { exposeSubject } from "./subject.js";

export type PublishArguments = {
  readonly container: Container;
  readonly address: string;
  readonly platformVariants: Container[];
  readonly sbom: SbomChoice | undefined;
  readonly provenance: ProvenanceArguments | undefined;
  readonly layout: AttachLayout;
  readonly created: string;
  readonly signing: SigningArguments;
  readonly reach: RegistryArguments;
};

export type SbomChoice = {
  readonly scanner: SbomScanner;
  readonly format: SbomFormat;
  readonly images: Readonly<Record<SbomScanner, string>>;
  readonly created: string;
};

/** What was published and read back. */
export type Published = {
  readonly target: ImageReference;
  readonly tag: string;
  readonly digest: string;
  readonly platforms: readonly ImagePlatform[];
  readonly statements: readonly PublishedStatement[];
  /** Paths of the bundles that are attached to it. */
  readonly bundles: readonly string[];
  readonly notes: readonly string[];
};

export type PublishedStatement = {
  readonly path: string;
  readonly predicateType: string;
  /** Digest of the index or manifest that it names first. */
  readonly subject: string;
};

/**
 * Pushes a container, attaches what is said of it, and reads everything back. The digest is computed before;
 * when the registry reports another one, or anything that was meant is not there afterwards, it fails.
 */
export async function publishContainer(given: PublishArguments): Promise<Published> {
  const target = publishTarget(given.address);
  const tag = target.tag ?? "latest";
  const meant = await imageSubjects(await localImage(given.container, given.platformVariants), target.name);
  // All that can fail without the registry comes first: a failure leaves nothing pushed.
  const signing = isSigned(given.signing) ? await signingOf(given.signing) : undefined;
  const attestations = await attestationsOf(given, target, meant);
  const statements = await Promise.all(attestations.map(async (one) => localFile(await one.asFile())));
  assertSameDigest(await push(given, target, tag), meant.digest, target.name);
  const { bundles, key } = await signAll(statements, signing);
  const digest = await attachAll(given, target, tag, meant.digest, statements, bundles);
  const isAttached = bundles.length > 0 || isInline(given.layout);
  await readPublished(
    await openRepository(target, given.reach),
    tag,
    {
      digest,
      platforms: meant.platforms.map((one) => one.digest),
      statements: isAttached ? await Promise.all(statements.map(sha256Of)) : [],
      ...(key === undefined ? {} : { key }),
      now: new Date(),
    },
    await scratchDirectory(),
  );
  const notes = [
    `${target.name}:${tag}@${digest}`,
    ...attestations.map(({ summary }) => summary),
    isAttached || statements.length === 0
      ? `${statements.length} attestation(s) attached (${given.layout}), ${bundles.length} signed; read back`
      : `${statements.length} attestation(s) made; nothing is attached, because nobody signed them`,
  ];
  const described = attestations.map(({ predicateType, subjects }, at) => ({
    path: statements[at] ?? "",
    predicateType,
    subject: subjects[0]?.digests[0] ?? "",
  }));
  return { target, tag, digest, platforms: meant.platforms, statements: described, bundles, notes };
}

function publishTarget(address: string): ImageReference {
  const target = parseImageReference(address);
  if (target.digest === undefined) return target;
  throw new AttestError("ARGUMENT_INVALID", "an image is published under a name and a tag", {
    problems: [{ path: "address", expected: "registry/repository[:tag]", got: address }],
    next: "Leave the digest out: it comes of the image.",
  });
}

async function attestationsOf(
  given: PublishArguments,
  target: ImageReference,
  meant: ImageSubjects,
): Promise<Attestation[]> {
  const { sbom, provenance } = given;
  if (sbom === undefined && provenance === undefined) return [];
  const found: Attestation[] = [];
  for (const { container, digest } of await platformContainers(given, meant)) {
    if (sbom !== undefined) found.push(await sbomAbout(container, target.name, digest, sbom));
    if (provenance !== undefined)
      found.push(await provenanceAbout(container, target.name, digest, provenance));
  }
  return found;
}

/** Provenance of a container about the manifest that is published of it. */
async function provenanceAbout(
  container: Container,
  name: string,
  digest: string,
  choice: ProvenanceArguments,
): Promise<Attestation> {
  const value = await subjectValue({ container, directory: undefined, file: undefined }, name);
  const described = { subjects: [subjectOf(name, [digest])], notes: value.described.notes };
  return provenanceOf({ ...value, described }, choice);
}

/** An SBOM of a container about the manifest that was, or will be, published of it. */
async function sbomAbout(
  container: Container,
  name: string,
  digest: string,
  choice: SbomChoice,
): Promise<Attestation> {
  const made = await attestSbom({ ...choice, container, directory: undefined, file: undefined, name });
  const subject = exposeSubject(subjectOf(name, [digest]));
  return new Attestation(made.predicateType, made.predicate, [subject], made.summary);
}

/** Each platform's container with the digest of its manifest. An empty container takes no part in an index. */
async function platformContainers(
  { container, platformVariants }: Pick<PublishArguments, "container" | "platformVariants">,
  { platforms }: Pick<ImageSubjects, "platforms">,
): Promise<{ readonly container: Container; readonly platform: string; readonly digest: string }[]> {
  const all =
    platforms.length === platformVariants.length ? platformVariants : [container, ...platformVariants];
  return Promise.all(
    all.map(async (one) => {
      const wanted: string = await one.platform();
      const found =
        platforms.length === 1 ? platforms[0] : platforms.find((each) => isPlatform(each, wanted));
      if (found !== undefined) return { container: one, ...found };
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

/** Pushes by the engine; returns the digest that it reports. */
async function push(given: PublishArguments, target: ImageReference, tag: string): Promise<string> {
  const { platformVariants, reach } = given;
  const { registryService } = reach;
  const container = await withCredentials(given.container, target.registry, reach);
  const reference = await container.publish(`${target.name}:${tag}`, {
    ...(platformVariants.length === 0 ? {} : { platformVariants }),
    ...(registryService ? { registryService } : {}),
  });
  return parseImageReference(reference).digest ?? "";
}

async function withCredentials(
  container: Container,
  registry: string,
  reach: RegistryArguments,
): Promise<Container> {
  const credentials = await credentialsFor(registry, reach);
  if (credentials === undefined) return container;
  if (credentials.kind !== "password") {
    throw new AttestError("ARGUMENT_INVALID", `the engine can't push to ${registry} with a token alone`, {
      next: "Give a user name and a password for the registry.",
    });
  }
  const secret = reach.password ?? dag.setSecret(`attest-registry-${registry}`, credentials.password);
  return container.withRegistryAuth(registry, credentials.username, secret);
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

/** Signs each statement; tells the key where a bare one signed. */
async function signAll(
  statements: readonly string[],
  signing: SigningOptions | undefined,
): Promise<{ readonly bundles: string[]; readonly key?: PublicKey }> {
  if (signing === undefined) return { bundles: [] };
  const keys: PublicKey[] = [];
  const signer: SigningOptions["signer"] = {
    sign: async (message) => {
      const signature = await signing.signer.sign(message);
      const { identity } = signature;
      if (identity.kind === "public-key") keys.push(publicKeyOf(identity.spki));
      return signature;
    },
  };
  const bundles: string[] = [];
  for (const statement of statements) {
    const path = join(await scratchDirectory(), "statement.sigstore.json");
    await signStatementFile(statement, path, { ...signing, signer });
    bundles.push(path);
  }
  const [key] = keys;
  return key === undefined ? { bundles } : { bundles, key };
}

function publicKeyOf(spki: Buffer): PublicKey {
  const key = createPublicKey({ key: spki, format: "der", type: "spki" });
  return loadPublicKey(key.export({ format: "pem", type: "spki" }).toString());
}

/** Attaches everything; returns the image's digest, which BuildKit's layouts change. */
async function attachAll(
  { layout, created, reach }: PublishArguments,
  target: ImageReference,
  tag: string,
  digest: string,
  statements: readonly string[],
  bundles: readonly string[],
): Promise<string> {
  const store = await openRepository(target, reach);
  const options = { created, timing: systemTiming(), tag };
  if (!isInline(layout)) {
    await attachInLayout(store, digest, bundles, layout, options);
    return digest;
  }
  const image = await attachInLayout(store, digest, statements, layout, options);
  // Their layout has no room for signatures.
  await attachInLayout(store, image.digest, bundles, "referrer", options);
  return image.digest;
}

async function sha256Of(path: string): Promise<string> {
  return (await fileDigests(path))["sha256"] ?? "";
}
