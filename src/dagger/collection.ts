import { func, object, type Directory, type File, type Secret } from "@dagger.io/dagger";

import { filesOf, signAll } from "./collect.js";
import { signingOf } from "./sign.js";

/** Attestations that belong together, each in a file: statements, and bundles where they are signed. */
@object()
export class AttestCollection {
  /** One file each, in the order given: `1.intoto.json` for a statement, `1.sigstore.json` for a bundle. */
  @func()
  directory: Directory;

  /** What they are, a line each. */
  @func()
  summary: string;

  constructor(directory: Directory, summary: string) {
    this.directory = directory;
    this.summary = summary;
  }

  /** The attestations as files, in the order given: what `verify` and an image's `attach` take. */
  @func()
  async files(): Promise<File[]> {
    return filesOf(this.directory);
  }

  /**
   * Signs every statement, with a private key or without one; bundles stay as they are.
   * With an identity all statements share one certificate. Arguments and errors are those of an
   * attestation's `sign`.
   *
   * @param key The private key: PEM in PKCS #8, SEC1 or PKCS #1, or a cosign.key
   * @param passphrase The key's passphrase, where it has one
   * @param identityToken Instead of a key: an OpenID Connect token for the audience sigstore
   * @param tokenRequestUrl Instead of a token, in GitHub Actions: ACTIONS_ID_TOKEN_REQUEST_URL
   * @param tokenRequestToken With it: ACTIONS_ID_TOKEN_REQUEST_TOKEN
   * @param signingConfig Sigstore signing config v0.2 (JSON), for services of one's own
   */
  @func({ cache: "session" })
  async sign(
    key?: Secret,
    passphrase?: Secret,
    identityToken?: Secret,
    tokenRequestUrl?: string,
    tokenRequestToken?: Secret,
    signingConfig?: File,
  ): Promise<AttestCollection> {
    const signing = await signingOf({
      key,
      passphrase,
      identityToken,
      tokenRequestUrl,
      tokenRequestToken,
      signingConfig,
    });
    const { directory, summary } = await signAll(await filesOf(this.directory), signing);
    return new AttestCollection(directory, summary);
  }
}
