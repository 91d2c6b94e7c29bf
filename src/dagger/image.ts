import { basename, join } from "node:path";

import { dag, func, object, type Directory, type File, type Secret, type Service } from "@dagger.io/dagger";

import { choosePlatform } from "../oci/choose-platform.js";
import { assertRoom, attachInLayout, isInline } from "../oci/attach/layouts.js";
import { copyImage, type CopyResult } from "../oci/copy/copy.js";
import { copySummary } from "../oci/copy/summary.js";
import { copyTarget } from "../oci/copy/target.js";
import { packLayout } from "../oci/layout/archive.js";
import { openLayout } from "../oci/layout/open.js";
import { listCosignTags } from "../oci/read/cosign-tags.js";
import { listAttachments } from "../oci/read/list.js";
import { assertNone } from "../oci/read/unread.js";
import { attachmentTree } from "../oci/read/tree.js";
import { heldApart, type Attachment, type Listing } from "../oci/read/types.js";
import type { ContentStore } from "../oci/store.js";
import { systemTiming } from "../oci/timing.js";
import { notSignedBy, withoutSignature, type StatementAbout } from "../oci/signature.js";
import { imageEvidence } from "../oci/verify.js";
import { AttestError } from "../error.js";
import type { SigningOptions } from "../signing/sign.js";
import { parseImageReference } from "../subjects/reference.js";
import type { Attestation } from "./attestation.js";
import { publicKeyFromSpki } from "../verification/public-key.js";
import { exposeAttachment, type AttestAttachment } from "./attachment.js";
import { localDirectory, localFile, returnedDirectory, returnedFile, scratchDirectory } from "./files.js";
import {
  AttestLayout,
  AttestSbomFormat,
  AttestScanFormat,
  AttestScanner,
  type AttestSeverity,
} from "./enums.js";
import { assertSignature, imageTarget, noTarget, type SbomKind } from "./image-scan.js";
import { attestIndexSbom } from "./index-sbom.js";
import type { AttestPlatform } from "./platform.js";
import { openApart, openRepositories, type RegistryArguments, type Repositories } from "./registry.js";
import { attestSbom } from "./sbom.js";
import type { ScannerImages } from "./scan.js";
import { isSigned, signingOf, signPaths } from "./sign.js";
import { pathsOf, statementFiles } from "./statement-files.js";
import type { AttestVerification } from "./verification.js";
import { requirementOf, verifyInputs, type VerifyArguments } from "./verify.js";
import { attestVulnerabilities } from "./vulnerabilities.js";

/**
 * An image in a registry or in an OCI layout, with everything that is attached to it. A tag was resolved once,
 * when the image was named; everything here goes by the digest.
 */
@object()
export class AttestImage {
  /** Registry and repository, as in `ghcr.io/example/app`; "layout" for an image in an OCI layout. */
  @func()
  name: string;

  /** The image by digest: `name@sha256:...`. */
  @func()
  reference: string;

  /** Digest of its index or only manifest. */
  @func()
  digest: string;

  /** The platforms that it is for. */
  @func()
  platforms: AttestPlatform[];

  /** The repository that keeps what is attached to it, where that is another one; "" where it is not. */
  @func()
  attestationRepository: string;

  /**
   * Digests that an index or a list of referrers names and that the place it was copied from did not hold: the copy lacks
   * them too. Empty for what was not copied.
   */
  @func()
  absent: string[];

  /** Which image it is, and what was copied, in a few lines for people. */
  @func()
  summary: string;

  /** The OCI layout that holds it; empty for an image in a registry, which `asLayout` brings into one. */
  @func()
  layout: Directory;

  // How to reach it: state of this object alone, and only what was given.
  isLayout: boolean;
  tag: string;
  plainHttp: boolean;
  username?: string;
  password?: Secret;
  dockerConfig?: Secret;
  ca?: File;
  registryService?: Service;
  // The images that scanners run from.
  syftImage: string;
  trivyImage: string;

