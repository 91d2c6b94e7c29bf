import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { File, Secret } from "@dagger.io/dagger";

import { chooseSigning } from "../signing/choose.js";
import { signStatementFile, type SigningOptions } from "../signing/sign.js";
import { AttestBundle } from "./bundle.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";

/** How to sign, as the arguments of a function. */
export type SigningArguments = {
  readonly key?: Secret | undefined;
  readonly passphrase?: Secret | undefined;
  readonly identityToken?: Secret | undefined;
  readonly tokenRequestUrl?: string | undefined;
  readonly tokenRequestToken?: Secret | undefined;
  readonly fulcioUrl?: string | undefined;
  readonly rekorUrl?: string | undefined;
  readonly rekorVersion?: number | undefined;
  readonly timestampUrl?: string | undefined;
  readonly signingConfig?: File | undefined;
};

/**
 * Reads the secrets and decides how to sign; nothing is signed yet. Several statements that are signed with
 * the result share one certificate.
 */
export async function signingOf(given: SigningArguments): Promise<SigningOptions> {
  const key = await textOf(given.key);
  const passphrase = await textOf(given.passphrase);
  const identityToken = await textOf(given.identityToken);
  const tokenRequestToken = await textOf(given.tokenRequestToken);
  const { tokenRequestUrl, fulcioUrl, rekorUrl, rekorVersion, timestampUrl } = given;
  const signingConfig = given.signingConfig && (await readFile(await localFile(given.signingConfig), "utf8"));
  return chooseSigning({
    ...(key ? { key } : {}),
    // An empty passphrase is one: cosign makes such keys.
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(identityToken ? { identityToken } : {}),
    ...(tokenRequestUrl ? { tokenRequestUrl } : {}),
    ...(tokenRequestToken ? { tokenRequestToken } : {}),
    ...(fulcioUrl ? { fulcioUrl } : {}),
    ...(rekorUrl ? { rekorUrl } : {}),
    ...(rekorVersion === undefined ? {} : { rekorVersion }),
    ...(timestampUrl ? { timestampUrl } : {}),
    ...(signingConfig === undefined ? {} : { signingConfig }),
    now: new Date(),
  });
}

async function textOf(secret: Secret | undefined): Promise<string | undefined> {
  return secret?.plaintext();
}

/** A key or an identity is given. */
export function isSigned({ key, identityToken, tokenRequestUrl }: SigningArguments): boolean {
  return Boolean(key) || Boolean(identityToken) || Boolean(tokenRequestUrl);
}

/** Signs each of these statements on disk; without a way to sign they stay what they are. Returns paths. */
export async function signPaths(
  statements: readonly string[],
  signing: SigningOptions | undefined,
): Promise<string[]> {
  if (signing === undefined) return [...statements];
  const bundles: string[] = [];
  for (const statement of statements) {
    const path = join(await scratchDirectory(), "statement.sigstore.json");
    await signStatementFile(statement, path, signing);
    bundles.push(path);
  }
  return bundles;
}

/** Signs a statement file into a bundle. */
export async function signFile(statement: File, signing: SigningOptions): Promise<AttestBundle> {
  const bundlePath = join(await scratchDirectory(), "statement.sigstore.json");
  await signStatementFile(await localFile(statement), bundlePath, signing);
  return new AttestBundle(returnedFile(bundlePath));
}
