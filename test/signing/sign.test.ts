import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keySigner } from "../../src/signing/key-signer.js";
import { signStatement, signStatementFile } from "../../src/signing/sign.js";
import { bytesSource, gather } from "../../src/signing/source.js";
import { input, keyKinds, makeKey, request, signValue, statement } from "../verification/support.js";
import { readBundle } from "../../src/verification/bundle/read.js";
import { verify } from "../../src/verification/verify.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-sign-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("a signed statement", () => {
  test.each(keyKinds)("with a %s key verifies here and with @sigstore/verify", async (kind) => {
    const key = makeKey(kind);
    const bundle = await signValue(statement(), key);
    expect((await verify([input(bundle)], request(key))).failures).toEqual([]);
    const publicKey = key.trusted.key;
    const material = toTrustMaterial(TrustedRoot.fromJSON({}), () => ({ publicKey, validFor: () => true }));
    const parsed = bundleFromJSON(JSON.parse(bundle.toString("utf8")));
    new Verifier(material, { tlogThreshold: 0, timestampThreshold: 0 }).verify(toSignedEntity(parsed));
  });

  test("holds exactly the bytes that were handed in, and no keyid", async () => {
    const key = makeKey();
    const bytes = Buffer.from(
      `  ${JSON.stringify(statement({ predicate: { text: "\u00e4\u{1f600}" } }), null, 3)}\n\n`,
    );
    const bundle = JSON.parse(
      (await signStatement(bytes, { signer: keySigner(key.privateKey) })).toString("utf8"),
    ) as unknown;
    expect(bundle).toEqual({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { hint: key.trusted.hint } },
      dsseEnvelope: {
        payload: bytes.toString("base64"),
        payloadType: "application/vnd.in-toto+json",
        signatures: [{ sig: expect.any(String) as string }],
      },
    });
  });

  test.each(keyKinds)("from file to file is the same (%s)", async (kind) => {
    const key = makeKey(kind);
    const from = join(directory, `${kind}.json`);
    const to = join(directory, `${kind}.sigstore.json`);
    await writeFile(from, JSON.stringify(statement({ predicate: { filler: "x".repeat(3_000_001) } })));
    const { size } = await signStatementFile(from, to, { signer: keySigner(key.privateKey) });
    const bundle = await readFile(to);
    expect(bundle.toString("utf8")).toContain((await readFile(from)).toString("base64"));
    expect(size).toBe((await readFile(from)).length);
    expect((await verify([input(bundle)], request(key))).passed).toBe(true);
  });

  /** What signing gives when the statement's file is rewritten after its signature was made. */
  async function signedWhileChanging(predicate: object) {
    const from = join(directory, "changing.json");
    const to = join(directory, "changing.sigstore.json");
    const text = JSON.stringify(statement({ predicate }));
    await writeFile(from, text);
    const key = makeKey();
    const signer = keySigner(key.privateKey);
    const signing = signStatementFile(from, to, {
      signer: {
        sign: async (message) => {
          const signature = await signer.sign(message);
          await writeFile(from, text.replace("good", "evil"));
          return signature;
        },
      },
    });
    return { signing, to, key };
  }

  test("is not written when a large file changes while it is signed", async () => {
    const { signing, to } = await signedWhileChanging({ verdict: "good", filler: "x".repeat(100_000) });
    await expect(signing).rejects.toMatchObject({ code: "SIGNING_FAILED" });
    expect(existsSync(to)).toBe(false);
  });

  test("holds what a small file held when it was read", async () => {
    const { signing, to, key } = await signedWhileChanging({ verdict: "good" });
    await signing;
    const bundle = await readFile(to);
    expect((await verify([input(bundle)], request(key))).passed).toBe(true);
    const { content } = await readBundle(bytesSource(bundle));
    expect(content.kind === "envelope" && (await gather(content.payload)).toString()).toContain("good");
  });
});