  constructor(
    name: string,
    digest: string,
    tag: string,
    platforms: AttestPlatform[],
    layout: Directory,
    isLayout: boolean,
    syftImage: string,
    trivyImage: string,
    plainHttp: boolean = false,
    username?: string,
    password?: Secret,
    dockerConfig?: Secret,
    ca?: File,
    registryService?: Service,
    attestationRepository: string = "",
    absent: string[] = [],
    copied: string = "",
  ) {
    this.name = name;
    this.reference = `${name}@${digest}`;
    this.digest = digest;
    this.tag = tag;
    this.platforms = platforms;
    this.layout = layout;
    this.isLayout = isLayout;
    this.syftImage = syftImage;
    this.trivyImage = trivyImage;
    this.plainHttp = plainHttp;
    // What was not given is left out: a field of Dagger's can't be null.
    if (username) this.username = username;
    if (password) this.password = password;
    if (dockerConfig) this.dockerConfig = dockerConfig;
    if (ca) this.ca = ca;
    if (registryService) this.registryService = registryService;
    this.attestationRepository = attestationRepository;
    this.absent = absent;
    const named = `${name}${tag === "" ? "" : `:${tag}`}@${digest}: ${platforms.length} platform(s)`;
    this.summary = [named, copied].filter((line) => line !== "").join("\n");
  }

  /**
   * Lists every attestation of the image and of its platforms, from every place where one may be.
   * Each is listed once: Sigstore bundles and bare statements as OCI 1.1 referrers, the fallback tag of
   * registries without a referrers API, the `.att` tag of older cosign versions, BuildKit's own layouts, and
   * OCI layouts. A place that can't be read is an error (REGISTRY_FAILED), never an empty list; so is a list in which
   * nothing was found while entries of it can't be read (IMAGE_INVALID).
   *
   * @param predicateType Only those of this type, to the letter. Default: all
   * @param signed Only those that carry a signature, whoever's it is: each of them has a `bundle`
   */
  @func({ cache: "never" })
  async attestations(predicateType?: string, signed: boolean = false): Promise<AttestAttachment[]> {
    const listing = await this.list();
    const wanted = listing.attachments.filter(
      ({ header, isSigned }) =>
        (!predicateType || header.predicateType === predicateType) && (isSigned || !signed),
    );
    if (wanted.length === 0) assertNone(listing);
    return Promise.all(wanted.map((one) => exposeAttachment(one, heldApart(one, listing))));
  }

  /** What is attached and is no attestation of this image, or can't be read, with the reason: one line each. */
  @func({ cache: "never" })
  async skipped(): Promise<string[]> {
    const { skipped } = await this.list();
    return skipped.map(({ place, digest, reason }) => `${digest || "no digest"} (${place}): ${reason}`);
  }

  /**
   * Draws what is attached to the image, for people: text of at most 80 columns.
   * Signatures of the image and SBOMs that older cosign versions keep at the tags `.sig` and `.sbom` are shown too;
   * they are no attestations.
   */
  @func({ cache: "never" })
  async tree(): Promise<string> {
    const { store, apart } = await this.open();
    const listing = await listAttachments(store, this.digest, await scratchDirectory(), apart);
    return attachmentTree(listing, this.name, await listCosignTags(store, listing, apart));
  }

  /**
   * Attaches signed bundles to whatever they are about: the index, platforms of it, or both.
   * The image keeps its digest, but for BuildKit's layouts. What is attached already is left as it is, and
   * writers may run side by side. A bundle about something else is refused (ARGUMENT_INVALID) before anything is
   * written. To an OCI layout it gives the changed layout; nothing is pushed.
   *
   * @param bundles Files of Sigstore bundles; BuildKit's layouts take statements too
   * @param layout Where they are kept
   * @param created The time that the manifests say they were made, RFC 3339 in UTC. Default: the epoch, so
   * that the same bundle is the same manifest everywhere
   */
  @func({ cache: "session" })
  async attach(
    bundles: File[],
    layout: AttestLayout = AttestLayout.REFERRER,
    created: string = "1970-01-01T00:00:00Z",
  ): Promise<AttestImage> {
    return this.attachPaths(await Promise.all(bundles.map(localFile)), layout, created);
  }

  /**
   * Makes an SBOM of the image as it is there: its subject is the manifest that the registry or layout holds.
   * That is the digest to attach to. (An SBOM of a container is about the manifest that publishing it makes, which
   * no registry has yet.) The scanner works as in `sbom` of the module.
   *
   * Example: dagger call image --reference=ghcr.io/example/app:1.0 sbom as-file export --path=sbom.intoto.json
   *
   * @param platform Of this platform, as in linux/arm64; needed where there are several (ARGUMENT_INVALID)
   * @param name Name of the subject. Default: the image's name
   * @param scanner SYFT or TRIVY
   * @param format SPDX_JSON (2.3) or CYCLONEDX_JSON (1.6 from Syft, 1.7 from Trivy)
   * @param created The time that the SBOM says it was made, RFC 3339 in UTC. Default: the epoch
   */
  @func({ cache: "session" })
  async sbom(
    platform?: string,
    name?: string,
    scanner: AttestScanner = AttestScanner.SYFT,
    format: AttestSbomFormat = AttestSbomFormat.SPDX_JSON,
    created: string = "1970-01-01T00:00:00Z",
  ): Promise<Attestation> {
    const { digest } = choosePlatform(this.platforms, platform);
    const { store } = await this.open();
    return this.sbomOf(store, digest, name, { scanner, format, created });
  }

