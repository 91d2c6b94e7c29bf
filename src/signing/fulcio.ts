import { createPublicKey, generateKeyPairSync, sign, X509Certificate, type KeyObject } from "node:crypto";
import { keySigner } from "./key-signer.js";
import { callService } from "./service-error.js";
import type { Signer } from "./signer.js";
import { assertIdentityToken, assertSafeForSecrets } from "./token.js";

export type FulcioOptions = {
  /** Base URL of the certificate authority. */
  readonly url: string;
  /** OpenID Connect token for the audience that the authority asks for. */
  readonly token: string;
  /** The key to be certified, P-256; a new one that is forgotten afterwards unless given. */
  readonly key?: KeyObject;
  /** Per request; 30 000 unless given. */
  readonly timeoutMilliseconds?: number;
};

/**
 * A signer whose key a certificate authority (Fulcio) binds to the identity in a token. The certificate is
 * asked for when the first message is signed; nobody else needs to know the key.
 * https://github.com/sigstore/fulcio/blob/main/docs/how-certificate-issuing-works.md
 *
 * @throws AttestError SIGNING_FAILED, without any part of the token; ARGUMENT_INVALID for a URL that is not https
 */
export function fulcioSigner(options: FulcioOptions): Signer {
  assertIdentityToken(options.token);
  assertSafeForSecrets(options.url, "fulcioUrl");
  const key = options.key ?? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const signer = keySigner(key);
  let certificate: Promise<Buffer> | undefined;
  return {
    sign: async (message) => {
      certificate ??= requestCertificate(options, key);
      const identity = { kind: "certificate" as const, certificate: await certificate };
      return { signature: (await signer.sign(message)).signature, identity };
    },
  };
}

function requestCertificate(options: FulcioOptions, key: KeyObject): Promise<Buffer> {
  const { url, token, timeoutMilliseconds = 30_000 } = options;
  return callService({ name: "the certificate authority", url }, [token], async () => {
    const { FulcioSigner } = await import("@sigstore/sign");
    const publicKey = createPublicKey(key).export({ format: "pem", type: "spki" }).toString();
    const fulcio = new FulcioSigner({
      fulcioBaseURL: url,
      timeout: timeoutMilliseconds,
      retry: 2,
      identityProvider: { getToken: () => Promise.resolve(token) },
      keyHolder: {
        sign: (data) =>
          Promise.resolve({ signature: sign("sha256", data, key), key: { $case: "publicKey", publicKey } }),
      },
    });
    // The library holds what it signs in memory, so it is given nothing to sign and asked for the certificate only.
    const { key: certified } = await fulcio.sign(Buffer.alloc(0));
    if (certified.$case !== "x509Certificate") throw new Error("the answer holds no certificate");
    return assertCertificateOf(key, new X509Certificate(certified.certificate));
  });
}

/** A certificate for another key would make a bundle that nobody can verify. */
function assertCertificateOf(key: KeyObject, certificate: X509Certificate): Buffer {
  if (!certificate.checkPrivateKey(key)) throw new Error("the certificate is for another key");
  return certificate.raw;
}
