/**
 * Certificates, log entries and timestamps as an attacker would have them: with a certificate of a trusted authority in
 * hand, or with pieces of other people's bundles. Each with the code that it has to fail with.
 */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keySigner } from "../../src/signing/key-signer.js";
import { keylessSigning } from "../../src/signing/services.js";
import { signStatement } from "../../src/signing/sign.js";
import { timestampWitness } from "../../src/signing/timestamp.js";
import type { CertificateIdentity } from "../../src/verification/identity.js";
import type { VerificationRequest } from "../../src/verification/request.js";
import { loadTrustedRoot, type TrustedRoot } from "../../src/verification/trusted-root.js";
import type { BundleVerdict } from "../../src/verification/types.js";
import { verify } from "../../src/verification/verify.js";
import {
  identityToken,
  servicesClock,
  startSigstore,
  type SigstoreDouble,
} from "../signing/sigstore-double.js";
import {
  authorityConstraint,
  clientAuthentication,
  codeSigning,
  der,
  digitalSignature,
  extension,
  identity,
  issuer,
  issuerV1,
  issuerV2,
  keyAgreement,
  makeAuthority,
  names,
  type Issued,
  type Wish,
} from "./certificate-maker.js";
import { artifact, input, statement } from "./support.js";

const now = servicesClock();
const authority = makeAuthority();
let sigstore: SigstoreDouble;
let other: SigstoreDouble;
let trustedRoot: TrustedRoot;
beforeAll(async () => {
  sigstore = await startSigstore(now);
  other = await startSigstore(now);
  trustedRoot = await rootWith(() => undefined);
});
afterAll(() => Promise.all([sigstore.stop(), other.stop()]));

type RootJson = Record<string, Record<string, unknown>[]>;

/** The double's root with the test's own authority in it, bent. */
async function rootWith(bend: (root: RootJson) => void): Promise<TrustedRoot> {
  const root = JSON.parse(sigstore.trustedRoot) as RootJson;
  root["certificateAuthorities"]?.push({
    uri: "https://authority.example",
    certChain: { certificates: [{ rawBytes: authority.root.toString("base64") }] },
    validFor: { start: "2020-01-01T00:00:00Z" },
  });
  bend(root);
  return loadTrustedRoot(JSON.stringify(root), "the test's root");
}

const expected: CertificateIdentity = { subject: { exact: identity }, issuer: { exact: issuer } };

async function verdict(
  bundle: Buffer | string,
  changes: Partial<VerificationRequest> = {},
): Promise<BundleVerdict> {
  const thresholds = { logEntries: 0, certificateLogs: 0 };
  const request = { artifact, signers: { identities: [expected] }, trustedRoot, thresholds, now, ...changes };
  const { bundles } = await verify([input(bundle)], request);
  const [first] = bundles;
  if (first === undefined) throw new Error("no verdict");
  expect(first.passed).toBe(first.failures.length === 0);
  return first;
}

const codes = ({ failures }: BundleVerdict): string[] => failures.map(({ code }) => code);

/** A good statement, signed with a certificate and time-stamped. */
function signedWith({ certificate, privateKey }: Issued): Promise<Buffer> {
  const signer = keySigner(privateKey);
  return signStatement(Buffer.from(JSON.stringify(statement())), {
    signer: {
      sign: async (message) => ({
        signature: (await signer.sign(message)).signature,
        identity: { kind: "certificate", certificate },
      }),
    },
    witnesses: [timestampWitness({ url: sigstore.url })],
  });
}

const basic = [digitalSignature, codeSigning];
const wish = (...extensions: readonly Buffer[]): Wish => ({ extensions: [...basic, ...extensions] });

test("what the attacks start from does verify", async () => {
  expect(codes(await verdict(await signedWith(authority.issue())))).toEqual([]);
  const both = wish(names(["uri", identity]), issuerV1(), issuerV2());
  expect(codes(await verdict(await signedWith(authority.issue(both))))).toEqual([]);
});

const highBit = Buffer.from(identity.replace("acme", "evil"), "latin1");
const bytesOf = (text: string): Buffer => Buffer.from(text, "utf8");

