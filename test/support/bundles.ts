/** Bundles on disk, signed with a key of the test. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { keySigner } from "../../src/signing/key-signer.js";
import { signStatement } from "../../src/signing/sign.js";

export const testKeys = generateKeyPairSync("ec", { namedCurve: "P-256" });

export function statementText(digests: readonly string[], predicateType: string, predicate: unknown): string {
  const subject = digests.map((digest, at) => {
    const [algorithm = "", hex = ""] = digest.split(":");
    return { name: `image-${at}`, digest: { [algorithm]: hex } };
  });
  return JSON.stringify({ _type: "https://in-toto.io/Statement/v1", subject, predicateType, predicate });
}

/** Writes a bundle about these digests (`sha256:<hex>`) into a directory; returns its path. */
export async function writeBundle(
  directory: string,
  name: string,
  digests: readonly string[],
  options: { readonly predicateType?: string; readonly key?: KeyObject } = {},
): Promise<string> {
  const { predicateType = "https://example.com/test/v1", key = testKeys.privateKey } = options;
  const text = statementText(digests, predicateType, { name });
  const path = join(directory, `${name}.sigstore.json`);
  await writeFile(path, await signStatement(Buffer.from(text), { signer: keySigner(key) }));
  return path;
}

/** A bare DSSE envelope about these digests, as older cosign versions keep it. */
export async function writeEnvelope(digests: readonly string[], name: string): Promise<Buffer> {
  const text = statementText(digests, "https://example.com/test/v1", { name });
  const bundle = await signStatement(Buffer.from(text), { signer: keySigner(testKeys.privateKey) });
  const { dsseEnvelope } = JSON.parse(bundle.toString()) as { dsseEnvelope: unknown };
  return Buffer.from(JSON.stringify(dsseEnvelope));
}
