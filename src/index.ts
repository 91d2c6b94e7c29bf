/**
 * Supply-chain attestations as typed objects: make, sign, store, find and judge them.
 *
 * An attestation is an in-toto Statement: it says of artifacts, named by digest, what a predicate
 * says (an SBOM, a build's provenance, a test result). This module makes them from the values that a
 * pipeline already has in its hands.
 */
import {
  func,
  object,
  type Container,
  type Directory,
  type File,
  type Secret,
  type Service,
} from "@dagger.io/dagger";

import type { Attestation } from "./dagger/attestation.js";
import type { AttestationLike } from "./dagger/attestation-like.js";
import { AttestBundle } from "./dagger/bundle.js";
import { collect } from "./dagger/collect.js";
import { AttestCollection } from "./dagger/collection.js";
import {
  AttestLayout,
  AttestProvenanceMode,
  AttestSbomFormat,
  AttestScanFormat,
  AttestScanner,
  type AttestSeverity,
  type AttestVexJustification,
  type AttestVexStatus,
} from "./dagger/enums.js";
import type { AttestImage } from "./dagger/image.js";
import { loadStatement } from "./dagger/load.js";
import { openImage } from "./dagger/open-image.js";
import type { AttestObservation } from "./dagger/observation.js";
import { observeCall } from "./dagger/observe.js";
import { AttestPipeline } from "./dagger/pipeline.js";
import { attestRelease, attestTestResult, attestTraceUrl, attestVex } from "./dagger/predicates.js";
import { attestProvenance } from "./dagger/provenance.js";
import { exposePublication, type AttestPublication } from "./dagger/publication.js";
import { publishContainer } from "./dagger/publish.js";
import { runPolicyTest, type AttestPolicyTest } from "./dagger/policy-test.js";
import { attestSbom } from "./dagger/sbom.js";
import { attestPredicate } from "./dagger/statement.js";
import type { AttestVerification } from "./dagger/verification.js";
import { requirementOf, verifyFiles } from "./dagger/verify.js";
import { fetchTrustedRoot, type AttestTrustedRoot } from "./dagger/trusted-root.js";
import { attestVulnerabilities } from "./dagger/vulnerabilities.js";
import { syftImage as defaultSyftImage, trivyImage as defaultTrivyImage } from "./sbom/images.js";

@object()
export class Attest {
  /** The image that Syft runs from. */
  @func()
  syftImage: string;

  /** The image that Trivy runs from. */
  @func()
  trivyImage: string;

  /** Who runs builds, as a URI, in provenance that is made here; "" for docs/build-types/local-builder-v1.md. */
  @func()
  builderId: string;

  /**
   * @param syftImage The image that Syft runs from: its entrypoint is `/syft`
   * @param trivyImage The image that Trivy runs from: `trivy` is on its PATH
   * @param builderId Who runs builds, as a URI with a page that says what it guarantees. Default: a builder
   * that its user runs, docs/build-types/local-builder-v1.md
   */
  constructor(
    syftImage: string = defaultSyftImage,
    trivyImage: string = defaultTrivyImage,
    builderId: string = "",
  ) {
    this.syftImage = syftImage;
    this.trivyImage = trivyImage;
    this.builderId = builderId;
  }

  /**
   * Makes a software bill of materials of a container, a directory or a file, as an attestation.
   * The artifact is its subject. Exactly one of the three is taken; anything else is ARGUMENT_INVALID.
   *
   * The scanner runs offline in a container. Times and random ids in its output are normalised: the
   * same input gives the same bytes. Output that is no valid SBOM is refused (SBOM_INVALID), a
   * scanner that fails is SCANNER_FAILED with its last lines. An SBOM without packages is warned of
   * in `summary`.
   *
   * @param container The container to look into; subject: its image manifest by sha256
   * @param directory The directory to look into; subject: gitTree, dirHash and sha256
   * @param file The file to look into (an archive, a binary, a lockfile); subject: sha256 and sha512
   * @param name Name of the subject and of what the SBOM describes. Default: the file's name,
   * "directory" or "container"
   * @param scanner SYFT or TRIVY
   * @param format SPDX_JSON (2.3) or CYCLONEDX_JSON (1.6 from Syft, 1.7 from Trivy)
   * @param created The time that the SBOM says it was made, RFC 3339 in UTC. Default:
   * 1970-01-01T00:00:00Z, so that nothing but the input decides the bytes
   */
  @func()
  async sbom(
    container?: Container,
    directory?: Directory,
    file?: File,
    name?: string,
    scanner: AttestScanner = AttestScanner.SYFT,
    format: AttestSbomFormat = AttestSbomFormat.SPDX_JSON,
    created: string = "1970-01-01T00:00:00Z",
  ): Promise<Attestation> {
    const images = { syft: this.syftImage, trivy: this.trivyImage };
    return attestSbom({ container, directory, file, name, scanner, format, created, images });
  }