const certificates: readonly (readonly [string, string, () => Issued])[] = [
  ...(
    [
      ["the eighth bit set in one character", withBit(Buffer.from(identity))],
      ["the eighth bit set in all", highBit.map((byte) => byte | 0x80)],
      ["a Cyrillic a", bytesOf(identity.replace("acme", "\u0430cme"))],
      ["a NUL at its end", bytesOf(`${identity}\0`)],
      ["a NUL and more", bytesOf(`${identity}\0.evil.example`)],
      ["a line break and more", bytesOf(`${identity}\nhttps://evil.example`)],
      ["a tab", bytesOf(`${identity}\t`)],
      ["a delete character", bytesOf(`${identity}\x7f`)],
      ["a right-to-left mark", bytesOf(`${identity}\u202e`)],
    ] as const
  ).map(
    ([name, value]) =>
      [
        `an identity with ${name}`,
        "CERTIFICATE_INVALID",
        () => authority.issue(wish(names(["uri", Buffer.from(value)]), issuerV2())),
      ] as const,
  ),
  ...(
    [
      ["a slash at its end", `${identity}/`],
      ["a blank at its end", `${identity} `],
      ["another case", identity.replace("acme", "Acme")],
      ["a percent-encoded character", identity.replace("acme", "%61cme")],
      ["another scheme", identity.replace("https", "http")],
      ["another ref", identity.replace("refs/tags", "refs/heads")],
      ["user information", identity.replace("https://", "https://github.com@")],
      ["nothing in it", ""],
    ] as const
  ).map(
    ([name, value]) =>
      [
        `an identity with ${name}`,
        "IDENTITY_MISMATCH",
        () => authority.issue(wish(names(["uri", value]), issuerV2())),
      ] as const,
  ),
  [
    "the identity second, after another",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(names(["uri", "https://evil.example/"], ["uri", identity]), issuerV2())),
  ],
  [
    "the identity first, before another",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(names(["uri", identity], ["uri", "https://evil.example/"]), issuerV2())),
  ],
  [
    "the identity beside an e-mail address",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(names(["email", "evil@evil.example"], ["uri", identity]), issuerV2())),
  ],
  [
    "the identity as an e-mail address",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(names(["email", identity]), issuerV2())),
  ],
  [
    "the identity as a host name",
    "IDENTITY_MISMATCH",
    () => authority.issue(wish(names(["dns", identity]), issuerV2())),
  ],
  ["no identity", "IDENTITY_MISMATCH", () => authority.issue(wish(issuerV2()))],
  [
    "two extensions with identities",
    "CERTIFICATE_INVALID",
    () =>
      authority.issue(wish(names(["uri", identity]), names(["uri", "https://evil.example/"]), issuerV2())),
  ],
  [
    "names that are no list",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(extension("2.5.29.17", bytesOf(identity), true), issuerV2())),
  ],
  [
    "an older issuer that contradicts",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(names(["uri", identity]), issuerV1("https://evil.example"), issuerV2())),
  ],
  [
    "a newer issuer that contradicts",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(names(["uri", identity]), issuerV1(), issuerV2("https://evil.example"))),
  ],
  [
    "two issuers in two extensions",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(names(["uri", identity]), issuerV2("https://evil.example"), issuerV2())),
  ],
  [
    "an issuer with a NUL",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(names(["uri", identity]), issuerV2(`${issuer}\0`))),
  ],
  [
    "an issuer with the eighth bit set",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(names(["uri", identity]), issuerV1(withBit(Buffer.from(issuer))))),
  ],
  [
    "an issuer with a length that lies",
    "CERTIFICATE_INVALID",
    () => {
      const lying = der(0x0c, Buffer.from(`${issuer}.evil.example`));
      lying[1] = issuer.length;
      const value = extension("1.3.6.1.4.1.57264.1.8", lying);
      return authority.issue(wish(names(["uri", identity]), value));
    },
  ],
  ["no issuer", "ISSUER_MISMATCH", () => authority.issue(wish(names(["uri", identity])))],
  [
    "an issuer with a slash at its end",
    "ISSUER_MISMATCH",
    () => authority.issue(wish(names(["uri", identity]), issuerV2(`${issuer}/`))),
  ],
  [
    "a critical extension that nobody knows",
    "CERTIFICATE_INVALID",
    () => authority.issue(wish(names(["uri", identity]), issuerV2(), extension("1.2.3.4", der(0x05), true))),
  ],
  [
    "another purpose",
    "CERTIFICATE_PURPOSE",
    () =>
      authority.issue({
        extensions: [digitalSignature, clientAuthentication, names(["uri", identity]), issuerV2()],
      }),
  ],
  [
    "no purpose",
    "CERTIFICATE_PURPOSE",
    () => authority.issue({ extensions: [digitalSignature, names(["uri", identity]), issuerV2()] }),
  ],
  [
    "a key that is not for signatures",
    "CERTIFICATE_PURPOSE",
    () => authority.issue({ extensions: [keyAgreement, codeSigning, names(["uri", identity]), issuerV2()] }),
  ],
  [
    "an authority's own certificate",
    "CERTIFICATE_PURPOSE",
    () => authority.issue(wish(authorityConstraint, names(["uri", identity]), issuerV2())),
  ],
  ["a validity that is over", "CERTIFICATE_INVALID", () => authority.issue({ notAfter: "20210101000000Z" })],
  ["a validity to come", "CERTIFICATE_INVALID", () => authority.issue({ notBefore: "20980101000000Z" })],
  ["an unknown authority of the same name", "CERTIFICATE_INVALID", () => makeAuthority().issue()],
  [
    "a signature of another key in the authority's name",
    "CERTIFICATE_INVALID",
    () => authority.issue({ signWith: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey }),
  ],
  ["another issuer's name", "CERTIFICATE_INVALID", () => authority.issue({ issuer: "somebody else" })],
];

