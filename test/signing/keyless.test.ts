import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AttestError } from "../../src/error.js";
import {
  keylessSigning,
  keySigning,
  servicesFromSigningConfig,
  type SigstoreServices,
} from "../../src/signing/services.js";
import { keySigner } from "../../src/signing/key-signer.js";
import { signStatement } from "../../src/signing/sign.js";
import { requestGitHubToken } from "../../src/signing/token.js";
import { loadTrustedRoot, type TrustedRoot } from "../../src/verification/trusted-root.js";
import { verify } from "../../src/verification/verify.js";
import type { Verification } from "../../src/verification/types.js";
import { artifact, input, makeKey, request, statement } from "../verification/support.js";
import { identityToken, servicesClock, startSigstore, type SigstoreDouble } from "./sigstore-double.js";

const workflow = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1";
const issuer = "https://token.actions.githubusercontent.com";
const token = identityToken({ iss: issuer, sub: workflow, repository: "acme/app" });

const now = servicesClock();

let sigstore: SigstoreDouble;
let trustedRoot: TrustedRoot;
beforeAll(async () => {
  sigstore = await startSigstore(now);
  trustedRoot = await loadTrustedRoot(sigstore.trustedRoot, "the double");
});
beforeEach(() => void sigstore.requests.splice(0));
afterAll(() => sigstore.stop());

function payload(changes: Readonly<Record<string, unknown>> = {}): Buffer {
  return Buffer.from(JSON.stringify(statement(changes)));
}

async function signAndVerify(
  services: SigstoreServices,
  thresholds = {},
  statementBytes = payload(),
): Promise<Verification> {
  const bundle = await signStatement(statementBytes, keylessSigning(services, token));
  return verify([input(bundle)], {
    artifact,
    signers: { identities: [{ subject: { exact: workflow }, issuer: { exact: issuer } }] },
    trustedRoot,
    thresholds,
    now,
  });
}

describe("signing without a key", () => {
  test("with a log of version 1 and a timestamp authority verifies", async () => {
    const { passed, failures, bundles } = await signAndVerify(sigstore.services);
    expect({ passed, failures }).toEqual({ passed: true, failures: [] });
    expect(bundles[0]?.signer).toMatchObject({ kind: "certificate", identity: workflow, issuer });
    expect(bundles[0]?.times).toEqual([
      { source: "timestamp-authority", time: now.toISOString() },
      { source: "transparency-log", time: now.toISOString() },
    ]);
    expect(sigstore.requests.sort()).toEqual([
      "POST /api/v1/log/entries",
      "POST /api/v1/timestamp",
      "POST /api/v2/signingCert",
    ]);
  });

  test("with a log of version 2 verifies, by the authority's time alone", async () => {
    const { failures, bundles } = await signAndVerify({
      ...sigstore.services,
      rekor: { url: sigstore.url, version: 2 },
    });
    expect(failures).toEqual([]);
    expect(bundles[0]?.times).toEqual([{ source: "timestamp-authority", time: now.toISOString() }]);
  });

  test("a statement too large for the log is logged by its digest", async () => {
    const large = payload({ predicate: { filler: "x".repeat(2_000_000) } });
    expect((await signAndVerify(sigstore.services, {}, large)).failures).toEqual([]);
  });

  test("without a log verifies only where none is asked for, and the verdict says so", async () => {
    const { fulcioUrl, timestampUrl } = sigstore.services;
    const services = { ...(fulcioUrl && { fulcioUrl }), ...(timestampUrl && { timestampUrl }) };
    const strict = await signAndVerify(services);
    expect(strict.bundles[0]?.failures.map(({ code }) => code)).toEqual(["LOG_ENTRY_MISSING"]);
    const relaxed = await signAndVerify(services, { logEntries: 0 });
    expect(relaxed.failures).toEqual([]);
    expect(relaxed.checks.map(({ check }) => check)).not.toContain("transparency-log");
    expect(relaxed.notChecked).toContainEqual({
      check: "transparency-log",
      message: "The bundle has no log entry.",
    });
  });

  test("is refused before it starts where nothing would state the time", () => {
    for (const services of [
      {},
      { fulcioUrl: sigstore.url },
      { fulcioUrl: sigstore.url, rekor: { url: sigstore.url, version: 2 as const } },
    ])
      expect(() => keylessSigning(services, token)).toThrow(/^ARGUMENT_INVALID/);
  });
});

