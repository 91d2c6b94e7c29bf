import type { KeyObject } from "node:crypto";
import { keyAlgorithm } from "../signing/key-algorithm.js";
import type { ReadBundle } from "./bundle/types.js";
import { failed, omitted, passed, type Findings } from "./findings.js";
import type { PublicKey } from "./public-key.js";
import type { CheckedRequest } from "./request.js";
import { checkSignature, type CheckedSignature } from "./signature.js";
import { checkTrust, type TrustedSignature } from "./trust.js";
import type { VerifiedTime } from "./types.js";
import { reportWitnesses } from "./witnesses.js";

/** Checks a signature that was made with a bare key, or of which the envelope does not say how. */
export async function checkKeySigner(
  bundle: ReadBundle,
  request: CheckedRequest,
  findings: Findings,
): Promise<TrustedSignature | undefined> {
  const candidates = candidateKeys(bundle, request, findings);
  for (const candidate of candidates) {
    const checked = await checkSignature(bundle.content, bundle.signature, candidate.key, request.file);
    if (!checked.valid) continue;
    passed(findings, "signature", "The signature fits the content and the key.");
    passed(findings, "signer", `The key is one that is trusted (${candidate.hint}).`);
    const signer = {
      kind: "key" as const,
      hint: candidate.hint,
      algorithm: keyAlgorithm(candidate.key)?.name ?? "",
    };
    const times = await checkKeyWitnesses(bundle, candidate.key, checked, request, findings);
    return times === undefined ? undefined : { signer, times, checked };
  }
  if (candidates.length > 0)
    failed(
      findings,
      "signature",
      "SIGNATURE_INVALID",
      "The signature does not fit the content and the key.",
      `a signature by ${candidates.map(({ hint }) => hint).join(" or ")}`,
      "one that does not verify: content, payload type or signature were altered, or another key was used",
    );
  return undefined;
}

/** The trusted keys that the bundle may have been signed with, going by the names that it gives. */
function candidateKeys(
  { signer, keyid, format }: ReadBundle,
  { keys }: CheckedRequest,
  findings: Findings,
): readonly PublicKey[] {
  if (keys.length === 0) {
    failed(
      findings,
      "signer",
      "SIGNER_KIND",
      "Signed with a bare key.",
      "a certificate with the asked-for identity",
      "a key",
    );
    return [];
  }
  const hint = signer.kind === "key" ? signer.hint : "";
  // In a bare envelope a keyid may follow any convention, and DSSE forbids to rely on it.
  const named = [hint, format === "dsse" ? "" : keyid].filter((name) => name !== "");
  const candidates = keys.filter(({ names }) => named.every((name) => names.has(name)));
  if (candidates.length === 0)
    failed(
      findings,
      "signer",
      "KEY_UNTRUSTED",
      "The bundle names a key that is not trusted.",
      keys.map((key) => key.hint).join(" or "),
      named.join(" and "),
    );
  return candidates;
}

async function checkKeyWitnesses(
  bundle: ReadBundle,
  key: KeyObject,
  checked: CheckedSignature,
  { trustedRoot, forKeys }: CheckedRequest,
  findings: Findings,
): Promise<readonly VerifiedTime[] | undefined> {
  if (trustedRoot === undefined) {
    const unlooked = "The bundle has some, but no trusted root was given to hold them against.";
    omitted(
      findings,
      "timestamp",
      bundle.timestamps.length > 0
        ? unlooked
        : "The bundle has none: nobody vouches for the time of signing.",
    );
    omitted(
      findings,
      "transparency-log",
      bundle.tlogEntries.length > 0 ? unlooked : "The bundle has no log entry.",
    );
    return [];
  }
  const outcome = await checkTrust(bundle, { key }, checked, trustedRoot, forKeys);
  if ("failure" in outcome) {
    findings.failures.push(outcome.failure);
    return undefined;
  }
  reportWitnesses(bundle, outcome.times, findings);
  return outcome.times;
}