/** The first letter of the owner with its eighth bit set: what some readers take for the letter itself. */
function withBit(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[20] = (copy[20] ?? 0) | 0x80;
  return copy;
}

describe("a certificate with", () => {
  test.each(certificates)("%s is refused (%s)", async (_name, code, issue) => {
    const found = await verdict(await signedWith(issue()));
    expect(codes(found)).toContain(code);
    for (const { message, expected: wanted, got } of found.failures)
      for (const part of [message, wanted, got]) expect(part).not.toBe("");
  });

  test("a chain of another authority around it is held against the trusted root alone", async () => {
    const stranger = makeAuthority();
    const bundle = JSON.parse((await signedWith(stranger.issue())).toString()) as Bundle;
    const leaf = bundle.verificationMaterial["certificate"];
    delete bundle.verificationMaterial["certificate"];
    bundle.mediaType = "application/vnd.dev.sigstore.bundle+json;version=0.2";
    bundle.verificationMaterial["x509CertificateChain"] = {
      certificates: [leaf, { rawBytes: stranger.root.toString("base64") }],
    };
    expect(codes(await verdict(JSON.stringify(bundle)))).toEqual(["CERTIFICATE_INVALID"]);
  });

  test.each([
    ["before itself", (leaf: object, more: object) => [more, leaf]],
    ["in the place of itself", (_leaf: object, more: object) => [more]],
  ])("another one %s is not what signed", async (_name, order) => {
    const good = authority.issue();
    const bundle = JSON.parse((await signedWith(good)).toString()) as Bundle;
    const leaf = bundle.verificationMaterial["certificate"] as object;
    delete bundle.verificationMaterial["certificate"];
    bundle.mediaType = "application/vnd.dev.sigstore.bundle+json;version=0.2";
    const more = { rawBytes: authority.issue().certificate.toString("base64") };
    bundle.verificationMaterial["x509CertificateChain"] = { certificates: order(leaf, more) };
    expect(codes(await verdict(JSON.stringify(bundle)))).toEqual(["SIGNATURE_INVALID"]);
  });

  test("bytes after it is refused", async () => {
    const { certificate, privateKey } = authority.issue();
    const padded = { certificate: Buffer.concat([certificate, Buffer.from([0])]), privateKey };
    expect(codes(await verdict(await signedWith(padded)))).toEqual(["CERTIFICATE_INVALID"]);
  });

  test("another identity that makes a pattern backtrack is no match, and soon told", async () => {
    const evil = `https://github.com/${"a".repeat(60)}!`;
    const issued = authority.issue(wish(names(["uri", evil]), issuerV2()));
    const slow = { subject: { pattern: "https://github\\.com/(a+)+" }, issuer: { exact: issuer } };
    const found = await verdict(await signedWith(issued), { signers: { identities: [slow] } });
    expect(codes(found)).toEqual(["IDENTITY_MISMATCH"]);
  });
});

