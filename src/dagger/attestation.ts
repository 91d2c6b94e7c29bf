import { basename, join } from "node:path";

import { func, object, type Container, type Directory, type File, type Secret } from "@dagger.io/dagger";

import { writeStatement } from "../statement/write.js";
import { subjectOf } from "../subjects/digests.js";
import { imageReferenceSubject } from "../subjects/reference.js";
import type { AttestBundle } from "./bundle.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";
import { graphFile, mermaidText } from "./graph.js";
import { signFile, signingOf } from "./sign.js";
import type { AttestationSubject } from "./subject.js";
import { coreSubjects, exposeSubject } from "./subject.js";
import { describeContainer, describeDirectory, describeFile, type Described } from "./subjects.js";

/**
 * An in-toto Statement v1: subjects, a predicate type and a predicate
 * (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md). Not signed.
 */
@object()
export class Attestation {
  /** What the predicate means: an absolute URI such as https://spdx.dev/Document. */
  @func()
  predicateType: string;

  /** The predicate alone, as a JSON file, byte for byte as it stands in the statement. */
  @func()
  predicate: File;

  /** The artifacts that the predicate speaks of. */
  @func()
  subjects: AttestationSubject[];

  /** What this attestation says, in a few lines for people; warnings come first. */
  @func()
  summary: string;

  constructor(predicateType: string, predicate: File, subjects: AttestationSubject[], summary: string) {
    this.predicateType = predicateType;
    this.predicate = predicate;
    this.subjects = subjects;
    this.summary = summary;
  }

  /**
   * The statement as a JSON file (media type application/vnd.in-toto+json), ready to be signed.
   * The same attestation gives the same bytes. An attestation without a subject is refused
   * (STATEMENT_INVALID), and so is one over the limits: 1024 subjects, 32 digests each, 512 MiB
   * (LIMIT_EXCEEDED; cosign reads up to 128 MiB unless told otherwise).
   *
   * @param name Name of the file, without a path
   */
  @func()
  async asFile(name: string = "statement.intoto.json"): Promise<File> {
    const outPath = join(await scratchDirectory(), basename(name));
    await writeStatement({
      subjects: coreSubjects(this.subjects),
      predicateType: this.predicateType,
      predicatePath: await localFile(this.predicate),
      outPath,
    });
    return returnedFile(outPath);
  }

  /**
   * Signs the statement into a Sigstore bundle v0.3, with a private key or without one.
   *
   * With `key` nothing is asked on the network and the bundle holds the signature alone, unless
   * services are named to witness it. With an identity token a certificate authority (Fulcio) certifies
   * a key that is forgotten afterwards; certificate, log entry and timestamp go into the bundle. Without
   * services of your own these are Sigstore's public good ones: what is logged there is public for good.
   * A statement over 1 MiB, and everything in a log of version 2, is logged by its digest alone.
   *
   * A key that verifiers would refuse is KEY_INVALID; a service that refuses or does not answer is
   * SIGNING_FAILED, and then nothing was signed. No secret is part of any error or output.
   *
   * @param key The private key: PEM in PKCS #8, SEC1 or PKCS #1 (P-256, P-384, Ed25519, RSA), or the
   * cosign.key that `cosign generate-key-pair` wrote
   * @param passphrase The key's passphrase, where it has one
   * @param identityToken Instead of a key: an OpenID Connect token for the audience sigstore, as in
   * GitLab CI's SIGSTORE_ID_TOKEN
   * @param tokenRequestUrl Instead of a token, in GitHub Actions: ACTIONS_ID_TOKEN_REQUEST_URL
   * @param tokenRequestToken With it: ACTIONS_ID_TOKEN_REQUEST_TOKEN
   * @param fulcioUrl Certificate authority of an instance of your own
   * @param rekorUrl Transparency log
   * @param rekorVersion Major version of the log's interface, 1 or 2. Default: 1
   * @param timestampUrl Timestamp authority (RFC 3161); /api/v1/timestamp is added to a URL without path
   * @param signingConfig Sigstore signing config v0.2 (JSON), instead of the three URLs
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
  ): Promise<AttestBundle> {
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
    return signFile(await this.asFile(), signing);
  }

  /**
   * Adds a subject whose digests are known already. Malformed digests are REFERENCE_INVALID.
   *
   * @param name The artifact's name
   * @param digests Its digests as `algorithm:value`, for example sha256:9f86d0...; algorithms as
   * in-toto names them (sha256, sha512, gitCommit, gitTree, dirHash, ...), hexadecimal in lower case
   */
  @func()
  withSubject(name: string, digests: string[]): Attestation {
    return this.withSubjects({ subjects: [subjectOf(name, digests)], notes: [] });
  }

  /**
   * Adds a file as a subject: sha256 and sha512 of its content.
   *
   * @param file The file
   * @param name Name of the subject. Default: the file's name
   */
  @func()
  async withSubjectFile(file: File, name?: string): Promise<Attestation> {
    return this.withSubjects(await describeFile(file, name));
  }

  /**
   * Adds a directory as a subject, by three digests of its content.
   * They are `gitTree` (the tree id that git gives this content), `dirHash` (Go's h1, in
   * hexadecimal) and `sha256` of a deterministic tar of it.
   * What can't be digested at all (a socket, a device) is DIRECTORY_INVALID.
   *
   * @param directory The directory
   * @param name Name of the subject. Default: "directory"
   */
  @func()
  async withSubjectDirectory(directory: Directory, name?: string): Promise<Attestation> {
    return this.withSubjects(await describeDirectory(directory, name));
  }

  /**
   * Adds a container as a subject: sha256 of its image manifest, the one that `Container.publish` without options pushes.
   * With variants: the image index, and the manifest of each platform.
   *
   * @param container The container
   * @param name Name of the subject, best the repository it is published to. Default: "container"
   * @param platformVariants The same image for other platforms, as for `Container.publish`
   */
  @func()
  async withSubjectContainer(
    container: Container,
    name?: string,
    platformVariants: Container[] = [],
  ): Promise<Attestation> {
    return this.withSubjects(await describeContainer(container, name, platformVariants));
  }

  /**
   * Adds an image in a registry as a subject, without asking the registry.
   *
   * @param reference The image with its digest: registry.example/app@sha256:... or app:1.0@sha256:...
   * A reference without digest is refused (REFERENCE_INVALID), since a tag can move.
   */
  @func()
  withSubjectImage(reference: string): Attestation {
    return this.withSubjects({ subjects: [imageReferenceSubject(reference)], notes: [] });
  }

  /**
   * The build that provenance tells of, as a picture in one HTML file.
   * The file loads nothing: inputs left, steps, outputs right, gaps on top; a click or Enter on a box shows
   * its facts. Of `MIN` provenance it shows what that
   * has. Anything but provenance that this module made is PREDICATE_INVALID.
   *
   * @param title Heading of the page. Default: the first subject's name
   */
  @func()
  async graph(title?: string): Promise<File> {
    return graphFile(this.predicateType, this.predicate, title || (this.subjects[0]?.name ?? "build"));
  }

  /**
   * The same as a Mermaid flowchart for Markdown, cut at 60 boxes per column.
   * Anything but provenance that this module made is PREDICATE_INVALID.
   */
  @func()
  async mermaid(): Promise<string> {
    return mermaidText(this.predicateType, this.predicate);
  }

  private withSubjects(added: Described): Attestation {
    return new Attestation(
      this.predicateType,
      this.predicate,
      [...this.subjects, ...added.subjects.map(exposeSubject)],
      [...added.notes, this.summary].join("\n"),
    );
  }
}
