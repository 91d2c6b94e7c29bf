import { func, object, type Container, type Directory, type File } from "@dagger.io/dagger";

import type { Attestation } from "./attestation.js";
import type { AttestSeverity } from "./enums.js";
import { readStatementOf } from "./open.js";
import type { AttestVerification } from "./verification.js";
import { verifyFiles } from "./verify.js";

/**
 * A signed attestation: a Sigstore bundle around a DSSE envelope whose payload is an in-toto statement
 * (https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto).
 */
@object()
export class AttestBundle {
  /** The bundle as a file: what cosign, gh and others take. */
  @func()
  asFile: File;

  constructor(asFile: File) {
    this.asFile = asFile;
  }

  /**
   * The attestation inside.
   * Nothing of it is verified: anyone can write anything into a bundle. What to believe is for
   * `verify` to say.
   */
  @func()
  async attestation(): Promise<Attestation> {
    return readStatementOf(this.asFile);
  }

  /**
   * Answers whether an artifact is what a trusted signer says of it in this bundle.
   * Bad evidence is no error but a verdict that fails, with its reasons; `assert` turns it into an
   * error. What may be expected besides is the same as for `verify` of the module, which takes several
   * bundles.
   *
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
      requirement: { kind: "any" as const },
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
    const artifact = { container, directory, file, digest };
    return verifyFiles([this.asFile], artifact, { ...trust, ...expected });
  }
}
