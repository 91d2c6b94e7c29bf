/** docs/verify-with.md: its commands that need no service are run, word for word. */
import { execFile } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { keySignerFromPem } from "../../src/signing/key-signer.js";
import { signStatement } from "../../src/signing/sign.js";
import { findCosign } from "../interop/cosign.js";
import { type Block, blocks, readPage } from "./pages.js";

const cosign = findCosign();
const app = "an archive\n";

let directory: string;
let shown: Block[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-verify-with-"));
  shown = blocks(await readPage("docs/verify-with.md"));
  if ("path" in cosign) await symlink(cosign.path, join(directory, "cosign"));
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = await keySignerFromPem(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "app.tar.gz", digest: { sha256: createHash("sha256").update(app).digest("hex") } }],
    predicateType: "https://example.com/review/v1",
    predicate: { approved: true },
  };
  const bundle = await signStatement(Buffer.from(JSON.stringify(statement)), { signer });
  await writeFile(join(directory, "app.tar.gz"), app);
  await writeFile(join(directory, "signing.pub"), publicKey.export({ type: "spki", format: "pem" }));
  await writeFile(join(directory, "review.sigstore.json"), bundle);
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** Runs the one block that starts so, in a directory as a user's. */
async function runBlock(start: string): Promise<{ code: number; output: string }> {
  const found = shown.filter(({ text }) => text.startsWith(start));
  expect(found).toHaveLength(1);
  const env = { ...process.env, PATH: `${directory}:${process.env["PATH"] ?? ""}`, HOME: directory };
  return await new Promise((resolve) => {
    execFile("sh", ["-ec", found[0]?.text ?? ""], { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

test.skipIf("missing" in cosign)("cosign verifies the file as the page says", async () => {
  const { code, output } = await runBlock("cosign verify-blob-attestation --key");
  expect([code, output]).toEqual([0, expect.stringContaining("Verified OK")]);
});

const hasJq = await new Promise<boolean>((resolve) => {
  execFile("jq", ["--version"], (error) => resolve(error === null));
});

test.skipIf(!hasJq)("the statement can be read with jq and sha256sum as the page says", async () => {
  const { code, output } = await runBlock("jq -r .dsseEnvelope.payload");
  const digest = createHash("sha256").update(app).digest("hex");
  expect(code).toBe(0);
  expect(output).toContain("https://example.com/review/v1");
  expect(output.split(digest)).toHaveLength(3);
});