  /**
   * Makes SLSA Provenance v1 of a container, a directory or a file.
   * It says what went in, what happened, and what could not be seen. The value is its subject. Exactly one of the three is taken; anything else is
   * ARGUMENT_INVALID.
   *
   * The value is built, then every route that the engine offers is taken: the recipe of the value (Dagger
   * 1.0 and the local engine: complete), the session's telemetry, the image's history, the names of its
   * operations, a trace that `./attest record` wrote. Each route that is closed is named with its reason
   * in `metadata.dagger_completeness` of the predicate and in `summary`; so is everything that is not
   * known. Secrets stand in it by name; docs/provenance.md says what is hidden and what can't be.
   *
   * Example: dagger call provenance --container=alpine:3.22 as-file export --path=provenance.intoto.json
   *
   * @param container The container; subject: its image manifest by sha256
   * @param directory The directory; subject: gitTree, dirHash and sha256
   * @param file The file; subject: sha256 and sha512
   * @param name Name of the subject, best the repository it is published to. Default: the file's name,
   * "directory" or "container"
   * @param mode MIN or MAX
   * @param trace A trace of the run that built the value, as `./attest record -- dagger call ...` writes it
   * @param lockfile Dagger's lockfile: names digests that no other route knows
   * @param secrets Secrets whose plaintexts must not appear, wherever they stand: a bare password in a
   * command looks like any other word
   */
  @func({ cache: "session" })
  async provenance(
    container?: Container,
    directory?: Directory,
    file?: File,
    name?: string,
    mode: AttestProvenanceMode = AttestProvenanceMode.MAX,
    trace?: File,
    lockfile?: File,
    secrets: Secret[] = [],
  ): Promise<Attestation> {
    const { builderId } = this;
    const given = { mode, builderId, trace, lockfile, secrets };
    return attestProvenance({ container, directory, file }, name, given);
  }

  /**
   * Runs a function of another module and watches it: gives its result, and the provenance of that.
   *
   * The module is served in this session, the function is called, and what it gives is built here: on Dagger
   * 0.21 this is the one way to see all of a build from inside. Arguments of functions are written
   * `name=value`; for one that takes an object, the value is the name of a slot: `source=directory` hands
   * over what is given as `--directory`. What does not fit is ARGUMENT_INVALID, all of it at once.
   *
   * Example: dagger call observe --pipeline=./ci --call=build --args=source=directory --directory=. provenance as-file contents
   *
   * @param pipeline The directory of the module, as it is on disk or in git
   * @param call The function: `build`, or `release.image` through an object that the module gives
   * @param args Its arguments as `name=value`, one each; several of one name make a list
   * @param modulePath Where in the directory the module is
   * @param container The value of the slot `container`
   * @param directory The value of the slot `directory`
   * @param file The value of the slot `file`
   * @param secret The value of the slot `secret`
   * @param name Name of the subject. Default: the file's name, "directory" or "container"
   * @param mode MIN or MAX
   * @param secrets Secrets whose plaintexts must not appear, wherever they stand
   */
  @func({ cache: "session" })
  async observe(
    pipeline: Directory,
    call: string,
    args: string[] = [],
    modulePath: string = ".",
    container?: Container,
    directory?: Directory,
    file?: File,
    secret?: Secret,
    name?: string,
    mode: AttestProvenanceMode = AttestProvenanceMode.MAX,
    secrets: Secret[] = [],
  ): Promise<AttestObservation> {
    const { builderId } = this;
    const values = { container, directory, file, secret };
    const given = { pipeline, modulePath, call, args, values, name };
    const hide = secret === undefined ? secrets : [...secrets, secret];
    const known = { trace: undefined, lockfile: undefined };
    return observeCall(given, { mode, builderId, ...known, secrets: hide });
  }

  /**
   * Starts the declaration of a pipeline, for provenance with names, roles and parameters.
   *
   * @param name The pipeline's name
   */
  @func()
  declare(name: string): AttestPipeline {
    return new AttestPipeline(name, "{}", this.builderId);
  }