  /**
   * Makes an attestation of the known vulnerabilities of the image as it is there, by Trivy.
   * Its subject is the manifest that the registry or layout holds. See `vulnerabilities` of the module.
   *
   * @param platform Of this platform, as in linux/arm64; needed where there are several (ARGUMENT_INVALID)
   * @param name Name of the subject. Default: the image's name
   * @param format IN_TOTO (https://in-toto.io/attestation/vulns/v0.2) or COSIGN
   * (https://cosign.sigstore.dev/attestation/vuln/v1, the whole report)
   * @param database Trivy's cache directory, as `trivy image --download-db-only --cache-dir` fills it
   * @param vex OpenVEX documents (JSON) that you believe: what they answer is no finding. IN_TOTO alone
   */
  @func({ cache: "session" })
  async vulnerabilities(
    platform?: string,
    name?: string,
    format: AttestScanFormat = AttestScanFormat.IN_TOTO,
    database?: Directory,
    vex: File[] = [],
  ): Promise<Attestation> {
    const { digest } = choosePlatform(this.platforms, platform);
    const { store } = await this.open();
    const image = imageTarget(store, digest, this.subjectName());
    const given = { name, report: undefined, format, database, databaseUpdated: undefined, vex };
    const { trivyImage } = this;
    return attestVulnerabilities({ ...noTarget, ...given, image, trivyImage });
  }

  /**
   * Makes an SBOM of each platform of the image, signs it and attaches it: an image that is there gets what it lacks.
   * The subject of each is the platform's manifest; one more is about the index and refers to them. With `key`, or without one by an identity, as in `sign` of an
   * attestation; unsigned in BuildKit's layouts alone, which have no signatures. What the same key has signed and
   * attached already is left as it is.
   *
   * Example: dagger call image --reference=ghcr.io/example/app:1.0 attach-sbom --key=file:cosign.key tree
   *
   * @param platform Of this platform alone, as in linux/arm64. Default: of each
   * @param scanner SYFT or TRIVY
   * @param format SPDX_JSON (2.3) or CYCLONEDX_JSON (1.6 from Syft, 1.7 from Trivy)
   * @param layout Where the attestations are kept
   * @param created The time that SBOM and manifests say they were made, RFC 3339 in UTC. Default: the epoch
   * @param key The private key: PEM in PKCS #8, SEC1 or PKCS #1, or cosign's encrypted key
   * @param passphrase The key's passphrase, where it has one
   * @param identityToken An OpenID Connect token for keyless signing, audience `sigstore`
   * @param tokenRequestUrl Where a CI job asks for such a token (GitHub's ACTIONS_ID_TOKEN_REQUEST_URL)
   * @param tokenRequestToken The token to ask with (GitHub's ACTIONS_ID_TOKEN_REQUEST_TOKEN)
   * @param fulcioUrl Certificate authority. Default: Sigstore's public one
   * @param rekorUrl Transparency log. Default: Sigstore's public one
   * @param rekorVersion Version of the log's API, 1 or 2
   * @param timestampUrl Timestamp authority (RFC 3161)
   * @param signingConfig Sigstore signing configuration (JSON) in the place of these addresses
   */
  @func({ cache: "session" })
  async attachSbom(
    platform?: string,
    scanner: AttestScanner = AttestScanner.SYFT,
    format: AttestSbomFormat = AttestSbomFormat.SPDX_JSON,
    layout: AttestLayout = AttestLayout.REFERRER,
    created: string = "1970-01-01T00:00:00Z",
    key?: Secret,
    passphrase?: Secret,
    identityToken?: Secret,
    tokenRequestUrl?: string,
    tokenRequestToken?: Secret,
    fulcioUrl?: string,
    rekorUrl?: string,
    rekorVersion?: number,
    timestampUrl?: string,
    signingConfig?: File,
  ): Promise<AttestImage> {
    const given = {
      key,
      passphrase,
      identityToken,
      tokenRequestUrl,
      tokenRequestToken,
      fulcioUrl,
      rekorUrl,
      rekorVersion,
      timestampUrl,
      signingConfig,
    };
    assertSignature(given, layout);
    const signing = isSigned(given) ? await signingOf(given) : undefined;
    assertRoom(layout, signing?.witnesses);
    const wanted = platform ? [choosePlatform(this.platforms, platform)] : onceEach(this.platforms);
    const { store } = await this.open();
    const perPlatform: Attestation[] = [];
    for (const { digest } of wanted)
      perPlatform.push(await this.sbomOf(store, digest, undefined, { scanner, format, created }));
    const statements = await statementFiles(perPlatform);
    const image = isInline(layout) ? await this.attachPaths(pathsOf(statements), layout, created) : this;
    if (signing === undefined) return image;
    const ofIndex = platform ? [] : await image.indexSboms({ format, created }, perPlatform);
    const signedLayout = isInline(layout) ? AttestLayout.REFERRER : layout;
    const missing = await image.missing([...ofIndex, ...statements], signing, signedLayout);
    return missing.length === 0
      ? image
      : image.attachPaths(await signPaths(missing, signing), signedLayout, created);
  }

