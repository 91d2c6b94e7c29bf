import { AttestError } from "../error.js";
import { statementLimits, type StatementLimits } from "./limits.js";
import type { Subject } from "./types.js";

export type WriteStatementOptions = {
  readonly subjects: readonly Subject[];
  readonly predicateType: string;
  /** File that holds the predicate: one JSON value. */
  readonly predicatePath: string;
  /** File to write; an existing one is replaced at once, never half. */
  readonly outPath: string;
  readonly limits?: StatementLimits;
};

/** A file that was written: digest of its bytes in lower-case hex, and their number. */
export type WrittenFile = { readonly sha256: string; readonly size: number };

/** Writes a Statement v1 around a predicate file. */
export function writeStatement(options: WriteStatementOptions): Promise<WrittenFile> {
  const { bytes } = options.limits ?? statementLimits;
  return Promise.reject(new AttestError("LIMIT_EXCEEDED", `not written yet (limit ${bytes})`));
}
