/**
 * The one error class of the core. Every refusal carries a closed code, what was expected and what
 * was found, and what to do next. Dagger v0.21 forwards only the message of an error, so the message
 * holds all of it.
 */

import { nextStep } from "./next-step.js";

/** What went wrong, as a closed list. Documented one by one in docs/errors.md. */
export type AttestErrorCode =
  /** An argument is missing, contradicts another, or has the wrong form. */
  | "ARGUMENT_INVALID"
  /** A statement breaks the in-toto specification. */
  | "STATEMENT_INVALID"
  /** Something that has to be JSON is none, or is ambiguous (duplicate keys). */
  | "JSON_INVALID"
  /** A stated limit (size, number, depth) is exceeded. */
  | "LIMIT_EXCEEDED"
  /** An image reference or a digest is malformed. */
  | "REFERENCE_INVALID"
  /** An OCI layout, archive or manifest is not what the specification says. */
  | "IMAGE_INVALID"
  /** There is no such image, manifest or blob where it was looked for. */
  | "IMAGE_NOT_FOUND"
  /** Content does not have the digest or the size that it was announced with. */
  | "DIGEST_MISMATCH"
  /** A registry did not answer, or not in time, or only with errors of its own. */
  | "REGISTRY_FAILED"
  /** A registry refuses the credentials, or what was asked for. */
  | "REGISTRY_DENIED"
  /** A registry answered something that the distribution specification does not allow. */
  | "REGISTRY_RESPONSE_INVALID"
  /** The system does not let a file be read or written: no room, no permission, read-only. */
  | "FILE_FAILED"
  /** A directory holds something that its digest can't describe. */
  | "DIRECTORY_INVALID"
  /** The scanner ended with an error. */
  | "SCANNER_FAILED"
  /** The scanner printed something that is no SBOM of the asked-for format. */
  | "SBOM_INVALID"
  /** A predicate breaks the specification of its type. */
  | "PREDICATE_INVALID"
  /** A report of tests or of a vulnerability scan can't be read, or lacks what a predicate needs. */
  | "REPORT_INVALID"
  /** A key can't be used: not PEM, wrong passphrase, an algorithm or size that verifiers refuse. */
  | "KEY_INVALID"
  /** A bundle or envelope breaks the Sigstore or DSSE format. */
  | "BUNDLE_INVALID"
  /** A trusted root is not what the Sigstore specification says. */
  | "TRUSTED_ROOT_INVALID"
  /** A TUF repository does not answer, and nothing that was fetched before does instead. */
  | "TUF_UNAVAILABLE"
  /** What a TUF repository answers is expired, older than what was seen before, or not properly signed. */
  | "TUF_INVALID"
  /** A policy is malformed. */
  | "POLICY_INVALID"
  /** Signing did not succeed: a service refused or did not answer. */
  | "SIGNING_FAILED"
  /** A trace, lockfile, image history or declaration that provenance is made from can't be read. */
  | "EVIDENCE_INVALID"
  /** The evidence does not hold, or does not say what was asked for. */
  | "VERIFICATION_FAILED";

/** One thing that is wrong: where, what was expected there, what stands there. */
export type Problem = {
  /** Path in the document, as in `subject[1].digest.sha256`; "" for the document itself. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
};

export type AttestErrorDetails = {
  readonly problems?: readonly Problem[];
  /** What the reader should do next: one sentence in the imperative. Without it: what helps with most errors of the code. */
  readonly next?: string;
  readonly cause?: unknown;
};

export class AttestError extends Error {
  readonly code: AttestErrorCode;
  /** The message without its code, the problems and what to do next. */
  readonly summary: string;
  readonly problems: readonly Problem[];
  readonly next: string;

  constructor(code: AttestErrorCode, summary: string, details: AttestErrorDetails = {}) {
    const next = details.next ?? nextStep[code];
    super(
      formatMessage(`${code}: ${summary}`, details.problems ?? [], next),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = "AttestError";
    this.code = code;
    this.summary = summary;
    this.problems = details.problems ?? [];
    this.next = next;
  }
}

const shownProblems = 50;

function formatMessage(summary: string, problems: readonly Problem[], next: string): string {
  const lines = [summary];
  for (const problem of problems.slice(0, shownProblems)) lines.push(`  ${formatProblem(problem)}`);
  if (problems.length > shownProblems) lines.push(`  and ${problems.length - shownProblems} more`);
  lines.push(`Next: ${next}`);
  return lines.join("\n");
}

/** One line: `subject[1].digest.sha256: 64 lower-case hex characters expected, got 40`. */
export function formatProblem(problem: Problem): string {
  const where = problem.path === "" ? "" : `${problem.path}: `;
  return `${where}${problem.expected} expected, got ${problem.got}`;
}

/** Why something was refused, on one line, for those who have their own words around it. */
export function reasonOf(error: AttestError): string {
  return error.problems.length === 0 ? error.summary : error.problems.map(formatProblem).join("; ");
}

/** The code that an error of Node.js or of a library carries, as in ENOENT; "" where it has none. */
export function errorCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