  /**
   * Signs the attestations of the image that nobody signed, as BuildKit makes them, and attaches the bundles.
   * The statements stay byte for byte what they were, and so does the image. With `key`, or without one by an
   * identity, as in `sign` of an attestation. What the same key has signed already is left as it is, if that
   * signature holds: statement and signer are compared, since two ECDSA signatures of one statement differ.
   * Without a key it is signed at each call: every certificate is another one.
   *
   * @param key The private key: PEM in PKCS #8, SEC1 or PKCS #1, or cosign's encrypted key
   * @param passphrase The key's passphrase, where it has one
   * @param identityToken An OpenID Connect token for keyless signing, audience `sigstore`
   * @param tokenRequestUrl Where a CI job asks for such a token (GitHub's ACTIONS_ID_TOKEN_REQUEST_URL)
   * @param tokenRequestToken The token to ask with (GitHub's ACTIONS_ID_TOKEN_REQUEST_TOKEN)
   * @param fulcioUrl Certificate authority. Default: Sigstore's public one
   * @param rekorUrl Transparency log. Default: Sigstore's public one
   * @param rekorVersion Version of the log's API, 1 or 2
   * @param timestampUrl Timestamp authority (RFC 3161)
   * @param signingConfig Sigstore signing configuration (JSON) in the place of these addresses
   * @param predicateType Only attestations of this type. Default: all
   * @param again Sign what this key has signed already, too
   */
  @func({ cache: "session" })
  async sign(
    key?: Secret,
    passphrase?: Secret,
    identityToken?: Secret,
    tokenRequestUrl?: string,
    tokenRequestToken?: Secret,
    fulcioUrl?: string,
    rekorUrl?: string,
    rekorVersion?: number,
    timestampUrl?: string,
    signingConfig?: File,
    predicateType?: string,
    again: boolean = false,
  ): Promise<AttestImage> {
    const signing = await signingOf({
      key,
      passphrase,
      identityToken,
      tokenRequestUrl,
      tokenRequestToken,
      fulcioUrl,
      rekorUrl,
      rekorVersion,
      timestampUrl,
      signingConfig,
    });
    const { attachments } = await this.list();
    const wanted = attachments.filter(
      ({ header }) => !predicateType || header.predicateType === predicateType,
    );
    const unsigned = wanted.filter(({ isSigned }) => !isSigned);
    assertAny(unsigned.length, this.reference);
    const { identity } = signing.signer;
    const missing =
      again || identity?.kind !== "public-key"
        ? unsigned
        : await withoutSignature(
            wanted.filter((one) => !one.isSigned || this.isWhereAttached(one)),
            publicKeyFromSpki(identity.spki),
            new Date(),
          );
    const paths = [...new Set(await Promise.all(missing.map((one) => one.save())))];
    if (paths.length === 0) return this;
    return this.attachPaths(await signPaths(paths, signing), AttestLayout.REFERRER, "1970-01-01T00:00:00Z");
  }