describe("signing with a key, witnessed", () => {
  test.each([1, 2] as const)("by a log of version %d and a timestamp authority verifies", async (version) => {
    const key = makeKey();
    const { timestampUrl } = sigstore.services;
    const options = keySigning(keySigner(key.privateKey), {
      rekor: { url: sigstore.url, version },
      ...(timestampUrl && { timestampUrl }),
    });
    const bundle = await signStatement(payload(), options);
    const thresholds = { logEntries: 1, timestamps: 1 };
    const { failures } = await verify([input(bundle)], request(key, { trustedRoot, thresholds, now }));
    expect(failures).toEqual([]);
  });

  test("says what was not checked when no trusted root is given", async () => {
    const key = makeKey();
    const { timestampUrl } = sigstore.services;
    const options = keySigning(keySigner(key.privateKey), { ...(timestampUrl && { timestampUrl }) });
    const { passed, checks, notChecked } = await verify(
      [input(await signStatement(payload(), options))],
      request(key),
    );
    expect(passed).toBe(true);
    expect(checks.map(({ check }) => check)).not.toContain("timestamp");
    expect(notChecked).toContainEqual({
      check: "timestamp",
      message: "The bundle has some, but no trusted root was given to hold them against.",
    });
  });
});

/** Everything of an error that can end in a log. */
function everything(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.message, error.stack, JSON.stringify(error), everything(error.cause)].join("\n");
}

describe("the identity token is shown to nobody", () => {
  const parts = token.split(".");

  test.each([
    ["no token", "canary-that-is-no-token"],
    ["a token cut short", parts.slice(0, 2).join(".")],
    ["a token with a payload that is none", `${parts[0]}.canary-payload.${parts[2]}`],
    ["a token without subject", identityToken({ iss: issuer, canary: "x".repeat(20) })],
    [
      "a token with an unverified address",
      identityToken({ iss: issuer, email: "canary@example.com", email_verified: false }),
    ],
    ["a token with more parts", `${token}.canary-part`],
  ])("when it is %s", (_name, bad) => {
    const attempt = (): unknown => {
      try {
        return keylessSigning(sigstore.services, bad);
      } catch (error) {
        return error;
      }
    };
    const error = attempt();
    expect(error).toBeInstanceOf(AttestError);
    const said = everything(error);
    for (const part of [bad, ...bad.split(".")]) expect(said).not.toContain(part);
  });

  test("when the authority answers with it", async () => {
    const chatty = await startSigstore(now);
    try {
      chatty.fail("/api/v2/signingCert", 400, JSON.stringify({ message: `bad token ${token}` }));
      const error: unknown = await signStatement(payload(), keylessSigning(chatty.services, token)).catch(
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: "SIGNING_FAILED" });
      expect((error as Error).message).toMatch(/certificate authority did not do its part.*\(redacted\)/);
      for (const part of [token, ...parts]) expect(everything(error)).not.toContain(part);
    } finally {
      await chatty.stop();
    }
  });

  test("nor is GitHub's bearer token", async () => {
    const bearer = "canary-bearer-token";
    const error: unknown = await requestGitHubToken({
      url: `${sigstore.url}/token?api-version=2`,
      bearer,
    }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "SIGNING_FAILED" });
    expect(everything(error)).not.toContain(bearer);
  });
});

describe("a service that does not answer", () => {
  test.each([
    ["/api/v2/signingCert", "the certificate authority"],
    ["/api/v1/log/entries", "the transparency log"],
    ["/api/v1/timestamp", "the timestamp authority"],
  ])("at %s fails the signing and is named", async (path, name) => {
    const broken = await startSigstore(now);
    try {
      broken.fail(path, 400, JSON.stringify({ message: "out of order" }));
      const signing = signStatement(payload(), keylessSigning(broken.services, token));
      await expect(signing).rejects.toMatchObject({
        code: "SIGNING_FAILED",
        message: expect.stringContaining(name) as string,
      });
    } finally {
      await broken.stop();
    }
  });
});

describe("a signing config", () => {
  const service = (url: string, majorApiVersion: number, start: string, end?: string) => ({
    url,
    majorApiVersion,
    validFor: { start, ...(end === undefined ? {} : { end }) },
  });
  const config = {
    mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
    caUrls: [
      service("https://old.example", 1, "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"),
      service("https://ca.example", 1, "2021-01-01T00:00:00Z"),
    ],
    rekorTlogUrls: [
      service("https://one.example", 1, "2020-01-01T00:00:00Z"),
      service("https://two.example", 2, "2020-01-01T00:00:00Z"),
      service("https://three.example", 3, "2020-01-01T00:00:00Z"),
    ],
    tsaUrls: [
      service("https://future.example", 1, "2030-01-01T00:00:00Z"),
      service("https://tsa.example/api/v1/timestamp", 1, "2020-01-01T00:00:00Z"),
    ],
  };

  test("gives the newest valid service of each kind", () => {
    expect(servicesFromSigningConfig(JSON.stringify(config), now)).toEqual({
      fulcioUrl: "https://ca.example",
      rekor: { url: "https://two.example", version: 2 },
      timestampUrl: "https://tsa.example/api/v1/timestamp",
    });
  });

  test("without services means to sign without them", () => {
    expect(servicesFromSigningConfig(JSON.stringify({ mediaType: config.mediaType }), now)).toEqual({});
  });

  test("of another kind is refused", () => {
    expect(() => servicesFromSigningConfig("{}", now)).toThrow(/^ARGUMENT_INVALID/);
  });
});
