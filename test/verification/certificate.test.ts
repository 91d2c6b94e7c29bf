import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keylessSigning } from "../../src/signing/services.js";
import { signStatement } from "../../src/signing/sign.js";
import type { CertificateIdentity } from "../../src/verification/identity.js";
import {
  loadTrustedRoot,
  publicGoodTrustedRoot,
  type TrustedRoot,
} from "../../src/verification/trusted-root.js";
import type { BundleVerdict } from "../../src/verification/types.js";
import { verify, verifyAnyIdentityUnsafe } from "../../src/verification/verify.js";
import {
  identityToken,
  servicesClock,
  startSigstore,
  type SigstoreDouble,
} from "../signing/sigstore-double.js";
import { artifact, input, makeKey, request, signValue, statement } from "./support.js";

const subject = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1";
const issuer = "https://token.actions.githubusercontent.com";
const now = servicesClock();

let sigstore: SigstoreDouble;
let trustedRoot: TrustedRoot;
let bundle: Buffer;
beforeAll(async () => {
  sigstore = await startSigstore(now);
  trustedRoot = await loadTrustedRoot(sigstore.trustedRoot, "the double");
  const claims = {
    iss: issuer,
    sub: subject,
    repository: "acme/app",
    repository_id: "1",
    sha: "0".repeat(40),
    server_url: "https://github.com",
    ref: "refs/tags/v1",
  };
  bundle = await signStatement(
    Buffer.from(JSON.stringify(statement())),
    keylessSigning(sigstore.services, identityToken(claims)),
  );
});
afterAll(() => sigstore.stop());

async function verdict(
  identities: readonly CertificateIdentity[],
  changes = {},
  signed: Buffer = bundle,
): Promise<BundleVerdict> {
  const { bundles } = await verify([input(signed)], {
    artifact,
    signers: { identities },
    trustedRoot,
    now,
    ...changes,
  });
  const [first] = bundles;
  if (first === undefined) throw new Error("no verdict");
  return first;
}

const exactly = (text: string): CertificateIdentity => ({
  subject: { exact: text },
  issuer: { exact: issuer },
});
const matching = (pattern: string): CertificateIdentity => ({
  subject: { pattern },
  issuer: { exact: issuer },
});
const codes = (found: BundleVerdict): string[] => found.failures.map(({ code }) => code);

describe("an identity", () => {
  test.each([
    ["to the letter", exactly(subject)],
    ["by a pattern", matching("https://github\\.com/acme/app/.*@refs/tags/v[0-9]+")],
    [
      "by one branch of a pattern",
      matching("https://github\\.com/acme/app/.*|https://github\\.com/acme/lib/.*"),
    ],
    [
      "with the issuer by a pattern",
      {
        subject: { exact: subject },
        issuer: { pattern: "https://token\\.actions\\.githubusercontent\\.com" },
      },
    ],
  ])("is met %s", async (_name, identity) => {
    expect(codes(await verdict([identity]))).toEqual([]);
    expect(codes(await verdict([exactly("https://example.com/other"), identity]))).toEqual([]);
  });

  test.each([
    ["a prefix", exactly("https://github.com/acme/app")],
    ["a suffix", exactly("release.yml@refs/tags/v1")],
    ["one with another case", exactly(subject.toUpperCase())],
    ["one with a blank", exactly(`${subject} `)],
    ["one whose dots are taken for any character", exactly(subject.replace("github.com", "github?com"))],
    ["a pattern for the beginning", matching("https://github\\.com/acme/app")],
    ["a pattern for the end", matching("release\\.yml@refs/tags/v1")],
    ["a pattern for another tag", matching("https://github\\.com/acme/app/.*@refs/heads/.*")],
    [
      "a pattern with two branches, neither of which is all of it",
      matching("https://github\\.com/acme|release\\.yml@refs/tags/v1"),
    ],
  ])("is not met by %s", async (_name, identity) => {
    expect(codes(await verdict([identity]))).toEqual(["IDENTITY_MISMATCH"]);
  });

  test("of another issuer is not met", async () => {
    expect(
      codes(await verdict([{ subject: { exact: subject }, issuer: { exact: "https://gitlab.com" } }])),
    ).toEqual(["ISSUER_MISMATCH"]);
    expect(codes(await verdict([{ subject: { exact: subject }, issuer: { exact: `${issuer}/` } }]))).toEqual([
      "ISSUER_MISMATCH",
    ]);
  });

  test("and issuer have to be those of one and the same entry", async () => {
    const crossed = [
      { subject: { exact: subject }, issuer: { exact: "https://gitlab.com" } },
      { subject: { exact: "someone@example.com" }, issuer: { exact: issuer } },
    ];
    expect(codes(await verdict(crossed))).toEqual(["ISSUER_MISMATCH"]);
  });

  test.each([".*", ".+", "", "https://.*", "x*", "(", "a)|(.*", "[^@]+@[^@]+"])(
    "may not be the pattern %j, which names nobody or is none",
    async (pattern) => {
      await expect(verdict([matching(pattern)])).rejects.toMatchObject({ code: "ARGUMENT_INVALID" });
    },
  );

  test("may be left out only by the function that is called unsafe", async () => {
    const { passed, checks, notChecked } = await verifyAnyIdentityUnsafe([input(bundle)], {
      artifact,
      trustedRoot,
      now,
    });
    expect(passed).toBe(true);
    expect(checks.map(({ check }) => check)).not.toContain("signer");
    expect(notChecked).toContainEqual({
      check: "signer",
      message: `Any identity was taken; it is ${subject}, vouched for by ${issuer}.`,
    });
  });

  test("is handed out with the claims about the build", async () => {
    const { signer } = await verdict([exactly(subject)]);
    expect(signer).toMatchObject({ kind: "certificate", identity: subject, issuer });
  });
});

