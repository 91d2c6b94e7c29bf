import { AttestError, type Problem } from "../error.js";
import { keySignerFromPem } from "./key-signer.js";
import {
  keylessSigning,
  keySigning,
  publicGoodServices,
  servicesFromSigningConfig,
  type SigstoreServices,
} from "./services.js";
import type { SigningOptions } from "./sign.js";
import { assertSafeForSecrets, requestGitHubToken } from "./token.js";

/** Who signs and who witnesses it, as a caller says it: everything may be left out but one of key and identity. */
export type SigningChoice = {
  /** Private key, PEM. */
  readonly key?: string;
  readonly passphrase?: string;
  /** OpenID Connect token. */
  readonly identityToken?: string;
  /** Where GitHub Actions gives a token, and with what: `ACTIONS_ID_TOKEN_REQUEST_URL` and `_TOKEN`. */
  readonly tokenRequestUrl?: string;
  readonly tokenRequestToken?: string;
  readonly fulcioUrl?: string;
  readonly rekorUrl?: string;
  /** Major version of the log's interface; 1 unless given. */
  readonly rekorVersion?: number;
  readonly timestampUrl?: string;
  /** Text of a Sigstore signing config, instead of the three URLs. */
  readonly signingConfig?: string;
  /** Decides which services of a signing config are valid. */
  readonly now: Date;
};

/**
 * From what a caller gave to how it is signed. A key alone signs offline; an identity without services takes
 * Sigstore's public good instance, where the entry is public for good.
 *
 * @throws AttestError ARGUMENT_INVALID with everything that does not fit together; KEY_INVALID, SIGNING_FAILED
 */
export async function chooseSigning(choice: SigningChoice): Promise<SigningOptions> {
  const problems = findProblems(choice);
  if (problems.length > 0)
    throw new AttestError("ARGUMENT_INVALID", "how to sign is not clear", {
      problems,
      next: "Give a key, or an identity token (or a token request); and services by URL or by a signing config.",
    });
  if (choice.key !== undefined)
    return keySigning(await keySignerFromPem(choice.key, choice.passphrase), servicesOf(choice) ?? {});
  return keylessSigning(servicesOf(choice) ?? publicGoodServices, await identityToken(choice));
}

function findProblems(choice: SigningChoice): Problem[] {
  const requests = [choice.tokenRequestUrl, choice.tokenRequestToken].filter((each) => each !== undefined);
  const signers = [choice.key, choice.identityToken, requests[0]].filter((each) => each !== undefined).length;
  const urls = [choice.fulcioUrl, choice.rekorUrl, choice.timestampUrl].some((each) => each !== undefined);
  return [
    ...when(signers !== 1, "", "exactly one of key, identityToken and a token request", `${signers} of them`),
    ...when(requests.length === 1, "", "tokenRequestUrl and tokenRequestToken together", "one of them"),
    ...when(
      choice.passphrase !== undefined && choice.key === undefined,
      "passphrase",
      "a key with it",
      "none",
    ),
    ...when(
      choice.key !== undefined && choice.fulcioUrl !== undefined,
      "fulcioUrl",
      "no certificate authority with a key of one's own",
      "one",
    ),
    ...when(urls && choice.signingConfig !== undefined, "signingConfig", "a config or URLs", "both"),
    ...when(
      ![undefined, 1, 2].includes(choice.rekorVersion),
      "rekorVersion",
      "1 or 2",
      `${choice.rekorVersion}`,
    ),
    ...when(
      choice.rekorVersion !== undefined && choice.rekorUrl === undefined,
      "rekorVersion",
      "a rekorUrl with it",
      "none",
    ),
  ];
}

function when(wrong: boolean, path: string, expected: string, got: string): Problem[] {
  return wrong ? [{ path, expected, got }] : [];
}

/** Undefined where the caller named none at all. */
function servicesOf(choice: SigningChoice): SigstoreServices | undefined {
  const { fulcioUrl, rekorUrl, rekorVersion, timestampUrl, signingConfig, now } = choice;
  if (signingConfig !== undefined) {
    const { fulcioUrl: authority, ...witnesses } = servicesFromSigningConfig(signingConfig, now);
    return choice.key === undefined && authority !== undefined
      ? { fulcioUrl: authority, ...witnesses }
      : witnesses;
  }
  if (fulcioUrl === undefined && rekorUrl === undefined && timestampUrl === undefined) return undefined;
  return {
    ...(fulcioUrl === undefined ? {} : { fulcioUrl }),
    ...(rekorUrl === undefined ? {} : { rekor: { url: rekorUrl, version: rekorVersion === 2 ? 2 : 1 } }),
    ...(timestampUrl === undefined ? {} : { timestampUrl }),
  };
}

async function identityToken(choice: SigningChoice): Promise<string> {
  const { tokenRequestUrl: url, tokenRequestToken: bearer } = choice;
  if (url === undefined || bearer === undefined) return (choice.identityToken ?? "").trim();
  assertSafeForSecrets(url, "tokenRequestUrl");
  return requestGitHubToken({ url, bearer: bearer.trim() });
}