type Bundle = { mediaType: unknown; verificationMaterial: Record<string, unknown> };
type Entry = Record<string, unknown> & {
  inclusionProof: Record<string, unknown>;
  logId: { keyId: string };
};

/** As a workflow signs at the instance: certificate, log entry, timestamp. */
async function keyless(instance: SigstoreDouble, predicate: object = {}): Promise<Bundle> {
  const token = identityToken({ iss: issuer, sub: identity });
  const bundle = await signStatement(
    Buffer.from(JSON.stringify(statement({ predicate }))),
    keylessSigning(instance.services, token),
  );
  return JSON.parse(bundle.toString()) as Bundle;
}

const entriesOf = ({ verificationMaterial }: Bundle): Entry[] =>
  verificationMaterial["tlogEntries"] as Entry[];
const entryOf = (bundle: Bundle): Entry => {
  const [entry] = entriesOf(bundle);
  if (entry === undefined) throw new Error("no entry");
  return entry;
};

type Swap = (bundle: Bundle, second: Bundle, foreign: Bundle) => void;

const swaps: readonly (readonly [string, string, Swap])[] = [
  [
    "the log entry of another bundle",
    "LOG_ENTRY_INVALID",
    (bundle, second) => {
      bundle.verificationMaterial["tlogEntries"] = entriesOf(second);
    },
  ],
  [
    "the log entry of another log",
    "LOG_ENTRY_INVALID",
    (bundle, _second, foreign) => {
      bundle.verificationMaterial["tlogEntries"] = entriesOf(foreign);
    },
  ],
  [
    "its log entry and another bundle's of the same time",
    "TIMESTAMP_INVALID",
    (bundle, second) => {
      bundle.verificationMaterial["tlogEntries"] = [...entriesOf(bundle), ...entriesOf(second)];
    },
  ],
  [
    "its log entry twice",
    "TIMESTAMP_INVALID",
    (bundle) => {
      bundle.verificationMaterial["tlogEntries"] = [...entriesOf(bundle), ...entriesOf(bundle)];
    },
  ],
  [
    "the proof of another tree",
    "LOG_ENTRY_INVALID",
    (bundle, _second, foreign) => {
      entryOf(bundle).inclusionProof = entryOf(foreign).inclusionProof;
    },
  ],
  [
    "a proof of another size",
    "LOG_ENTRY_INVALID",
    (bundle) => {
      entryOf(bundle).inclusionProof["treeSize"] = "12345";
    },
  ],
  [
    "a proof of another root",
    "LOG_ENTRY_INVALID",
    (bundle) => {
      entryOf(bundle).inclusionProof["rootHash"] = Buffer.alloc(32).toString("base64");
    },
  ],
  [
    "a proof at another place",
    "LOG_ENTRY_INVALID",
    (bundle) => {
      entryOf(bundle).inclusionProof["logIndex"] = "12345";
    },
  ],
  [
    "a proof with one hash more",
    "LOG_ENTRY_INVALID",
    (bundle) => {
      const { inclusionProof } = entryOf(bundle);
      const hashes = (inclusionProof["hashes"] ?? []) as string[];
      inclusionProof["hashes"] = [...hashes, Buffer.alloc(32).toString("base64")];
    },
  ],
  [
    "the checkpoint of another log",
    "LOG_ENTRY_INVALID",
    (bundle, _second, foreign) => {
      entryOf(bundle).inclusionProof["checkpoint"] = entryOf(foreign).inclusionProof["checkpoint"];
    },
  ],
  [
    "the id of another log",
    "LOG_ENTRY_INVALID",
    (bundle, _second, foreign) => {
      entryOf(bundle).logId = entryOf(foreign).logId;
    },
  ],
  [
    "another time of integration",
    "LOG_ENTRY_INVALID",
    (bundle) => {
      entryOf(bundle)["integratedTime"] = `${Number(entryOf(bundle)["integratedTime"]) + 1}`;
    },
  ],
  [
    "no time of integration but a promise",
    "LOG_ENTRY_INVALID",
    (bundle) => {
      entryOf(bundle)["integratedTime"] = "0";
    },
  ],
  [
    "the promise of another entry",
    "LOG_ENTRY_INVALID",
    (bundle, second) => {
      entryOf(bundle)["inclusionPromise"] = entryOf(second)["inclusionPromise"];
    },
  ],
  [
    "the timestamp of another bundle",
    "TIMESTAMP_INVALID",
    (bundle, second) => {
      bundle.verificationMaterial["timestampVerificationData"] =
        second.verificationMaterial["timestampVerificationData"];
    },
  ],
  [
    "the timestamp of an unknown authority",
    "TIMESTAMP_INVALID",
    (bundle, _second, foreign) => {
      bundle.verificationMaterial["timestampVerificationData"] =
        foreign.verificationMaterial["timestampVerificationData"];
    },
  ],
  [
    "its timestamp twice",
    "TIMESTAMP_INVALID",
    (bundle) => {
      const data = bundle.verificationMaterial["timestampVerificationData"] as {
        rfc3161Timestamps: unknown[];
      };
      data.rfc3161Timestamps.push(data.rfc3161Timestamps[0]);
    },
  ],
  [
    "the certificate of another bundle",
    "SIGNATURE_INVALID",
    (bundle, second) => {
      bundle.verificationMaterial["certificate"] = second.verificationMaterial["certificate"];
    },
  ],
  [
    "all material of another bundle",
    "SIGNATURE_INVALID",
    (bundle, second) => {
      bundle.verificationMaterial = second.verificationMaterial;
    },
  ],
];

