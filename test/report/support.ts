import { verifyWithPolicy } from "../../src/policy/decide.js";
import { readPolicy } from "../../src/policy/read.js";
import type { Verification } from "../../src/verification/types.js";
import { artifact, input, makeKey, request, signValue, statement } from "../verification/support.js";

/** What an attacker would like to see run, followed or believed. */
export const hostile = `<script>document.title="owned"</script><img src=x onerror="document.title='owned'">"'& [link](https://evil.example) \`code\` | cell \u202egnp.exe`;

const policyText = `policy: https://acme.example/policy
rules:
  - name: reviewed
    predicateType: https://example.com/review/v1
    cel: predicate.verdict == "good"
  - name: built by us
    predicateType: https://slsa.dev/provenance/v1
    builderId: https://acme.example/builder
`;

const key = makeKey();

/** One bundle that holds, and everything that can be said of it. */
export async function goodVerification(): Promise<Verification> {
  const policy = await readPolicy(policyText.split("  - name: built")[0] ?? "");
  return verifyWithPolicy(
    [input(await signValue(statement(), key), "review.sigstore.json")],
    request(key),
    policy,
  );
}

/** Hostile texts in every place that a bundle or its name can reach. */
export async function badVerification(): Promise<Verification> {
  const other = { name: hostile, digest: { sha256: "0".repeat(64) } };
  const bundles = [
    input(await signValue(statement(), key), "review.sigstore.json"),
    input(
      await signValue(
        statement({ subject: [other], predicateType: "https://example.com/%3Cscript%3E" }),
        key,
      ),
      `evil ${hostile}`,
    ),
    input(JSON.stringify({ mediaType: hostile }), "broken.json"),
  ];
  const question = request(key, {
    artifact: { ...artifact, name: `app ${hostile}` },
    requirement: { kind: "all" },
  });
  return verifyWithPolicy(bundles, question, await readPolicy(policyText));
}
