import type { Artifact, VerifiedSigner, VerifiedTime } from "../../src/verification/types.js";
import type { VerifiedAttestation } from "../../src/verification/verify.js";
import { artifact, now, sha256 } from "../verification/support.js";
import { readPolicy } from "../../src/policy/read.js";
import { evaluatePolicy } from "../../src/policy/evaluate.js";
import type { Decision } from "../../src/policy/types.js";

export const provenanceType = "https://slsa.dev/provenance/v1";

export type Said = {
  readonly type?: string;
  readonly predicate?: unknown;
  readonly name?: string;
  readonly times?: readonly VerifiedTime[];
  readonly signer?: VerifiedSigner;
};

/** An attestation that was verified, as rules see it. */
export function verified({
  type = provenanceType,
  predicate = {},
  name = "bundle",
  times = [],
  signer,
}: Said): VerifiedAttestation {
  const header = {
    type: "https://in-toto.io/Statement/v1" as const,
    subjects: [{ name: "hello.txt", digest: { sha256 } }],
    predicateType: type,
  };
  return {
    verdict: {
      name,
      passed: true,
      signer: signer ?? { kind: "key", hint: "hint", algorithm: "ECDSA P-256" },
      times,
      statement: { ...header, sha256 },
      checks: [],
      notChecked: [],
      failures: [],
    },
    statement: { header, sha256, predicateKind: "object", predicate },
  };
}

/** Decides by one rule, given as YAML. */
export async function decide(
  rule: string,
  attestations: readonly VerifiedAttestation[],
  about: Artifact = artifact,
): Promise<Decision> {
  const indented = rule.trim().split("\n").join("\n    ");
  const policy = await readPolicy(`policy: test\nrules:\n  - name: the rule\n    ${indented}\n`);
  return evaluatePolicy(policy, { artifact: about, attestations, now });
}

export async function reasonOf(
  rule: string,
  attestations: readonly VerifiedAttestation[],
): Promise<[boolean, string]> {
  const { passed, rules } = await decide(rule, attestations);
  return [passed, rules[0]?.reason ?? ""];
}
