import { AttestError } from "../error.js";
import { statementLimits, type StatementLimits } from "./limits.js";
import type { ByteRange, StatementHeader } from "./types.js";
import type { WrittenFile } from "./write.js";

/** A statement file that was read and checked. */
export type ReadStatement = {
  readonly header: StatementHeader;
  /** Where the predicate's value stands in the file, without white space around it. */
  readonly predicate: ByteRange;
  /** Bytes of the file. */
  readonly size: number;
  /** Digest of the file's bytes in lower-case hex. */
  readonly sha256: string;
};

/** Reads a statement file, v1 or v0.1. */
export function readStatement(
  path: string,
  limits: StatementLimits = statementLimits,
): Promise<ReadStatement> {
  return Promise.reject(new AttestError("LIMIT_EXCEEDED", `${path} not read yet (limit ${limits.bytes})`));
}

/** Copies a range of bytes of a file, as {@link readStatement} returned it, to a file of its own. */
export function extractPredicate(path: string, range: ByteRange, outPath: string): Promise<WrittenFile> {
  return Promise.reject(new AttestError("LIMIT_EXCEEDED", `${path} ${range.start} ${outPath} not read yet`));
}
