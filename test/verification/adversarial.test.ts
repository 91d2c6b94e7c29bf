import { describe, expect, test } from "vitest";
import { verify } from "../../src/verification/verify.js";
import { jsonAttacks, payloadTypeAttacks, statementAttacks, subjectAttacks, type Attack } from "./attacks.js";
import { artifact, input, makeKey, predicateType, request, sha256, signValue, statement } from "./support.js";
import { bundleAttacks, signatureAttacks } from "./tampering.js";
import { createHash } from "node:crypto";

const key = makeKey();
const sha512 = createHash("sha512").update("hello\n").digest("hex");
const sha1 = createHash("sha1").update("hello\n").digest("hex");

/** Knows the artifact by every digest, good and weak: an attacker may choose which one to match. */
const question = request(key, {
  artifact: { ...artifact, digests: { sha256, sha512, sha1 } },
  predicateType,
});

const suites: readonly (readonly [string, readonly Attack[]])[] = [
  ["a statement with a fault", statementAttacks],
  ["a statement about something else", subjectAttacks],
  ["a payload that is ambiguous or no JSON", jsonAttacks],
  ["another payload type", payloadTypeAttacks],
  ["a signature that was tampered with", signatureAttacks],
  ["a bundle that is none", bundleAttacks],
];

test("what the attacks start from does verify", async () => {
  const { passed, failures } = await verify([input(await signValue(statement(), key))], question);
  expect({ passed, failures }).toEqual({ passed: true, failures: [] });
});

test("there are at least 150 attacks, each with a name of its own", () => {
  const names = suites.flatMap(([suite, attacks]) => attacks.map(([name]) => `${suite}: ${name}`));
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(150);
});

describe.each(suites)("%s is refused:", (_suite, attacks) => {
  test.each(attacks)("%s (%s)", async (_name, code, forge) => {
    const { passed, checks, failures, bundles } = await verify([input(await forge(key))], question);
    expect(passed).toBe(false);
    expect(checks).toEqual([]);
    expect(bundles[0]?.failures[0]?.code).toBe(code);
    expect(failures.map((failure) => failure.code)).toEqual([
      ...(bundles[0]?.failures ?? []).map((failure) => failure.code),
      "THRESHOLD",
    ]);
    for (const { message, expected, got } of failures)
      for (const part of [message, expected, got]) expect(part).not.toBe("");
  });
});