  /**
   * Answers whether the image is what trusted signers say of it in the bundles attached to it, and whether that is enough.
   * Only attestations about the digest that was asked for count: of the index, or of the platform. Bad evidence
   * is no error but a verdict that fails, with its reasons; `assert` turns it into an error. A place that can't be read
   * is an error. What may be expected besides is the same as for `verify` of the module.
   *
   * @param keys Trusted public keys in PEM: any of them may have signed
   * @param identity Trusted certificate identity, exactly: an e-mail address or the URI of a workflow
   * @param identityPattern The same as a regular expression, matched from the first to the last character
   * @param issuer Who vouches for the identity, exactly; needed with an identity
   * @param issuerPattern The same as a regular expression, matched from the first to the last character
   * @param trustedRoot Sigstore trusted root (JSON). Default with an identity: Sigstore's public good
   * instance as of this release; `trusted-root` fetches the present one
   * @param predicateType Only attestations of this type count. Default: any
   * @param platform Verify this platform's manifest, as in linux/arm64. Default: the image's own digest
   * @param all Every bundle has to hold. Default: any one is enough
   * @param signers At least so many different signers have to hold. Default: no such threshold
   * @param policy Policy file (YAML, with CEL expressions): see docs/policy.md
   * @param vex OpenVEX documents (JSON) that you believe: they answer findings
   * @param builderId Provenance has to name this builder, exactly
   * @param buildType Provenance has to be of this build type, exactly
   * @param sourceUri The build has to have been started on this source, exactly
   * @param sourceRef And on this ref of it, as in refs/tags/v1.2.0
   * @param requiredTypes An attestation of each of these predicate types has to be there
   * @param maxAgeDays Only what was signed within so many days counts, by a timestamp or log
   * @param noFindingsFrom No scan may show a finding of this severity or above that no VEX answers
   * @param clock The time to judge at, RFC 3339 in UTC. Default: now
   * @param logEntries Entries of a transparency log that have to be there. Default: 1 with an identity
   * @param timestamps Times of signing that someone vouches for. Default: 1 with an identity
   * @param certificateLogs Proofs that the certificate's issue was logged. Default: 1
   */
  @func({ cache: "never" })
  async verify(
    keys: File[] = [],
    identity?: string,
    identityPattern?: string,
    issuer?: string,
    issuerPattern?: string,
    trustedRoot?: File,
    predicateType?: string,
    platform?: string,
    all: boolean = false,
    signers?: number,
    policy?: File,
    vex: File[] = [],
    builderId?: string,
    buildType?: string,
    sourceUri?: string,
    sourceRef?: string,
    requiredTypes: string[] = [],
    maxAgeDays?: number,
    noFindingsFrom?: AttestSeverity,
    clock?: string,
    logEntries?: number,
    timestamps?: number,
    certificateLogs?: number,
  ): Promise<AttestVerification> {
    const trust = {
      signers: { keys, identity, identityPattern, issuer, issuerPattern },
      trustedRoot,
      predicateType,
      requirement: requirementOf(all, signers),
      logEntries,
      timestamps,
      certificateLogs,
      clock,
    };
    const expected = {
      policy,
      vex,
      builderId,
      buildType,
      sourceUri,
      sourceRef,
      requiredTypes,
      maxAgeDays,
      noFindingsFrom,
    };
    return this.judge({ ...trust, ...expected }, platform);
  }

