import {
  func,
  object,
  type Container,
  type Directory,
  type File,
  type GitRef,
  type Secret,
} from "@dagger.io/dagger";

import type { Declaration } from "../provenance/collect/declared.js";
import type { Attestation } from "./attestation.js";
import { AttestProvenanceMode } from "./enums.js";
import { imageMaterial, otherMaterial, sourceMaterial } from "./materials.js";
import { attestProvenance } from "./provenance.js";

/**
 * A pipeline as its author declares it: names, roles and parameters that no observation can know.
 * Digests are taken of the values themselves. What is declared is marked so in the provenance (`source:
 * declared`), stands beside what the engine tells, and never makes it complete.
 */
@object()
export class AttestPipeline {
  /** The pipeline's name. */
  @func()
  name: string;

  /** What was declared so far, as JSON. It is not exposed: parameters may have secret values. */
  private declaration: string;

  /** Who runs builds, as a URI; "" for the default. */
  private builderId: string;

  constructor(name: string, declaration: string, builderId: string) {
    this.name = name;
    this.declaration = declaration;
    this.builderId = builderId;
  }

  /**
   * Declares source code: a git ref by its commit, or a directory by its content.
   * Exactly one of the two is taken.
   *
   * @param name What the source is called; steps name it among their inputs
   * @param ref The git ref; digest: gitCommit, as the repository has it now
   * @param directory The directory; digests: gitTree, dirHash and sha256
   * @param url Where it comes from, without credentials. Needed for a ref on engines that do not tell it (Dagger)
   */
  @func()
  async withSource(name: string, ref?: GitRef, directory?: Directory, url?: string): Promise<AttestPipeline> {
    return this.declaring("materials", await sourceMaterial(name, ref, directory, url));
  }

  /**
   * Declares anything else that goes in: a file or directory by its content, or a URI with digests.
   * Exactly one of file, directory and digests is taken.
   *
   * @param name What the material is called; steps name it among their inputs
   * @param file The file; digests: sha256 and sha512
   * @param directory The directory; digests: gitTree, dirHash and sha256
   * @param uri Where it comes from. Default for a file or directory: `local:` and the name
   * @param digests Digests that are known already, as `algorithm:value`
   */
  @func()
  async withMaterial(
    name: string,
    file?: File,
    directory?: Directory,
    uri?: string,
    digests: string[] = [],
  ): Promise<AttestPipeline> {
    return this.declaring("materials", await otherMaterial(name, file, directory, uri, digests));
  }

  /**
   * Declares an image, by the digest that its tag is resolved to now.
   * A container that was changed since it was pulled is ARGUMENT_INVALID.
   *
   * @param image The image, as in --image=alpine:3.22
   * @param name What it is called; steps name it among their inputs. Default: its reference without the digest
   */
  @func()
  async withImage(image: Container, name?: string): Promise<AttestPipeline> {
    return this.declaring("materials", await imageMaterial(image, name));
  }

  /**
   * Declares a parameter of the pipeline: it stands in `externalParameters.arguments` of `MAX` provenance.
   * The value of one that is named like a secret (`password`, `token`, ...) is hidden.
   *
   * @param name The parameter's name
   * @param value Its value
   */
  @func()
  withParameter(name: string, value: string): AttestPipeline {
    return this.declaring("parameters", { name, value });
  }

  /**
   * Declares a step, in the order in which steps happen.
   *
   * @param name The step's name, of its own
   * @param command The command that it runs, word by word; redacted when it is written
   * @param inputs Names of materials and of earlier steps that it builds on
   */
  @func()
  withStep(name: string, command: string[] = [], inputs: string[] = []): AttestPipeline {
    return this.declaring("steps", { name, ...(command.length === 0 ? {} : { argv: command }), inputs });
  }

  /**
   * Declares that a secret is used. Its value is never asked for.
   *
   * @param name The secret's name
   */
  @func()
  withSecret(name: string): AttestPipeline {
    return this.declaring("secrets", name);
  }

  /**
   * Declares a cache whose content influences the build.
   *
   * @param key The cache's key
   */
  @func()
  withCache(key: string): AttestPipeline {
    return this.declaring("caches", key);
  }

  /**
   * Declares a service that the build talks to.
   *
   * @param name The service's name
   */
  @func()
  withService(name: string): AttestPipeline {
    return this.declaring("services", name);
  }

  /**
   * Makes SLSA Provenance v1 of what the pipeline made: what was declared beside what the engine tells.
   * Exactly one of container, directory and file is taken. A name that is declared twice, and an input that
   * nothing before it has, are EVIDENCE_INVALID.
   *
   * @param container The container; subject: its image manifest by sha256
   * @param directory The directory; subject: gitTree, dirHash and sha256
   * @param file The file; subject: sha256 and sha512
   * @param subject Name of the subject. Default: the file's name, "directory" or "container"
   * @param mode MIN or MAX
   * @param trace A trace of the run that built the value, as `./attest record` writes it
   * @param lockfile Dagger's lockfile: names digests that no other route knows
   * @param secrets Secrets whose plaintexts must not appear, wherever they stand
   */
  @func({ cache: "session" })
  async provenance(
    container?: Container,
    directory?: Directory,
    file?: File,
    subject?: string,
    mode: AttestProvenanceMode = AttestProvenanceMode.MAX,
    trace?: File,
    lockfile?: File,
    secrets: Secret[] = [],
  ): Promise<Attestation> {
    const { builderId } = this;
    const declaration = this.declared();
    const given = { mode, builderId, trace, lockfile, secrets, declaration };
    return attestProvenance({ container, directory, file }, subject, given);
  }

  private declared(): Declaration {
    return { ...(JSON.parse(this.declaration) as Partial<Declaration>), name: this.name };
  }

  private declaring<K extends Exclude<keyof Declaration, "name">>(
    kind: K,
    item: NonNullable<Declaration[K]>[number],
  ): AttestPipeline {
    const declared = this.declared();
    const all = { ...declared, [kind]: [...(declared[kind] ?? []), item] };
    return new AttestPipeline(this.name, JSON.stringify(all), this.builderId);
  }
}
