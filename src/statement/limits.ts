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

/** Bytes that cosign reads of a payload; it refuses more unless COSIGN_MAX_ATTACHMENT_SIZE is raised. */
export const cosignPayloadBytes = 128 * mebibyte;
