import { func, object, type Container, type Directory, type File } from "@dagger.io/dagger";

import type { Attestation } from "./attestation.js";
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
   * error. For a policy, several bundles or other thresholds there is `verify` of the module itself.
   *
   * @param container The artifact: a container, by the digest of its image manifest
   * @param directory The artifact: a directory, by its git tree, dirHash and tar digests
   * @param file The artifact: a file, by sha256 and sha512
   * @param digest The artifact, by digest alone: `sha256:` and 64 hexadecimal characters
   * @param keys Trusted public keys in PEM: any of them may have signed
   * @param identity Trusted certificate identity, exactly: an e-mail address or the URI of a workflow
   * @param identityPattern The same as a regular expression, matched from the first to the last character
   * @param issuer Who vouches for the identity, exactly; needed with an identity
   * @param trustedRoot Sigstore trusted root (JSON). Default with an identity: Sigstore's public good
   * instance as of this release
   * @param predicateType Only attestations of this type count. Default: any
   */
  @func({ cache: "never" })
  async verify(
    container?: Container,
    directory?: Directory,
    file?: File,
    digest?: string,
    keys: File[] = [],
    identity?: string,
    identityPattern?: string,
    issuer?: string,
    trustedRoot?: File,
    predicateType?: string,
  ): Promise<AttestVerification> {
    return verifyFiles(
      [this.asFile],
      { container, directory, file, digest },
      {
        signers: { keys, identity, identityPattern, issuer },
        trustedRoot,
        predicateType,
        requirement: { kind: "any" },
      },
    );
  }
}
