import { join } from "node:path";

import type { File, Secret } from "@dagger.io/dagger";

import { keySignerFromPem } from "../signing/key-signer.js";
import { signStatementFile } from "../signing/sign.js";
import { AttestBundle } from "./bundle.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";

/** Signs a statement file with a private key, offline: nothing but the signature goes into the bundle. */
export async function signWithKey(
  statement: File,
  key: Secret,
  passphrase: Secret | undefined,
): Promise<AttestBundle> {
  const pem = await key.plaintext();
  const signer = await keySignerFromPem(pem, passphrase ? await passphrase.plaintext() : undefined);
  const bundlePath = join(await scratchDirectory(), "statement.sigstore.json");
  await signStatementFile(await localFile(statement), bundlePath, { signer });
  return new AttestBundle(returnedFile(bundlePath));
}