describe("a bundle with", () => {
  test.each(swaps)("%s is refused (%s)", async (_name, code, swap) => {
    const [bundle, second, foreign] = await Promise.all([
      keyless(sigstore),
      keyless(sigstore, { verdict: "another" }),
      keyless(other),
    ]);
    expect(codes(await verdict(JSON.stringify(bundle), { thresholds: {} }))).toEqual([]);
    swap(bundle, second, foreign);
    expect(codes(await verdict(JSON.stringify(bundle), { thresholds: {} }))).toContain(code);
  });
});

const past = { start: "2020-01-01T00:00:00Z", end: "2021-01-01T00:00:00Z" };
const future = { start: "2098-01-01T00:00:00Z" };

type Bend = (root: RootJson, validFor: object) => void;
const key =
  (list: string): Bend =>
  (root, validFor) => {
    for (const each of root[list] ?? [])
      (each["publicKey"] as Record<string, unknown>)["validFor"] = validFor;
  };
const whole =
  (list: string): Bend =>
  (root, validFor) => {
    for (const each of root[list] ?? []) each["validFor"] = validFor;
  };

describe("a trusted root whose", () => {
  test.each([
    ["log key", "LOG_ENTRY_INVALID", key("tlogs")],
    ["certificate log key", "CERTIFICATE_INVALID", key("ctlogs")],
    ["certificate authority", "CERTIFICATE_INVALID", whole("certificateAuthorities")],
    ["timestamp authority", "TIMESTAMP_INVALID", whole("timestampAuthorities")],
  ] as const)("%s had or has another time does not verify (%s)", async (_name, code, bend) => {
    const bundle = JSON.stringify(await keyless(sigstore));
    for (const validFor of [past, future]) {
      const bent = await rootWith((root) => bend(root, validFor));
      expect(codes(await verdict(bundle, { trustedRoot: bent, thresholds: {} }))).toContain(code);
    }
  });

  test.each([
    ["log", "LOG_ENTRY_INVALID", "tlogs"],
    ["certificate log", "CERTIFICATE_INVALID", "ctlogs"],
    ["certificate authority", "CERTIFICATE_INVALID", "certificateAuthorities"],
    ["timestamp authority", "TIMESTAMP_INVALID", "timestampAuthorities"],
  ])("%s is missing does not verify (%s)", async (_name, code, list) => {
    const bent = await rootWith((root) => void (root[list] = []));
    const found = await verdict(JSON.stringify(await keyless(sigstore)), {
      trustedRoot: bent,
      thresholds: {},
    });
    expect(codes(found)).toContain(code);
  });
});
