import { AttestError } from "../error.js";

/** What a statement may hold, so that no input can exhaust the reader. */
export type StatementLimits = {
  /** Entries of `subject`; sigstore-go and GitHub stop at the same number. */
  readonly subjects: number;
  /** Digests of one subject; sigstore-go stops at the same number. */
  readonly digestsPerSubject: number;
  /** Bytes of the whole statement. */
  readonly bytes: number;
  /** Bytes of everything but the predicate: this part is held in memory. */
  readonly headerBytes: number;
};

const mebibyte = 1024 * 1024;

/** The limits that hold unless told otherwise. */
export const statementLimits: StatementLimits = {
  subjects: 1024,
  digestsPerSubject: 32,
  bytes: 512 * mebibyte,
  headerBytes: 32 * mebibyte,
};

/** Bytes of a payload that cosign reads unless COSIGN_MAX_ATTACHMENT_SIZE is raised. */
export const cosignPayloadBytes = 128 * mebibyte;

/**
 * Checks the size of a whole statement.
 * @throws AttestError LIMIT_EXCEEDED that names the limit.
 */
export function assertSize(bytes: number, limits: StatementLimits): void {
  if (bytes <= limits.bytes) return;
  throw new AttestError("LIMIT_EXCEEDED", "the statement is too large", {
    problems: [{ path: "", expected: `at most ${inMebibytes(limits.bytes)}`, got: inMebibytes(bytes) }],
    next: `Make the predicate smaller or raise the limit; note that cosign stops at ${inMebibytes(cosignPayloadBytes)}.`,
  });
}

/**
 * Checks the size of everything but the predicate.
 * @throws AttestError LIMIT_EXCEEDED that names the limit.
 */
export function assertHeaderSize(bytes: number, limits: StatementLimits): void {
  if (bytes <= limits.headerBytes) return;
  throw new AttestError("LIMIT_EXCEEDED", "the statement is too large outside its predicate", {
    problems: [{ path: "", expected: `at most ${inMebibytes(limits.headerBytes)}`, got: inMebibytes(bytes) }],
    next: "Leave out large annotations and contents of subjects, or raise the limit.",
  });
}

/** One sentence when a statement of this size is legal here, but not read by cosign. */
export function sizeWarnings(bytes: number): string[] {
  if (bytes <= cosignPayloadBytes) return [];
  return [`the statement has ${inMebibytes(bytes)}; cosign stops at ${inMebibytes(cosignPayloadBytes)}`];
}

/** As in `512 MiB (536870912 bytes)`. */
function inMebibytes(bytes: number): string {
  const rounded = Math.round((bytes / mebibyte) * 10) / 10;
  return `${rounded} MiB (${bytes} bytes)`;
}
