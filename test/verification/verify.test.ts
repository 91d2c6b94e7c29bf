import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/signing/source.js";
import { bundleInputs } from "../../src/verification/bundle/inputs.js";
import { loadPublicKey } from "../../src/verification/public-key.js";
import { verify, verifyWithEvidence } from "../../src/verification/verify.js";
import type { Verification } from "../../src/verification/types.js";
import {
  artifact,
  input,
  makeKey,
  now,
  predicateType,
  request,
  sha256,
  signBytes,
  signValue,
  statement,
} from "./support.js";

const key = makeKey();
const codes = ({ failures }: Verification): string[] => failures.map(({ code }) => code);

/** The envelope inside a bundle, as tools without Sigstore keep it. */
async function bareEnvelope(
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, unknown>> {
  const bundle = JSON.parse((await signValue(statement(), key)).toString("utf8")) as {
    dsseEnvelope: Record<string, unknown>;
  };
  return { ...bundle.dsseEnvelope, ...changes };
}

describe("a verdict", () => {
  test("says what was checked and what was not", async () => {
    const { passed, checks, notChecked } = await verify(
      [input(await signValue(statement(), key))],
      request(key),
    );
    expect(passed).toBe(true);
    expect(checks.map(({ check }) => check)).toEqual([
      "bundle",
      "signature",
      "signer",
      "payload-type",
      "statement",
      "subject",
    ]);
    expect(notChecked).toEqual([
      { check: "timestamp", message: "The bundle has none: nobody vouches for the time of signing." },
      { check: "transparency-log", message: "The bundle has no log entry." },
      { check: "predicate-type", message: `Any was taken; it is ${predicateType}.` },
    ]);
  });

  test("on a bad signature looks no further, and says so", async () => {
    const forged = (await signValue(statement(), key))
      .toString()
      .replace('"payloadType":"application/vnd.in-toto+json"', '"payloadType":"x"');
    const { bundles } = await verify([input(forged)], request(key));
    const notReached = bundles[0]?.notChecked
      .filter(({ message }) => message.startsWith("Not reached"))
      .map(({ check }) => check);
    expect(notReached).toEqual(
      expect.arrayContaining(["payload-type", "statement", "predicate-type", "subject"]),
    );
    expect(bundles[0]?.statement).toBeUndefined();
    expect(bundles[0]?.signer).toBeUndefined();
  });

  test.each([
    [
      "https://slsa.dev/provenance/v1",
      {
        buildDefinition: {
          buildType: "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
        },
        runDetails: { builder: { id: "" } },
      },
    ],
    [
      "https://slsa.dev/provenance/v0.2",
      { builder: { id: "" }, buildType: "https://mobyproject.org/buildkit@v1" },
    ],
  ])(
    "takes %s of BuildKit, which names no builder unless it is told, and says so",
    async (type, predicate) => {
      const value = statement({ predicateType: type, predicate });
      const { passed, notChecked } = await verify([input(await signValue(value, key))], request(key));
      expect(passed).toBe(true);
      expect(notChecked.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/^Who built it: the provenance names no builder/),
      );
    },
  );

  test("is the same for the same input", async () => {
    const bundle = await signValue(statement(), key);
    const [first, second] = [
      await verify([input(bundle)], request(key)),
      await verify([input(bundle)], request(key)),
    ];
    expect(JSON.stringify(first)).toBe(JSON.stringify(second));
  });

  test("hands out statements of bundles that hold, and of no others", async () => {
    const other = makeKey();
    const inputs = [
      input(await signValue(statement(), key), "good"),
      input(await signValue(statement(), other), "bad"),
    ];
    const { attestations } = await verifyWithEvidence(inputs, request(key));
    expect(attestations.map(({ verdict, statement: { predicate } }) => [verdict.name, predicate])).toEqual([
      ["good", { verdict: "good" }],
    ]);
  });

  test("lists all that is wrong with a statement, not the first thing only", async () => {
    const bundle = await signValue(
      statement({
        predicateType: "https://example.com/x",
        subject: [{ name: "x", digest: { sha256: "0".repeat(64) } }],
      }),
      key,
    );
    const { bundles } = await verify([input(bundle)], request(key, { predicateType }));
    expect(bundles[0]?.failures.map(({ code }) => code)).toEqual(["PREDICATE_TYPE", "SUBJECT_MISMATCH"]);
  });
});