  /**
   * Makes an attestation of the known vulnerabilities of a container, a directory or a file.
   * The artifact is its subject.
   *
   * Trivy looks into it, offline, with its database: the one that is given, or one that it downloads and that
   * is used again until its makers renew it (six hours). With a report that Trivy or Grype wrote already
   * nothing is scanned; it may come without its artifact. What VEX answers is left out of the result and
   * listed beside it. A report that can't be read or lacks what the predicate needs is REPORT_INVALID, a
   * scanner that fails SCANNER_FAILED with its last lines.
   *
   * @param container The container to look into; subject: its image manifest by sha256
   * @param directory The directory to look into; subject: gitTree, dirHash and sha256
   * @param file The file to look into (a lockfile, a binary, an archive); subject: sha256 and sha512
   * @param name Name of the subject. Default: the file's name, "directory" or "container"
   * @param report A report in the JSON of Trivy or Grype, to be taken instead of a scan
   * @param format IN_TOTO (https://in-toto.io/attestation/vulns/v0.2) or COSIGN
   * (https://cosign.sigstore.dev/attestation/vuln/v1, the whole report)
   * @param database Trivy's cache directory, as `trivy image --download-db-only --cache-dir` fills it
   * @param databaseUpdated When the scanner's database was updated, RFC 3339: in-toto's form demands it, and
   * Trivy's report does not say it
   * @param vex OpenVEX documents (JSON) that you believe: what they answer is no finding. IN_TOTO alone
   */
  @func({ cache: "session" })
  async vulnerabilities(
    container?: Container,
    directory?: Directory,
    file?: File,
    name?: string,
    report?: File,
    format: AttestScanFormat = AttestScanFormat.IN_TOTO,
    database?: Directory,
    databaseUpdated?: string,
    vex: File[] = [],
  ): Promise<Attestation> {
    const { trivyImage } = this;
    const given = { container, directory, file, name, report, format, database, databaseUpdated, vex };
    return attestVulnerabilities({ ...given, trivyImage });
  }

  /**
   * Makes an attestation that says how a product relates to vulnerabilities (OpenVEX).
   * Either a document, which goes into the statement byte for byte, or the words of one statement. Add what
   * it is about with `with-subject...`: where no products are named, the subjects are the products.
   *
   * What contradicts the status or is missing for it is ARGUMENT_INVALID, a document that is none
   * PREDICATE_INVALID with everything that is wrong.
   *
   * @param document An OpenVEX document, JSON
   * @param vulnerabilities Ids as scanners name them, as in CVE-2021-44228; the statement is of each
   * @param status How the product relates to them
   * @param justification Why it is not affected; with NOT_AFFECTED this or an impact is needed
   * @param impact Why it is not affected, in a sentence for people
   * @param action What to do, in a sentence; needed with AFFECTED
   * @param products Products by IRI, best package URLs. Default: the subjects
   * @param author Who says so: a person, an organisation, an address
   * @param created When it is said, RFC 3339. Default: now
   */
  @func({ cache: "session" })
  async vex(
    document?: File,
    vulnerabilities: string[] = [],
    status?: AttestVexStatus,
    justification?: AttestVexJustification,
    impact?: string,
    action?: string,
    products: string[] = [],
    author?: string,
    created?: string,
  ): Promise<Attestation> {
    const words = { status, justification, impact, action, author, created };
    return attestVex({ document, vulnerabilities, products, ...words });
  }

  /**
   * Makes an attestation of a run of tests from its reports (https://in-toto.io/attestation/test-result/v0.1).
   * FAILED when a test failed; WARNED when one passed with a warning, or when none passed; else PASSED.
   * Add what was tested with `with-subject...`. A report that can't be read is REPORT_INVALID.
   *
   * @param reports What the test runner wrote: JUnit XML or TAP; several reports make one run
   * @param configuration Files that the run was configured by, named in the predicate with their sha256
   * @param url Where the run can be looked at
   */
  @func()
  async testResult(reports: File[], configuration: File[] = [], url?: string): Promise<Attestation> {
    return attestTestResult(reports, configuration, url);
  }

  /**
   * Makes an attestation that files are one version of a package (https://in-toto.io/attestation/release/v0.2).
   * Add the files with `with-subject...`, each under the name that it has in the registry.
   *
   * @param purl Package URL with a version, as in pkg:npm/left-pad@1.3.0; another one is PREDICATE_INVALID
   * @param packageId What the registry knows the package by when its name changes
   */
  @func()
  async release(purl: string, packageId?: string): Promise<Attestation> {
    return attestRelease(purl, packageId);
  }

