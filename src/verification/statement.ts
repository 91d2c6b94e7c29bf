import { createHash, hash } from "node:crypto";
import { AttestError, type Problem } from "../error.js";
import { parseJson } from "../json/parse.js";
import { createJsonScanner, type JsonKind } from "../json/scan.js";
import { gather, type ByteSource } from "../signing/source.js";
import { assertHeader } from "../statement/check.js";
import { foldedAliases } from "../statement/folding.js";
import { describeValue, isObject } from "../statement/json-value.js";
import { statementLimits } from "../statement/limits.js";
import type { StatementHeader } from "../statement/types.js";

/** The statement in a payload whose signature is verified. */
export type VerifiedStatement = {
  readonly header: StatementHeader;
  /** SHA-256 of the statement's bytes, lower-case hex. */
  readonly sha256: string;
  readonly predicateKind: JsonKind | "none";
  /** The predicate itself; not set where the statement is larger than {@link wholeStatementBytes}. */
  readonly predicate?: unknown;
};

/** Up to this size a statement is parsed whole, its predicate included. */
export const wholeStatementBytes = 8 * 1024 * 1024;

/**
 * Reads and checks the statement in a payload of any size. A payload that changed since it was verified is
 * refused.
 *
 * @param verified SHA-256 of the payload as its signature was verified
 * @throws AttestError JSON_INVALID, LIMIT_EXCEEDED, STATEMENT_INVALID
 */
export async function readVerifiedStatement(
  payload: ByteSource,
  verified: Buffer,
): Promise<VerifiedStatement> {
  return readPayload(payload, verified.toString("hex"));
}

/** The same of a payload that nobody has verified: for looking at what is there. */
export async function readUnverifiedStatement(
  payload: ByteSource,
): Promise<Pick<VerifiedStatement, "header" | "sha256">> {
  return readPayload(payload, undefined);
}

/** @param expected SHA-256 that the payload has to have, lower-case hex */
async function readPayload(payload: ByteSource, expected: string | undefined): Promise<VerifiedStatement> {
  return payload.size <= wholeStatementBytes ? readWhole(payload, expected) : readInPieces(payload, expected);
}

async function readWhole(payload: ByteSource, expected: string | undefined): Promise<VerifiedStatement> {
  const bytes = await gather(payload);
  const sha256 = hash("sha256", bytes);
  assertUnchanged(sha256, expected);
  const value = parseJson(bytes);
  if (!isObject(value)) throw invalid([{ path: "", expected: "an object", got: describeValue(value) }]);
  const header = checkedHeader(value, Object.keys(value));
  const { predicate } = value;
  return { header, sha256, predicateKind: kindOf(predicate), predicate };
}

async function readInPieces(payload: ByteSource, expected: string | undefined): Promise<VerifiedStatement> {
  const members = watchMembers();
  const scanner = createJsonScanner(members.visitor);
  const whole = createHash("sha256");
  for await (const chunk of payload.chunks()) {
    whole.update(chunk);
    scanner.write(chunk);
    members.take(chunk);
  }
  scanner.end();
  const sha256 = whole.digest("hex");
  assertUnchanged(sha256, expected);
  if (members.rootKind() !== "object")
    throw invalid([{ path: "", expected: "an object", got: members.rootKind() }]);
  const header = checkedHeader(members.parsed(), members.names);
  return { header, sha256, predicateKind: members.predicateKind() };
}

function checkedHeader(value: Readonly<Record<string, unknown>>, names: readonly string[]): StatementHeader {
  const aliases = foldedAliases(names, ["_type", "subject", "predicateType", "predicate"], "");
  if (aliases.length > 0) throw invalid(aliases);
  const header = { type: value["_type"], subjects: value["subject"], predicateType: value["predicateType"] };
  assertHeader(header);
  return header;
}

type Member = { readonly name: string; readonly start: number; end: number; readonly pieces: Buffer[] };

/** Keeps the top-level members as they pass, all but the predicate. */
function watchMembers() {
  const names: string[] = [];
  const members: Member[] = [];
  const kinds = { root: "null" as JsonKind, predicate: "none" as JsonKind | "none" };
  let at = 0;
  let kept = 0;
  return {
    names,
    visitor: {
      depth: 1,
      key: (_depth: number, name: string) => void names.push(name),
      valueStart: (depth: number, kind: JsonKind, start: number) => {
        if (depth === 0) kinds.root = kind;
        const name = names.at(-1) ?? "";
        if (depth === 1 && name === "predicate") kinds.predicate = kind;
        else if (depth === 1) members.push({ name, start, end: Infinity, pieces: [] });
      },
      valueEnd: (depth: number, _kind: JsonKind, end: number) => {
        const last = members.at(-1);
        if (depth === 1 && names.at(-1) !== "predicate" && last !== undefined) last.end = end;
      },
    },
    take: (chunk: Uint8Array) => {
      for (const member of members) {
        const piece = chunk.subarray(Math.max(0, member.start - at), Math.max(0, member.end - at));
        if (piece.length > 0) member.pieces.push(Buffer.from(piece));
        kept += piece.length;
      }
      at += chunk.length;
      if (kept > statementLimits.headerBytes) throw tooLarge();
    },
    rootKind: () => kinds.root,
    predicateKind: () => (kinds.predicate === "null" ? "none" : kinds.predicate),
    parsed: (): Readonly<Record<string, unknown>> =>
      Object.fromEntries(members.map(({ name, pieces }) => [name, parseJson(Buffer.concat(pieces))])),
  };
}

function kindOf(value: unknown): JsonKind | "none" {
  if (value === undefined || value === null) return "none";
  if (Array.isArray(value)) return "array";
  if (typeof value === "object") return "object";
  return typeof value === "string" ? "string" : typeof value === "number" ? "number" : "boolean";
}

function assertUnchanged(read: string, expected: string | undefined): void {
  if (expected !== undefined && read !== expected)
    throw invalid([{ path: "", expected: "the bytes that were verified", got: "others: the file changed" }]);
}

function invalid(problems: readonly Problem[]): AttestError {
  return new AttestError("STATEMENT_INVALID", "the payload is no in-toto statement", { problems });
}

function tooLarge(): AttestError {
  const most = statementLimits.headerBytes;
  return new AttestError("LIMIT_EXCEEDED", `more than ${most} bytes besides the predicate`);
}
