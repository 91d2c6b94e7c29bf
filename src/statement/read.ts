import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

import { AttestError } from "../error.js";
import { createJsonScanner, type JsonKind } from "../json/scan.js";
import { assertHeader, type UncheckedHeader } from "./check.js";
import { bytesOf, pieces, withFile, writeWhole, type WrittenFile } from "./files.js";
import { foldedAliases } from "./folding.js";
import { assertHeaderSize, assertSize, statementLimits, type StatementLimits } from "./limits.js";
import { checkPredicateKind } from "./predicate.js";
import { recogniseBytes, recogniseFields, type Recognised } from "./recognise.js";
import { orderedSubject } from "./subject-fields.js";
import type { ByteRange, StatementHeader } from "./types.js";

/** A statement file that was read and checked. */
export type ReadStatement = {
  /** Fields that the specification does not name are ignored and not in here; the file keeps them. */
  readonly header: StatementHeader;
  /** Where the predicate's value stands in the file, without white space around it. */
  readonly predicate: ByteRange;
  /** Bytes of the file. */
  readonly size: number;
  /** Digest of the file's bytes in lower-case hex. */
  readonly sha256: string;
};

type Member = ByteRange & { readonly kind: JsonKind };
type Members = ReadonlyMap<string, Member>;

const statementFields = ["_type", "subject", "predicateType", "predicate"] as const;

/**
 * Reads a statement file, v1 or v0.1, with its fields in any order, in pieces. Everything is checked:
 * the JSON text to its last byte, and every rule of the specification on the header.
 * @throws AttestError STATEMENT_INVALID with every problem, or naming what the file is instead (a bundle, a
 * bare SBOM, ...), JSON_INVALID when it is no JSON, LIMIT_EXCEEDED at a limit, ARGUMENT_INVALID when the
 * file can't be read.
 */
export async function readStatement(
  path: string,
  limits: StatementLimits = statementLimits,
): Promise<ReadStatement> {
  return withFile(path, async (file, size) => {
    assertSize(size, limits);
    const { members, sha256 } = await scanMembers(file, size);
    const found = members.has("_type") ? undefined : recogniseFields(new Set(members.keys()));
    if (found !== undefined) refuseOther(found);
    const predicate = members.get("predicate");
    const range = { start: predicate?.start ?? 0, end: predicate?.end ?? 0 };
    assertHeaderSize(size - (range.end - range.start), limits);
    return { header: await readHeader(file, members, limits), predicate: range, size, sha256 };
  });
}

/**
 * Copies a range of bytes of a file, as {@link readStatement} returned it, to a file of its own.
 * @throws AttestError ARGUMENT_INVALID when the file ends before the range does.
 */
export async function extractPredicate(
  path: string,
  range: ByteRange,
  outPath: string,
): Promise<WrittenFile> {
  return withFile(path, async (file, size) => {
    if (range.start < 0 || range.start > range.end || range.end > size) {
      throw new AttestError("ARGUMENT_INVALID", `${path} has no bytes ${range.start} to ${range.end}`, {
        next: "Read the statement again: the file has changed since.",
      });
    }
    return writeWhole(outPath, async (writer) => {
      for await (const piece of pieces(file, range)) await writer.write(piece);
    });
  });
}

async function scanMembers(file: FileHandle, size: number): Promise<{ members: Members; sha256: string }> {
  const sha256 = createHash("sha256");
  const collector = memberCollector();
  const scanner = createJsonScanner(collector.visitor, { what: "the statement" });
  let isFirst = true;
  let isRead = false;
  if (size === 0) refuseStart(new Uint8Array());
  try {
    for await (const piece of pieces(file, { start: 0, end: size })) {
      if (isFirst) refuseStart(piece.subarray(0, sniffedBytes));
      isFirst = false;
      sha256.update(piece);
      scanner.write(piece);
    }
    isRead = true;
    scanner.end();
  } catch (error) {
    throw collector.ended() && !isRead ? severalDocuments(error, collector.members) : error;
  }
  return { members: collector.members, sha256: sha256.digest("hex") };
}

const sniffedBytes = 4096;

function refuseStart(start: Uint8Array): void {
  const found = recogniseBytes(start);
  if (found !== undefined) refuseOther(found);
}

function refuseOther({ what, next }: Recognised): never {
  throw new AttestError("STATEMENT_INVALID", `this is ${what}, not a statement`, { next });
}

/** Notes where the members of the document's top-level object stand. */
function memberCollector() {
  const members = new Map<string, Member>();
  let name = "";
  let start = 0;
  let isEnded = false;
  return {
    members,
    ended: () => isEnded,
    visitor: {
      depth: 1,
      key: (_depth: number, key: string) => {
        name = key;
      },
      valueStart: (depth: number, kind: JsonKind, offset: number) => {
        if (depth === 0 && kind !== "object") {
          refuseOther({ what: `a JSON ${kind}`, next: "Name a file that holds one in-toto statement." });
        }
        start = offset;
      },
      valueEnd: (depth: number, kind: JsonKind, end: number) => {
        if (depth === 0) isEnded = true;
        else members.set(name, { kind, start, end });
      },
    },
  };
}

function severalDocuments(cause: unknown, members: Members): unknown {
  if (!(cause instanceof AttestError)) return cause;
  const first = recogniseFields(new Set(members.keys()))?.what ?? "a JSON document";
  return new AttestError("STATEMENT_INVALID", `this is ${first} with something behind it, not a statement`, {
    problems: cause.problems,
    next: "Name a file that holds one statement; take a single line out of a file of JSON lines (*.jsonl).",
    cause,
  });
}

async function readHeader(
  file: FileHandle,
  members: Members,
  limits: StatementLimits,
): Promise<StatementHeader> {
  const header: UncheckedHeader = {
    type: await readMember(file, members.get("_type")),
    subjects: await readMember(file, members.get("subject")),
    predicateType: await readMember(file, members.get("predicateType")),
  };
  assertHeader(header, limits, [
    ...checkPredicateKind(members.get("predicate")?.kind, header.predicateType),
    ...foldedAliases([...members.keys()], statementFields, ""),
  ]);
  return { ...header, subjects: header.subjects.map(orderedSubject) };
}

async function readMember(file: FileHandle, member: Member | undefined): Promise<unknown> {
  if (member === undefined) return undefined;
  const parsed: unknown = JSON.parse((await bytesOf(file, member)).toString("utf8"));
  return parsed;
}