  /**
   * Copies the image, all its platforms and everything attached to them to another repository.
   * No digest changes, and nothing is lost: referrers of every kind, tags of older cosign versions, BuildKit's
   * manifests. The tag is set last. Called again after a failure it continues. With a key or an identity, the image
   * is verified first, and nothing is copied when it does not hold (VERIFICATION_FAILED).
   *
   * @param to Where to: registry/repository[:tag]. Default of the tag: the one that this image was named by
   * @param username User name for the target. Default: this image's credentials, where the registry is the same
   * @param password Password or token for the target
   * @param dockerConfig Docker's config.json with credentials for the target. Default: the one given for this image
   * @param ca Certificate authority of the target (PEM)
   * @param plainHttp Speak plain http to the target; loopback addresses need no such word
   * @param registryService The target as a service of this session
   * @param attestationRepository Where what is attached goes, if not to the same repository as the image. The tags of
   * older cosign versions go there too; BuildKit's attestations are part of the image
   * @param keys Copy only if one of these public keys signed an attestation of the image
   * @param identity Copy only if this certificate identity signed one
   * @param identityPattern The same as a regular expression
   * @param issuer Who vouches for the identity
   * @param issuerPattern The same as a regular expression
   * @param trustedRoot Sigstore trusted root (JSON)
   * @param predicateType Only attestations of this type count
   * @param policy Copy only if this policy holds: see docs/policy.md
   */
  @func({ cache: "never" })
  async copy(
    to: string,
    username?: string,
    password?: Secret,
    dockerConfig?: Secret,
    ca?: File,
    plainHttp: boolean = false,
    registryService?: Service,
    keys: File[] = [],
    identity?: string,
    identityPattern?: string,
    issuer?: string,
    issuerPattern?: string,
    trustedRoot?: File,
    predicateType?: string,
    policy?: File,
    attestationRepository?: string,
  ): Promise<AttestImage> {
    const target = copyTarget(to, this.digest);
    const signers = { keys, identity, identityPattern, issuer, issuerPattern };
    const requirement = requirementOf(false, undefined);
    if (keys.length > 0 || identity || identityPattern || issuer || issuerPattern || predicateType || policy)
      (await this.judge({ signers, trustedRoot, predicateType, requirement, policy })).assert();
    const isSame = !this.isLayout && target.registry === parseImageReference(this.name).registry;
    const given: ImageReach =
      isSame && !username && !dockerConfig && !ca && !registryService
        ? { ...this.reach(), attestationRepository }
        : {
            username,
            password,
            dockerConfig: dockerConfig ?? this.dockerConfig,
            ca,
            plainHttp,
            registryService,
            attestationRepository,
            syftImage: this.syftImage,
            trivyImage: this.trivyImage,
          };
    const { store, apart } = await this.open();
    const tag = target.tag ?? this.tag;
    const { store: copy, apart: attachTo } = await openRepositories(target, given);
    const copied = await copyImage(store, this.digest, copy, {
      timing: systemTiming(),
      tags: tag === "" ? [] : [tag],
      directory: await scratchDirectory(),
      attachedIn: apart,
      attachTo,
    });
    return imageInRegistry(target.name, this.digest, tag, this.platforms, given, copied);
  }

  /** The image with everything attached to it as an OCI layout directory. */
  @func({ cache: "never" })
  async asLayout(): Promise<Directory> {
    const isWhole = this.isLayout && this.attestationRepository === "";
    return isWhole ? this.layout : returnedDirectory(await this.copyToLayout());
  }

  /**
   * The image with everything attached to it as an OCI archive.
   * The same content gives the same bytes.
   *
   * @param fileName Name of the file, without a path
   */
  @func({ cache: "never" })
  async asArchive(fileName: string = "image.oci.tar"): Promise<File> {
    const path = join(await scratchDirectory(), basename(fileName));
    await packLayout(await this.copyToLayout(), path);
    return returnedFile(path);
  }

  /** What attestations that are made of it call it. */
  private subjectName(): string {
    return this.isLayout ? "image" : this.name;
  }

  private async sbomOf(
    store: ContentStore,
    digest: string,
    name: string | undefined,
    choice: SbomKind,
  ): Promise<Attestation> {
    const images = { syft: this.syftImage, trivy: this.trivyImage };
    const image = imageTarget(store, digest, this.subjectName());
    return attestSbom({ ...noTarget, ...choice, name, image, images });
  }

  /** The SBOM of the index, where the image has one: a single manifest has none. */
  private async indexSboms(
    kind: Pick<SbomKind, "format" | "created">,
    perPlatform: Attestation[],
  ): Promise<StatementAbout[]> {
    const { digest, platforms } = this;
    if (platforms.some((one) => one.digest === digest)) return [];
    const index = { name: this.subjectName(), digest, platforms, ...kind };
    return statementFiles([await attestIndexSbom(index, perPlatform)]);
  }

  /** Those of the statements that the same key has not signed and attached in this layout. */
  private async missing(
    statements: StatementAbout[],
    signing: SigningOptions,
    layout: AttestLayout,
  ): Promise<string[]> {
    const { identity } = signing.signer;
    if (identity?.kind !== "public-key") return pathsOf(statements);
    const isTag = layout === AttestLayout.COSIGN_TAG;
    const { attachments } = await this.list();
    const there = attachments
      .filter(({ places }) => places.some((one) => (one === "cosign-tag") === isTag))
      .filter((one) => this.isWhereAttached(one));
    return pathsOf(await notSignedBy(statements, there, publicKeyFromSpki(identity.spki), new Date()));
  }

