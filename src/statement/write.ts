import { createJsonScanner } from "../json/scan.js";
import { assertHeader } from "./check.js";
import { withFile, writeWhole, type WrittenFile } from "./files.js";
import { assertHeaderSize, assertSize, statementLimits, type StatementLimits } from "./limits.js";
import { predicatePieces, type PredicateSource } from "./predicate.js";
import { orderedSubject } from "./subject-fields.js";
import { statementTypeV1, type Subject } from "./types.js";

export { checkPredicate } from "./predicate.js";

export type WriteStatementOptions = PredicateSource & {
  readonly subjects: readonly Subject[];
  /** File to write; an existing one is replaced at once, never half. */
  readonly outPath: string;
};

/**
 * Writes a Statement v1 around a predicate file. The predicate's bytes pass verbatim, without the white
 * space around the value; they are read in pieces, so that their size costs no memory. The same input
 * gives the same bytes: the fields' order is fixed, digests are ordered by algorithm, nothing else is
 * added. Returns size and digest of what was written.
 * @throws AttestError STATEMENT_INVALID with everything that is wrong with subjects, predicate type and
 * the predicate's kind, JSON_INVALID when the predicate is no JSON, LIMIT_EXCEEDED at a limit,
 * ARGUMENT_INVALID when the predicate can't be read.
 */
export async function writeStatement(options: WriteStatementOptions): Promise<WrittenFile> {
  const { subjects, predicateType, predicatePath, outPath, limits = statementLimits } = options;
  const head = statementHead(subjects, predicateType, limits);
  return withFile(predicatePath, async (file, size) => {
    assertSize(head.length + size + 1, limits);
    return writeWhole(outPath, async (writer) => {
      await writer.write(head);
      for await (const piece of predicatePieces(file, size, predicateType)) await writer.write(piece);
      await writer.write(Buffer.from("}"));
    });
  });
}

/** Everything up to the predicate's value. */
function statementHead(
  subjects: readonly Subject[],
  predicateType: string,
  limits: StatementLimits,
): Uint8Array {
  assertHeader({ type: statementTypeV1, subjects, predicateType }, limits);
  const members = { _type: statementTypeV1, subject: subjects.map(orderedSubject), predicateType };
  const head = Buffer.from(`${JSON.stringify(members).slice(0, -1)},"predicate":`);
  assertHeaderSize(head.length + 1, limits);
  // The reader is stricter than JSON.stringify (lone surrogates, depth), and must accept what is written.
  const scanner = createJsonScanner({ depth: -1 }, { what: "the statement's header" });
  scanner.write(head);
  scanner.write(Buffer.from("{}}"));
  scanner.end();
  return head;
}
