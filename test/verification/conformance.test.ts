import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/signing/source.js";
import { loadPublicKey } from "../../src/verification/public-key.js";
import { loadTrustedRoot } from "../../src/verification/trusted-root.js";
import { verify } from "../../src/verification/verify.js";
import type { Verification } from "../../src/verification/types.js";

/**
 * sigstore-conformance, https://github.com/sigstore/sigstore-conformance (test/assets/bundle-verify): a folder
 * whose name ends in _fail must not verify, any other one must.
 */
const vectors = join(import.meta.dirname, "../../../shared/vectors/sigstore-conformance");
const cases = join(vectors, "bundle-verify");
const beacon =
  "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const now = new Date("2026-11-24T00:00:00Z");

async function verifyCase(folder: string): Promise<Verification> {
  const read = (name: string): string | undefined => {
    const path = join(cases, folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const artifact = readFileSync(
    existsSync(join(cases, folder, "artifact")) ? join(cases, folder, "artifact") : join(cases, "a.txt"),
  );
  const root =
    read("trusted_root.json") ?? readFileSync(join(vectors, "trusted_root.public-good.json"), "utf8");
  const key = read("key.pub");
  const identity = {
    subject: { exact: read("identity")?.trim() ?? beacon },
    issuer: { exact: read("issuer")?.trim() ?? "https://token.actions.githubusercontent.com" },
  };
  return verify(
    [{ name: folder, source: bytesSource(readFileSync(join(cases, folder, "bundle.sigstore.json"))) }],
    {
      artifact: {
        name: "the artifact",
        digests: { sha256: createHash("sha256").update(artifact).digest("hex") },
      },
      file: bytesSource(artifact),
      signers: key === undefined ? { identities: [identity] } : { keys: [loadPublicKey(key)] },
      trustedRoot: await loadTrustedRoot(root, "the root of the case"),
      ...(key === undefined ? {} : { thresholds: { logEntries: 1, timestamps: 1 } }),
      now,
    },
  );
}

const missing = !existsSync(cases);
if (missing) console.warn("sigstore-conformance is skipped: the vectors are not at ../shared/vectors");

describe.skipIf(missing)("sigstore-conformance", () => {
  const folders = missing
    ? []
    : readdirSync(cases, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? [entry.name] : [],
      );

  test("there are 70 cases", () => {
    expect(folders.length).toBe(70);
  });

  test.each(folders.filter((folder) => !folder.endsWith("_fail")))("%s verifies", async (folder) => {
    const { passed, failures } = await verifyCase(folder);
    expect({ passed, failures }).toEqual({ passed: true, failures: [] });
  });

  test.each(folders.filter((folder) => folder.endsWith("_fail")))("%s is refused", async (folder) => {
    // A key or a root that can't even be loaded refuses everything, with an error.
    const passed = await verifyCase(folder).then(
      (verification) => verification.passed,
      (error: unknown) => {
        expect(error).toMatchObject({
          name: "AttestError",
          code: expect.stringMatching(/^(KEY|TRUSTED_ROOT)_INVALID$/) as string,
        });
        return false;
      },
    );
    expect(passed).toBe(false);
  });
});