  /** Whether it lies where new attestations go: what lies elsewhere is not found by those who look there alone. */
  private isWhereAttached({ repositories }: Attachment): boolean {
    const { attestationRepository } = this;
    return (
      attestationRepository === "" || repositories.includes(parseImageReference(attestationRepository).name)
    );
  }

  private async open(): Promise<OpenImage> {
    if (!this.isLayout) return openRepositories(parseImageReference(this.name), this);
    const directory = await localDirectory(this.layout);
    const store = await openLayout(directory, { timing: systemTiming(), name: "the layout" });
    return { directory, store, apart: await openApart(this) };
  }

  private async list(): Promise<Listing> {
    const { store, apart } = await this.open();
    return listAttachments(store, this.digest, await scratchDirectory(), apart);
  }

  private async attachPaths(paths: string[], layout: AttestLayout, created: string): Promise<AttestImage> {
    const { store, directory, apart } = await this.open();
    const options = { created, timing: systemTiming(), tag: this.tag, apart };
    const { digest } = await attachInLayout(store, this.digest, paths, layout, options);
    const { name, tag, platforms } = this;
    if (directory === undefined) return imageInRegistry(name, digest, tag, platforms, this.reach());
    return imageInLayout(digest, tag, platforms, returnedDirectory(directory), this.reach());
  }

  private reach(): ImageReach {
    const { plainHttp, username, password, dockerConfig, ca, registryService } = this;
    const { attestationRepository, syftImage, trivyImage } = this;
    const access = { plainHttp, username, password, dockerConfig, ca, registryService };
    return { ...access, attestationRepository, syftImage, trivyImage };
  }

  private async judge(given: VerifyArguments, platform?: string): Promise<AttestVerification> {
    const { artifact, bundles, unread } = imageEvidence(await this.list(), this.name, platform || undefined);
    return verifyInputs(bundles, artifact, given, unread);
  }

  private async copyToLayout(): Promise<string> {
    const { store, apart } = await this.open();
    const directory = await scratchDirectory();
    const timing = systemTiming();
    await copyImage(store, this.digest, await openLayout(directory, { timing, create: true }), {
      timing,
      tags: this.tag === "" ? [] : [this.tag],
      directory: await scratchDirectory(),
      attachedIn: apart,
    });
    return directory;
  }
}

/** An image with where more is attached to it, and new things are. */
type OpenImage = Repositories & {
  /** Of a layout: where it lies. */
  readonly directory?: string;
};

/** How an image is reached, and scanned. */
export type ImageReach = RegistryArguments & ScannerImages;

/** An image in a registry, reached again the way it was reached before. */
export function imageInRegistry(
  name: string,
  digest: string,
  tag: string,
  platforms: AttestPlatform[],
  reach: ImageReach,
  copied?: CopyResult,
): AttestImage {
  return imageAt(name, digest, tag, platforms, dag.directory(), false, reach, copied);
}

/** An image in a layout; what is attached to it may lie in a registry all the same. */
export function imageInLayout(
  digest: string,
  tag: string,
  platforms: AttestPlatform[],
  layout: Directory,
  reach: ImageReach,
): AttestImage {
  return imageAt("layout", digest, tag, platforms, layout, true, reach, undefined);
}

function imageAt(
  name: string,
  digest: string,
  tag: string,
  platforms: AttestPlatform[],
  layout: Directory,
  isLayout: boolean,
  reach: ImageReach,
  copied: CopyResult | undefined,
): AttestImage {
  return new AttestImage(
    name,
    digest,
    tag,
    platforms,
    layout,
    isLayout,
    reach.syftImage,
    reach.trivyImage,
    reach.plainHttp,
    reach.username ?? undefined,
    reach.password ?? undefined,
    reach.dockerConfig ?? undefined,
    reach.ca ?? undefined,
    reach.registryService ?? undefined,
    reach.attestationRepository ?? "",
    [...(copied?.absent ?? [])],
    copied === undefined ? "" : copySummary(copied),
  );
}

/** One manifest may be for several platforms. */
function onceEach(platforms: AttestPlatform[]): AttestPlatform[] {
  return [...new Map(platforms.map((one) => [one.digest, one])).values()];
}

function assertAny(count: number, reference: string): void {
  if (count > 0) return;
  throw new AttestError("ARGUMENT_INVALID", `${reference} has no attestation without signature`, {
    next: "See with `tree` what is attached to it.",
  });
}
