import { AttestError, type Problem } from "../error.js";
import { checkDigest, checkDigestSet } from "../statement/digest-set.js";
import { statementLimits, type StatementLimits } from "../statement/limits.js";
import type { DigestSet, Subject } from "../statement/types.js";

/**
 * Reads digests that are written as `algorithm:value` (`sha256:<64 hex characters>`), with the
 * algorithm names of in-toto (`sha256`, `gitCommit`, `dirHash`, ...).
 * @throws AttestError REFERENCE_INVALID with every malformed, repeated or contradicting one.
 */
export function parseDigests(texts: readonly string[], limits: StatementLimits = statementLimits): DigestSet {
  const digests = new Map<string, string>();
  const problems: Problem[] = [];
  texts.forEach((text, index) => {
    const path = `digests[${index}]`;
    const [, algorithm, value] = /^([^:]+):(.+)$/s.exec(text) ?? [];
    if (algorithm === undefined || value === undefined) {
      problems.push({ path, expected: "algorithm:value, as in sha256:9f86d0...", got: JSON.stringify(text) });
      return;
    }
    problems.push(...checkDigest(algorithm, value, path));
    if (digests.has(algorithm)) {
      problems.push({ path, expected: `one ${algorithm} digest`, got: "a second one" });
    }
    digests.set(algorithm, value);
  });
  const set = Object.fromEntries(digests);
  if (problems.length === 0) problems.push(...checkDigestSet(set, "digests", limits));
  if (problems.length === 0) return set;
  throw new AttestError("REFERENCE_INVALID", "these digests can't name an artifact", {
    problems,
    next: "Write every digest as algorithm:value, as in sha256:<64 lower-case hex characters>.",
  });
}

/**
 * A subject of a name and digests in the form that {@link parseDigests} reads.
 * @throws AttestError REFERENCE_INVALID as {@link parseDigests} does.
 */
export function subjectOf(name: string, digests: readonly string[]): Subject {
  return { name, digest: parseDigests(digests) };
}