describe("several bundles", () => {
  const other = makeKey();
  const stranger = makeKey();
  const signers = { keys: [key.trusted, other.trusted] };
  const good = signValue(statement(), key);
  const alsoGood = signValue(statement(), other);
  const bad = signValue(statement(), stranger);

  test("one that holds is enough, unless told otherwise", async () => {
    expect((await verify([input(await bad), input(await good)], request(key))).passed).toBe(true);
  });

  test("with all required one that does not hold fails all", async () => {
    const all = { requirement: { kind: "all" } } as const;
    expect((await verify([input(await good), input(await good)], request(key, all))).passed).toBe(true);
    expect(codes(await verify([input(await good), input(await bad)], request(key, all)))).toEqual([
      "KEY_UNTRUSTED",
      "THRESHOLD",
    ]);
  });

  test("a threshold counts signers, not signatures", async () => {
    const two = { signers, requirement: { kind: "threshold", signers: 2 } } as const;
    expect((await verify([input(await good), input(await alsoGood)], request(key, two))).passed).toBe(true);
    expect(codes(await verify([input(await good), input(await good)], request(key, two)))).toEqual([
      "THRESHOLD",
    ]);
    const again = signValue(statement({ predicate: { verdict: "good", again: true } }), key);
    expect(codes(await verify([input(await good), input(await again)], request(key, two)))).toEqual([
      "THRESHOLD",
    ]);
  });

  test("none is a failure", async () => {
    expect(codes(await verify([], request(key)))).toEqual(["NO_BUNDLE"]);
    expect(codes(await verify([], request(key, { requirement: { kind: "all" } })))).toEqual(["NO_BUNDLE"]);
  });

  test("of a .jsonl file are one each, and a line that is none hides no other", async () => {
    const file = Buffer.from(`${(await bad).toString()}\r\n\n{"not":"a bundle"}\n${(await good).toString()}`);
    const inputs = await bundleInputs(bytesSource(file), "app.intoto.jsonl");
    expect(inputs.map(({ name }) => name)).toEqual([
      "app.intoto.jsonl:1",
      "app.intoto.jsonl:3",
      "app.intoto.jsonl:4",
    ]);
    const { passed, bundles } = await verify(inputs, request(key));
    expect(passed).toBe(true);
    expect(bundles.map(({ failures }) => failures[0]?.code)).toEqual([
      "KEY_UNTRUSTED",
      "BUNDLE_INVALID",
      undefined,
    ]);
  });

  test("more than 1024 lines are refused", async () => {
    await expect(
      bundleInputs(bytesSource(Buffer.from("{}\n".repeat(1025))), "x.jsonl"),
    ).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});

describe("what is read", () => {
  test.each([
    ["a bare envelope", {}],
    ["a bare envelope with fields of its own", { note: "x" }],
  ])("%s", async (_name, changes) => {
    expect(
      (await verify([input(JSON.stringify(await bareEnvelope(changes)))], request(key))).failures,
    ).toEqual([]);
  });

  test("a bare envelope with a keyid by any convention", async () => {
    const envelope = await bareEnvelope();
    const [first] = envelope["signatures"] as Record<string, unknown>[];
    const text = JSON.stringify({ ...envelope, signatures: [{ ...first, keyid: "0123abcd" }] });
    expect((await verify([input(text)], request(key))).passed).toBe(true);
  });

  test.each([
    ["URL-safe base64", (text: string) => text.replaceAll("+", "-").replaceAll("/", "_")],
    ["base64 without padding", (text: string) => text.replace(/=+$/, "")],
  ])("%s", async (_name, respell) => {
    const envelope = await bareEnvelope();
    const [first] = envelope["signatures"] as { sig: string }[];
    const text = JSON.stringify({
      ...envelope,
      payload: respell(String(envelope["payload"])),
      signatures: [{ sig: respell(first?.sig ?? "") }],
    });
    expect((await verify([input(text)], request(key))).failures).toEqual([]);
  });

  test("a bundle with the names that npm and others give to keys", async () => {
    const bundle = (await signValue(statement(), key)).toString();
    const named = bundle.replace(
      `"hint":"${key.trusted.hint}"`,
      `"hint":"SHA256:${key.trusted.hint.replace("=", "")}"`,
    );
    expect((await verify([input(named)], request(key))).passed).toBe(true);
    const own = bundle.replace(key.trusted.hint, "release-key");
    const signers = { keys: [loadPublicKey(key.publicPem, ["release-key"])] };
    expect((await verify([input(own)], request(key, { signers }))).passed).toBe(true);
  });

  test("Statement v0.1, which cosign writes", async () => {
    const bundle = await signValue(statement({ _type: "https://in-toto.io/Statement/v0.1" }), key);
    expect((await verify([input(bundle)], request(key))).passed).toBe(true);
  });

  test("a bundle of some megabytes, in pieces", async () => {
    const bundle = await signValue(statement({ predicate: { filler: "\u00e4".repeat(5_000_000) } }), key);
    const { failures, notChecked } = await verify([input(bundle)], request(key));
    expect(failures).toEqual([]);
    expect(notChecked.map(({ message }) => message).join()).toContain("not held in memory");
    const forged = Buffer.from(bundle);
    forged[forged.length >> 1] = forged[forged.length >> 1] === 0x41 ? 0x42 : 0x41;
    expect(codes(await verify([input(forged)], request(key)))).toEqual(["SIGNATURE_INVALID", "THRESHOLD"]);
    forged[forged.length >> 1] = 0x3d;
    expect(codes(await verify([input(forged)], request(key)))).toEqual(["BUNDLE_INVALID", "THRESHOLD"]);
  });

  test.each([
    [
      "keys twice",
      (text: string) => `${text.slice(0, -1)},"predicateType":"https://example.com/x"}`,
      "STATEMENT_INVALID",
    ],
    ["another case", (text: string) => `${text.slice(0, -1)},"Subject":[]}`, "STATEMENT_INVALID"],
    ["a second document", (text: string) => `${text}{}`, "STATEMENT_INVALID"],
    ["no predicate", (text: string) => text.replace('"predicate":', '"other":'), "PREDICATE_MISSING"],
    ["a list", (text: string) => `[${text}]`, "STATEMENT_INVALID"],
  ])("but not a large statement with %s", async (_name, change, code) => {
    const text = change(JSON.stringify(statement({ predicate: { filler: "x".repeat(9_000_000) } })));
    expect(codes(await verify([input(await signBytes(text, key))], request(key)))).toEqual([
      code,
      "THRESHOLD",
    ]);
  });

  test("but not more than the limits", async () => {
    const bundle = await signValue(statement({ predicate: { filler: "x".repeat(5_000) } }), key);
    const limits = { payloadBytes: 4_000, materialBytes: 4_000 };
    expect(codes(await verify([input(bundle)], request(key, { limits })))).toEqual([
      "LIMIT_EXCEEDED",
      "THRESHOLD",
    ]);
  });
});

describe("an incomplete question is refused:", () => {
  test.each([
    ["no signer", { signers: {} }, /signers: a key, or an identity/],
    [
      "an identity without trusted root",
      { signers: { identities: [{ subject: { exact: "a" }, issuer: { exact: "b" } }] } },
      /trustedRoot/,
    ],
    ["no digest", { artifact: { name: "x", digests: {} } }, /artifact\.digests/],
    ["a weak digest alone", { artifact: { name: "x", digests: { sha1: "0".repeat(40) } } }, /SHA-2/],
    [
      "a malformed digest",
      { artifact: { name: "x", digests: { sha256: sha256.toUpperCase() } } },
      /lower-case/,
    ],
    [
      "a threshold of none",
      { requirement: { kind: "threshold", signers: 0 } as const },
      /requirement\.signers/,
    ],
    ["a negative threshold", { thresholds: { timestamps: -1 } }, /thresholds\.timestamps/],
    ["a log entry without trusted root", { thresholds: { logEntries: 1 } }, /trustedRoot/],
  ])("%s", async (_name, changes, message) => {
    await expect(verify([], request(key, changes))).rejects.toMatchObject({
      code: "ARGUMENT_INVALID",
      message: expect.stringMatching(message) as string,
    });
  });
});

test("the artifact is recognised by any accepted digest", async () => {
  const digests = { gitCommit: "0".repeat(40) };
  const bundle = await signValue(statement({ subject: [{ name: "commit", digest: digests }] }), key);
  expect((await verify([input(bundle)], request(key, { artifact: { ...artifact, digests } }))).passed).toBe(
    true,
  );
  expect(now.getTime()).toBeGreaterThan(0);
});
