/** What may stand in the field `predicate`, checked while its bytes pass. */
import type { FileHandle } from "node:fs/promises";

import { AttestError, type Problem } from "../error.js";
import { createJsonScanner, type JsonKind } from "../json/scan.js";
import { bytesOf, pieces, withFile } from "./files.js";
import { assertSize, statementLimits, type StatementLimits } from "./limits.js";
import { recogniseBytes } from "./recognise.js";
import { checkUri } from "./uri.js";

export type PredicateSource = {
  /** URI, as in `https://spdx.dev/Document`. */
  readonly predicateType: string;
  /** File that holds the predicate: one JSON value, an object (see {@link checkPredicateKind}). */
  readonly predicatePath: string;
  readonly limits?: StatementLimits;
};

/**
 * The specification wants an object. cosign writes the text of an SPDX tag-value document as a JSON
 * string under this predicate type (`--type spdx`), so a string is accepted here and nowhere else.
 */
const predicateTypeOfText = "https://spdx.dev/Document";

const sniffedBytes = 4096;

/**
 * What is wrong with the kind of the predicate. A missing or null one is refused, although the
 * specification calls the field optional: the reference validators (Go, Python) refuse it too.
 */
export function checkPredicateKind(kind: JsonKind | undefined, predicateType: unknown): Problem[] {
  if (kind === "object") return [];
  if (kind === "string" && predicateType === predicateTypeOfText) return [];
  const got = kind === undefined ? "nothing" : kind === "null" ? "null" : `a JSON ${kind}`;
  const expected = kind === "string" ? `an object (a string only for ${predicateTypeOfText})` : "an object";
  return [{ path: "predicate", expected, got }];
}

/**
 * Checks a predicate type and a predicate file as `writeStatement` does, and writes nothing.
 * @throws AttestError as `writeStatement` does.
 */
export async function checkPredicate(source: PredicateSource): Promise<void> {
  const { predicateType, predicatePath, limits = statementLimits } = source;
  const problems = checkUri(predicateType, "predicateType");
  if (problems.length > 0) {
    throw new AttestError("STATEMENT_INVALID", "the predicate type is no type URI of in-toto", {
      problems,
      next: "Name an absolute URI that you own or that the predicate's specification gives.",
    });
  }
  await withFile(predicatePath, async (file, size) => {
    assertSize(size, limits);
    for await (const _piece of predicatePieces(file, size, predicateType));
  });
}

/**
 * The bytes of the one JSON value in a file, without white space around it, in pieces that are valid
 * until the next one is asked for. The text is checked on the way, to its last byte.
 * @throws AttestError JSON_INVALID when it is no JSON, STATEMENT_INVALID when it is of a kind that is no
 * predicate.
 */
export async function* predicatePieces(
  file: FileHandle,
  size: number,
  predicateType: string,
): AsyncGenerator<Uint8Array, void> {
  refuseForeign(await bytesOf(file, { start: 0, end: Math.min(size, sniffedBytes) }));
  let start = Infinity;
  let end = Infinity;
  const visitor = {
    depth: 0,
    valueStart: (_depth: number, kind: JsonKind, offset: number) => {
      assertKind(kind, predicateType);
      start = offset;
    },
    valueEnd: (_depth: number, _kind: JsonKind, offset: number) => {
      end = offset;
    },
  };
  const scanner = createJsonScanner(visitor, { what: "the predicate" });
  let position = 0;
  for await (const piece of pieces(file, { start: 0, end: size })) {
    scanner.write(piece);
    const from = Math.max(0, start - position);
    const to = Math.min(piece.length, end - position);
    if (from < to) yield piece.subarray(from, to);
    position += piece.length;
  }
  scanner.end();
}

function refuseForeign(start: Uint8Array): void {
  const found = recogniseBytes(start);
  if (found === undefined) return;
  throw new AttestError("JSON_INVALID", `the predicate is ${found.what}, not JSON`, { next: found.next });
}

function assertKind(kind: JsonKind, predicateType: string): void {
  const problems = checkPredicateKind(kind, predicateType);
  if (problems.length === 0) return;
  throw new AttestError("STATEMENT_INVALID", "the predicate is no predicate of a statement", {
    problems,
    next: "Put the content into a JSON object.",
  });
}