/** Bends the bundle's JSON. */
function bend(change: (material: Record<string, unknown>) => void): Buffer {
  const value = JSON.parse(bundle.toString("utf8")) as { verificationMaterial: Record<string, unknown> };
  change(value.verificationMaterial);
  return Buffer.from(JSON.stringify(value));
}

describe("what surrounds the signature", () => {
  test.each([
    [
      "another root",
      async () => verdict([exactly(subject)], { trustedRoot: await publicGoodTrustedRoot() }),
      /TIMESTAMP_INVALID|CERTIFICATE_INVALID|LOG_ENTRY_INVALID/,
    ],
    [
      "no log entry",
      () =>
        verdict(
          [exactly(subject)],
          {},
          bend((material) => delete material["tlogEntries"]),
        ),
      /LOG_ENTRY_MISSING/,
    ],
    [
      "two log entries, one of them a copy",
      () =>
        verdict(
          [exactly(subject)],
          {},
          bend((material) =>
            (material["tlogEntries"] as unknown[]).push((material["tlogEntries"] as unknown[])[0]),
          ),
        ),
      /TIMESTAMP_INVALID|LOG_ENTRY_INVALID/,
    ],
    [
      "more log entries than there are",
      () => verdict([exactly(subject)], { thresholds: { logEntries: 2 } }),
      /LOG_ENTRY_MISSING/,
    ],
    [
      "more timestamps than there are",
      () => verdict([exactly(subject)], { thresholds: { timestamps: 3 } }),
      /TIMESTAMP_MISSING/,
    ],
    [
      "no time at all",
      () =>
        verdict(
          [exactly(subject)],
          { thresholds: { timestamps: 0, logEntries: 0 } },
          bend((material) => {
            delete material["tlogEntries"];
            delete material["timestampVerificationData"];
          }),
        ),
      /TIMESTAMP_MISSING/,
    ],
    [
      "a timestamp that is none",
      () =>
        verdict(
          [exactly(subject)],
          {},
          bend((material) => {
            material["timestampVerificationData"] = { rfc3161Timestamps: [{ signedTimestamp: "AAAA" }] };
          }),
        ),
      /TIMESTAMP_INVALID/,
    ],
    [
      "an integrated time beyond all dates",
      () =>
        verdict(
          [exactly(subject)],
          {},
          bend((material) => {
            Object.assign((material["tlogEntries"] as object[])[0] ?? {}, {
              integratedTime: "9999999999999999999",
            });
          }),
        ),
      /LOG_ENTRY_INVALID|TIMESTAMP_INVALID|CERTIFICATE_INVALID|BUNDLE_INVALID/,
    ],
    [
      "a certificate that is none",
      () =>
        verdict(
          [exactly(subject)],
          {},
          bend((material) => {
            material["certificate"] = { rawBytes: "AAAA" };
          }),
        ),
      /CERTIFICATE_INVALID/,
    ],
    [
      "a time of signing to come",
      () => verdict([exactly(subject)], { now: new Date(now.getTime() - 3_600_000) }),
      /TIMESTAMP_FUTURE/,
    ],
    [
      "a key instead of a certificate",
      async () => verdict([exactly(subject)], {}, await signValue(statement(), makeKey())),
      /SIGNER_KIND/,
    ],
  ])("with %s is refused", async (_name, attempt, code) => {
    const found = await attempt();
    expect(found.passed).toBe(false);
    expect(found.failures[0]?.code).toMatch(code);
  });

  test("a certificate does not help where keys are asked for", async () => {
    const { bundles } = await verify([input(bundle)], request(makeKey(), { trustedRoot, now }));
    expect(bundles[0]?.failures.map(({ code }) => code)).toEqual(["SIGNER_KIND"]);
  });
});

describe("a trusted root", () => {
  test.each([
    ["no JSON", "root", /not JSON/],
    ["another document", "{}", /mediaType/],
    [
      "without certificates",
      JSON.stringify({
        mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        certificateAuthorities: [{ certChain: { certificates: [] } }],
      }),
      /certificateAuthorities\[0\]/,
    ],
    [
      "with a key that is none",
      JSON.stringify({
        mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        tlogs: [
          {
            logId: { keyId: "AAAA" },
            publicKey: {
              rawBytes: "AAAA",
              keyDetails: "PKIX_ED25519",
              validFor: { start: "2020-01-01T00:00:00Z" },
            },
          },
        ],
      }),
      /can't be read/,
    ],
  ])("that is %s is refused", async (_name, text, message) => {
    await expect(loadTrustedRoot(text, "x")).rejects.toMatchObject({
      code: "TRUSTED_ROOT_INVALID",
      message: expect.stringMatching(message) as string,
    });
  });

  test("of the public good instance comes with the project", async () => {
    const { material } = await publicGoodTrustedRoot();
    expect(material.certificateAuthorities.length).toBeGreaterThan(0);
    expect(material.tlogs.length).toBeGreaterThan(0);
    expect(material.timestampAuthorities.length).toBeGreaterThan(0);
  });
});