  /**
   * Makes an attestation of where the run can be looked at (https://dagger.io/evidence/trace-url/v1).
   * Add what the run made with `with-subject...`. A run without a trace in Dagger Cloud is ARGUMENT_INVALID.
   *
   * @param url The address. Default: that of this run in Dagger Cloud
   */
  @func({ cache: "session" })
  async traceUrl(url?: string): Promise<Attestation> {
    return attestTraceUrl(url);
  }

  /**
   * Makes an attestation of a predicate of any type. Add what it is about with `with-subject...`.
   *
   * A predicate whose type is known (docs/predicates.md lists them) is held against its specification and
   * refused with everything that is wrong (PREDICATE_INVALID); one above 64 MiB is not, and `summary` says so.
   * One of any other type only has to be a JSON object.
   *
   * @param predicateType What the predicate means: an absolute URI, scheme and host in lower case
   * @param predicate The predicate: a file with one JSON object; it goes into the statement byte for
   * byte, at any size up to the limit of 512 MiB
   */
  @func()
  async statement(predicateType: string, predicate: File): Promise<Attestation> {
    return attestPredicate(predicateType, predicate);
  }

  /**
   * Puts attestations side by side, from whichever modules they come: to sign, verify or attach them at once.
   * Objects of other modules count when they have a function `asFile`, in any language; files are taken too.
   * What is neither a statement nor a signed bundle is refused (STATEMENT_INVALID, BUNDLE_INVALID).
   *
   * @param attestations Objects that give an attestation by `asFile`, such as those that this module gives;
   * from code alone, since a command line can't name objects
   * @param files Statements and bundles as files
   */
  @func()
  async collect(attestations?: AttestationLike[], files: File[] = []): Promise<AttestCollection> {
    const { directory, summary } = await collect(attestations ?? [], files);
    return new AttestCollection(directory, summary);
  }

  /**
   * Reads a statement from a file: in-toto Statement v1, and v0.1 as older tools write it.
   * Every rule of the specification is checked, all problems are named at once (STATEMENT_INVALID).
   * A signed bundle is not a statement and refused as such.
   *
   * @param file The statement, JSON
   */
  @func()
  async load(file: File): Promise<Attestation> {
    return loadStatement(file);
  }

  /**
   * Opens a signed bundle: a Sigstore bundle v0.1 to v0.3 or a bare DSSE envelope.
   * Opening believes nothing; `verify` judges.
   *
   * @param file The bundle, as cosign, gh or this module wrote it
   */
  @func()
  open(file: File): AttestBundle {
    return new AttestBundle(file);
  }

