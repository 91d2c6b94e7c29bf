import type { Subject } from "../statement/types.js";
import type { Artifact, Failure } from "./types.js";

/**
 * The digests by which an artifact may be recognised. Others are ignored, as the specification asks: who could
 * find a collision for MD5 or SHA-1 would otherwise choose them.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md
 */
const accepted = ["sha256", "sha384", "sha512", "gitCommit", "gitTree", "gitBlob", "gitTag"] as const;

type Fit = "same" | "other" | "contradiction" | "nothing-in-common";

/**
 * Whether one of the subjects is the artifact that was asked about: by at least one accepted digest, and with
 * every accepted digest that both sides know.
 *
 * @returns nothing when it is; otherwise why not
 */
export function checkSubjects(subjects: readonly Subject[], artifact: Artifact): Failure | undefined {
  const fits = subjects.map((subject) => fit(subject.digest, artifact.digests));
  const expected = `a subject with ${listDigests(artifact.digests)}`;
  // First the contradiction: next to a subject that fits it would be a second story about the same bytes.
  if (fits.includes("contradiction"))
    return {
      check: "subject",
      code: "SUBJECT_CONTRADICTION",
      message: "One digest of the subject is the artifact's and another one is not.",
      expected,
      got: describeSubjects(subjects),
    };
  if (fits.includes("same")) return undefined;
  const weak = fits.every((each) => each === "nothing-in-common");
  return {
    check: "subject",
    code: weak ? "SUBJECT_WEAK_DIGEST" : "SUBJECT_MISMATCH",
    message: weak
      ? "The statement names its subjects by no digest that can be compared and is trusted."
      : "The statement is about something else.",
    expected,
    got: describeSubjects(subjects),
  };
}

function fit(claimed: Readonly<Record<string, string>>, actual: Readonly<Record<string, string>>): Fit {
  const common = accepted.filter((name) => claimed[name] !== undefined && actual[name] !== undefined);
  if (common.length === 0) return "nothing-in-common";
  const same = common.filter((name) => claimed[name] === actual[name]).length;
  if (same === common.length) return "same";
  return same === 0 ? "other" : "contradiction";
}

const shownSubjects = 5;

function describeSubjects(subjects: readonly Subject[]): string {
  const shown = subjects
    .slice(0, shownSubjects)
    .map(({ name, digest }) => `${name ?? "(no name)"} ${listDigests(digest)}`);
  const more = subjects.length > shownSubjects ? [`${subjects.length - shownSubjects} more`] : [];
  return [...shown, ...more].join("; ");
}

function listDigests(digests: Readonly<Record<string, string>>): string {
  const known = Object.entries(digests).map(([algorithm, digest]) => `${algorithm}:${digest}`);
  return known.length === 0 ? "no digest" : known.slice(0, shownSubjects).join(" ");
}
