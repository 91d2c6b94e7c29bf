/** Signs what `publish` attaches, and says by whom it has to be signed when it is read back. */
import { readFile } from "node:fs/promises";

import type { File } from "@dagger.io/dagger";

import type { SignerTrust } from "../oci/signature.js";
import type { SigningOptions } from "../signing/sign.js";
import type { SignerIdentity } from "../signing/signer.js";
import { claimedIdentity } from "../verification/certificate.js";
import { publicKeyFromSpki } from "../verification/public-key.js";
import { loadTrustedRoot, publicGoodTrustedRoot, type TrustedRoot } from "../verification/trusted-root.js";
import { localFile } from "./files.js";
import { isSigned, signingOf, signPaths, type SigningArguments } from "./sign.js";

/** How statements are signed, and against whose word the signatures are held afterwards. */
export type PublishSigning = { readonly options: SigningOptions; readonly trustedRoot?: TrustedRoot };

/**
 * Reads the secrets and the root; undefined when nobody signs. Whoever signs by Sigstore's public services is
 * held against their root; services of one's own need theirs.
 */
export async function publishSigning(
  given: SigningArguments,
  rootFile: File | undefined,
): Promise<PublishSigning | undefined> {
  if (!isSigned(given)) return undefined;
  const options = await signingOf(given);
  if (rootFile !== undefined) {
    const text = await readFile(await localFile(rootFile), "utf8");
    return { options, trustedRoot: await loadTrustedRoot(text, await rootFile.name()) };
  }
  const isPublic =
    !given.key && !given.fulcioUrl && !given.rekorUrl && !given.timestampUrl && !given.signingConfig;
  return isPublic ? { options, trustedRoot: await publicGoodTrustedRoot() } : { options };
}

/** Signs each statement into a bundle; tells who has to have signed, where that can be verified. */
export async function signStatements(
  statements: readonly string[],
  signing: PublishSigning | undefined,
): Promise<{ readonly bundles: string[]; readonly trust?: SignerTrust }> {
  if (signing === undefined || statements.length === 0) return { bundles: [] };
  const identities: SignerIdentity[] = [];
  const signer: SigningOptions["signer"] = {
    sign: async (message) => {
      const signature = await signing.options.signer.sign(message);
      identities.push(signature.identity);
      return signature;
    },
  };
  const bundles = await signPaths(statements, { ...signing.options, signer });
  const [identity] = identities;
  const trust = identity && (await trustIn(identity, signing.trustedRoot));
  return trust === undefined ? { bundles } : { bundles, trust };
}

async function trustIn(
  identity: SignerIdentity,
  trustedRoot: TrustedRoot | undefined,
): Promise<SignerTrust | undefined> {
  const root = trustedRoot === undefined ? {} : { trustedRoot };
  if (identity.kind === "public-key")
    return { signers: { keys: [publicKeyFromSpki(identity.spki)] }, ...root };
  if (trustedRoot === undefined) return undefined;
  return { signers: { identities: [await claimedIdentity(identity.certificate)] }, ...root };
}