  /**
   * Publishes a container with its attestations in one call, and reads everything back before it believes it.
   * Makes the SBOM and the provenance of each platform, and of an index both again about the index; pushes the image, compares the digest that the
   * registry reports with the one computed before, signs, attaches, and reads back: digest, platforms, every statement, every signature.
   * Whatever is there and is not what was meant is an error (DIGEST_MISMATCH), and so is a signature that does not
   * hold (VERIFICATION_FAILED). What is not signed is attached only in BuildKit's layouts, which have no signatures;
   * it is in the result all the same.
   *
   * Example: dagger call publish --container=alpine:3.22 --address=ghcr.io/example/app:1.0 --sbom --key=file:cosign.key reference
   *
   * @param container The container to publish
   * @param address Where to: registry/repository[:tag]. Default of the tag: latest
   * @param platformVariants The same image for other platforms; an index of all is published
   * @param sbom Make an SBOM of each platform, about its manifest; the index gets one that refers to them
   * @param provenance Make SLSA provenance of each platform, about its manifest; the index gets one of all
   * @param mode How much provenance says: MIN or MAX
   * @param secrets Secrets whose plaintexts must not appear in provenance
   * @param scanner SYFT or TRIVY
   * @param format Format of the SBOM
   * @param layout Where the attestations are kept
   * @param created The time that SBOM and manifests say they were made, RFC 3339 in UTC. Default: the epoch
   * @param key The private key to sign with: PEM, or cosign's encrypted key
   * @param passphrase The key's passphrase, where it has one
   * @param identityToken Instead of a key: an OpenID Connect token for the audience sigstore
   * @param tokenRequestUrl Instead of a token, in GitHub Actions: ACTIONS_ID_TOKEN_REQUEST_URL
   * @param tokenRequestToken With it: ACTIONS_ID_TOKEN_REQUEST_TOKEN
   * @param fulcioUrl Certificate authority of an instance of your own
   * @param rekorUrl Transparency log
   * @param rekorVersion Major version of the log's interface, 1 or 2. Default: 1
   * @param timestampUrl Timestamp authority
   * @param signingConfig Sigstore signing config v0.2 (JSON), instead of the three URLs
   * @param trustedRoot Sigstore trusted root (JSON) that the signatures are held against when they are read back.
   * Default: for Sigstore's public services their root as of this release; for services of your own none, and then
   * only digests are compared
   * @param username User name at the registry
   * @param password Password or token at the registry
   * @param dockerConfig Docker's config.json with the registry's credentials; helpers can't be run
   * @param ca Certificate authority that signed the registry's certificate (PEM). With it the image is pushed by
   * this module's client, since the engine knows its own authorities alone
   * @param plainHttp Speak plain http to the registry; loopback addresses need no such word
   * @param registryService The registry as a service of this session; with a name such as localhost:5000 in the
   * address, plain http is spoken to it, or https with `ca`
   * @param attestationRepository Another repository for what is attached, registry/repository: what COSIGN_REPOSITORY is for
   * cosign. In another registry it has the credentials of dockerConfig alone
   */
  @func({ cache: "session" })
  async publish(
    container: Container,
    address: string,
    platformVariants: Container[] = [],
    sbom: boolean = false,
    provenance: boolean = false,
    mode: AttestProvenanceMode = AttestProvenanceMode.MAX,
    secrets: Secret[] = [],
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
    trustedRoot?: File,
    username?: string,
    password?: Secret,
    dockerConfig?: Secret,
    ca?: File,
    plainHttp: boolean = false,
    registryService?: Service,
    attestationRepository?: string,
  ): Promise<AttestPublication> {
    const { builderId, syftImage, trivyImage } = this;
    const images = { syft: syftImage, trivy: trivyImage };
    const evidence = { mode, builderId, trace: undefined, lockfile: undefined, secrets };
    const reach = {
      username,
      password,
      dockerConfig,
      ca,
      plainHttp,
      registryService,
      attestationRepository,
    };
    const signing = {
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
    const published = await publishContainer({
      container,
      address,
      platformVariants,
      sbom: sbom ? { scanner, format, images, created } : undefined,
      provenance: provenance ? evidence : undefined,
      layout,
      created,
      signing,
      trustedRoot,
      reach,
    });
    return exposePublication(published, { ...reach, syftImage, trivyImage });
  }

  /**
   * Names an image in a registry, an OCI layout or an OCI archive, to find, attach, verify or copy what belongs to it.
   * A tag is resolved once, here; from then on the digest counts. There must be one (IMAGE_NOT_FOUND).
   *
   * Example: dagger call image --reference=ghcr.io/example/app:1.0 tree
   *
   * @param reference registry/repository[:tag][@digest]; with a layout or archive: the image's tag or digest
   * in it, needed only where it holds several
   * @param layout An OCI layout directory that holds the image
   * @param archive An OCI archive (tar) that holds the image
   * @param username User name at the registry
   * @param password Password or token at the registry
   * @param dockerConfig Docker's config.json with the registry's credentials; helpers can't be run
   * @param ca Certificate authority that signed the registry's certificate (PEM)
   * @param plainHttp Speak plain http to the registry; loopback addresses need no such word
   * @param registryService The registry as a service of this session; the reference keeps the registry's name
   * @param attestationRepository Another repository that keeps what is attached to the image, as COSIGN_REPOSITORY names it
   * for cosign: registry/repository. What is attached is written there, and read there besides the image's own. In another
   * registry it has the credentials of dockerConfig alone
   */
  @func({ cache: "session" })
  async image(
    reference?: string,
    layout?: Directory,
    archive?: File,
    username?: string,
    password?: Secret,
    dockerConfig?: Secret,
    ca?: File,
    plainHttp: boolean = false,
    registryService?: Service,
    attestationRepository?: string,
  ): Promise<AttestImage> {
    const { syftImage, trivyImage } = this;
    return openImage({
      syftImage,
      trivyImage,
      reference,
      layout,
      archive,
      username,
      password,
      dockerConfig,
      ca,
      plainHttp,
      registryService,
      attestationRepository,
    });
  }

  /**
   * Answers whether an artifact is what trusted signers say of it, and whether that is good enough.
   * Bad evidence is no error but a verdict that fails, with its reasons; `assert` turns it into an
   * error. What is expected may be given by arguments, by a policy file, or both; what the evidence
   * does not state fails. docs/verification.md and docs/policy.md explain each check and rule.
   *
   * @param bundles The signed bundles: one a file, or one a line in files named .jsonl
   * @param container The artifact: a container, by the digest of its image manifest
   * @param directory The artifact: a directory, by its git tree, dirHash and tar digests
   * @param file The artifact: a file, by sha256 and sha512
   * @param digest The artifact, by digest alone: `sha256:` and 64 hexadecimal characters
   * @param keys Trusted public keys in PEM: any of them may have signed
   * @param identity Trusted certificate identity, exactly: an e-mail address or the URI of a workflow
   * @param identityPattern The same as a regular expression, matched from the first to the last character
   * @param issuer Who vouches for the identity, exactly; needed with an identity
   * @param issuerPattern The same as a regular expression, matched from the first to the last character
   * @param trustedRoot Sigstore trusted root (JSON). Default with an identity: Sigstore's public good
   * instance as of this release; `trusted-root` fetches the present one
   * @param predicateType Only attestations of this type count. Default: any
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
  @func({ cache: "session" })
  async verify(
    bundles: File[],
    container?: Container,
    directory?: Directory,
    file?: File,
    digest?: string,
    keys: File[] = [],
    identity?: string,
    identityPattern?: string,
    issuer?: string,
    issuerPattern?: string,
    trustedRoot?: File,
    predicateType?: string,
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
    return verifyFiles(bundles, { container, directory, file, digest }, { ...trust, ...expected });
  }

  /**
   * Fetches the trusted root of a Sigstore instance as it is now: whom certificates and logs are held against.
   * The root that comes with a release does not know of keys that were added later. The instance's TUF
   * repository is asked; what it answers has to be signed, current, and not older than what `cache` has
   * (TUF_INVALID). Where it does not answer, a cache that has not expired is as good; without one it is
   * TUF_UNAVAILABLE. On Dagger the answer is kept for an hour.
   *
   * Example: dagger call trusted-root as-file export --path=trusted_root.json
   *
   * @param tufUrl Address of the TUF repository. Default: Sigstore's public good one
   * @param tufRoot The repository's first root.json, which says who may sign; needed for any other repository
   * @param cache What an earlier call gave as `cache`
   */
  @func({ cache: "1h" })
  async trustedRoot(tufUrl?: string, tufRoot?: File, cache?: Directory): Promise<AttestTrustedRoot> {
    return fetchTrustedRoot({ tufUrl, tufRoot, cache });
  }

  /**
   * Tries a policy on cases whose outcome is known, so that it can be changed without fear.
   * `assert` on the result fails with each case that came out otherwise (POLICY_INVALID).
   *
   * @param policy Policy file (YAML): see docs/policy.md
   * @param cases Directory with `cases.yaml` and the bundles, keys and artifacts that it names
   */
  @func({ cache: "session" })
  async policyTest(policy: File, cases: Directory): Promise<AttestPolicyTest> {
    return runPolicyTest(policy, cases);
  }

  /**
   * Looks at certificate bundles whoever signed them, and tells who it was. Never for a decision.
   * Everyone can get a certificate: without an expected identity a verdict shows that somebody signed,
   * not that it was somebody in particular. `notChecked` says so.
   *
   * @param bundles The signed bundles: one a file, or one a line in files named .jsonl
   * @param container The artifact: a container, by the digest of its image manifest
   * @param directory The artifact: a directory, by its git tree, dirHash and tar digests
   * @param file The artifact: a file, by sha256 and sha512
   * @param digest The artifact, by digest alone: `sha256:` and 64 hexadecimal characters
   * @param trustedRoot Sigstore trusted root (JSON). Default: Sigstore's public good instance as of this
   * release
   * @param predicateType Only attestations of this type count. Default: any
   */
  @func({ cache: "session" })
  async verifyAnyIdentityUnsafe(
    bundles: File[],
    container?: Container,
    directory?: Directory,
    file?: File,
    digest?: string,
    trustedRoot?: File,
    predicateType?: string,
  ): Promise<AttestVerification> {
    return verifyFiles(
      bundles,
      { container, directory, file, digest },
      { signers: null, trustedRoot, predicateType, requirement: { kind: "any" } },
    );
  }
}
