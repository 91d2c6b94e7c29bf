import { createPublicKey } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keySignerFromPem } from "../../src/signing/key-signer.js";
import { signStatement } from "../../src/signing/sign.js";
import { loadPublicKey } from "../../src/verification/public-key.js";
import { verify } from "../../src/verification/verify.js";
import {
  artifact,
  artifactBytes,
  input,
  keyKinds,
  makeKey,
  now,
  predicateType,
  signValue,
  statement,
  type KeyKind,
} from "../verification/support.js";
import { findCosign, runCosign } from "./cosign.js";

const cosign = findCosign();
if ("missing" in cosign) console.warn(`interoperation with cosign is skipped: ${cosign.missing}`);
const cosignPath = "path" in cosign ? cosign.path : "";

/** cosign, told to sign without log and timestamp authority. */
const offline = JSON.stringify({ mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json" });

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-cosign-"));
  await writeFile(join(directory, "hello.txt"), artifactBytes);
  await writeFile(join(directory, "offline.json"), offline);
  await writeFile(join(directory, "predicate.json"), JSON.stringify({ verdict: "good" }));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function cosignVerify(bundle: string, key: string): Promise<{ status: number; output: string }> {
  const args = [
    "verify-blob-attestation",
    "--key",
    key,
    "--bundle",
    bundle,
    "--insecure-ignore-tlog",
    "--type",
    predicateType,
    "hello.txt",
  ];
  return runCosign(cosignPath, args, directory);
}

describe.skipIf("missing" in cosign).each(keyKinds)("with a %s key", (kind: KeyKind) => {
  const key = makeKey(kind);
  const name = kind.toLowerCase();
  const files = {
    pem: `${name}.pem`,
    publicKey: `${name}.pub`,
    ours: `${name}.ours.json`,
    theirs: `${name}.theirs.json`,
  };

  beforeAll(async () => {
    await writeFile(join(directory, files.pem), key.privateKey.export({ format: "pem", type: "pkcs8" }));
    await writeFile(join(directory, files.publicKey), key.publicPem);
  });

  test("cosign verifies what is signed here", async () => {
    await writeFile(join(directory, files.ours), await signValue(statement(), key));
    expect(await cosignVerify(files.ours, files.publicKey)).toMatchObject({ status: 0 });
  });

  test("cosign refuses it for another file", async () => {
    const elsewhere = statement({ subject: [{ name: "hello.txt", digest: { sha256: "0".repeat(64) } }] });
    await writeFile(join(directory, files.ours), await signValue(elsewhere, key));
    expect((await cosignVerify(files.ours, files.publicKey)).status).not.toBe(0);
  });

  test("what cosign signs verifies here, with the key file that cosign wrote", async () => {
    const imported = await runCosign(
      cosignPath,
      ["import-key-pair", "--key", files.pem, "--output-key-prefix", name],
      directory,
    );
    expect(imported).toMatchObject({ status: 0 });
    const signing = [
      "attest-blob",
      "--key",
      `${name}.key`,
      "--signing-config",
      "offline.json",
      "--predicate",
      "predicate.json",
      "--type",
      predicateType,
      "--bundle",
      files.theirs,
      "hello.txt",
    ];
    expect(await runCosign(cosignPath, signing, directory)).toMatchObject({ status: 0 });
    const question = { artifact, signers: { keys: [loadPublicKey(key.publicPem)] }, predicateType, now };
    const { passed } = await verify([input(await readFile(join(directory, files.theirs)))], question);
    // With Ed25519 cosign 3.1.2 signs the SHA-512 (Ed25519ph), which it does not verify itself: nor do we.
    expect(passed).toBe(kind !== "Ed25519");
    if (kind === "Ed25519") expect((await cosignVerify(files.theirs, files.publicKey)).status).not.toBe(0);
    const signer = await keySignerFromPem(
      await readFile(join(directory, `${name}.key`), "utf8"),
      "interop-passphrase",
    );
    await writeFile(
      join(directory, files.ours),
      await signStatement(Buffer.from(JSON.stringify(statement())), { signer }),
    );
    expect(await cosignVerify(files.ours, `${name}.pub`)).toMatchObject({ status: 0 });
  });
});

describe.skipIf("missing" in cosign)("a key pair that cosign generated", () => {
  test("signs here and verifies there", async () => {
    expect(
      await runCosign(cosignPath, ["generate-key-pair", "--output-key-prefix", "generated"], directory),
    ).toMatchObject({ status: 0 });
    const signer = await keySignerFromPem(
      await readFile(join(directory, "generated.key"), "utf8"),
      "interop-passphrase",
    );
    await writeFile(
      join(directory, "generated.json"),
      await signStatement(Buffer.from(JSON.stringify(statement())), { signer }),
    );
    expect(await cosignVerify("generated.json", "generated.pub")).toMatchObject({ status: 0 });
    const pem = await readFile(join(directory, "generated.pub"), "utf8");
    expect(createPublicKey(pem).asymmetricKeyType).toBe("ec");
  });
});
