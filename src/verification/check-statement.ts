import { AttestError, reasonOf, type Problem } from "../error.js";
import { predicateProblems } from "../predicates/definition.js";
import { namesNoBuilder } from "../predicates/slsa-provenance.js";
import { definitionOf } from "../predicates/known.js";
import { statementPayloadType } from "../signing/dsse.js";
import { statementTypeV01 } from "../statement/types.js";
import type { ReadBundle } from "./bundle/types.js";
import { failed, omitted, passed, type Findings } from "./findings.js";
import type { CheckedRequest } from "./request.js";
import { readVerifiedStatement, wholeStatementBytes, type VerifiedStatement } from "./statement.js";
import { checkSubjects } from "./subject.js";
import type { FailureCode } from "./types.js";

/**
 * Checks what a verified payload says: that it is a statement, of the asked-for type, about the asked-for
 * artifact. All that is wrong goes to `findings`.
 *
 * @param verified SHA-256 of the payload as its signature was verified
 */
export async function checkStatement(
  content: ReadBundle["content"],
  verified: Buffer,
  request: Pick<CheckedRequest, "artifact" | "predicateType">,
  findings: Findings,
): Promise<VerifiedStatement | undefined> {
  if (content.kind === "file") {
    checkFile(content, verified, request, findings);
    return undefined;
  }
  if (content.payloadType !== statementPayloadType) {
    failed(
      findings,
      "payload-type",
      "PAYLOAD_TYPE",
      "The signature covers something that is no statement.",
      statementPayloadType,
      JSON.stringify(content.payloadType),
    );
    return undefined;
  }
  passed(findings, "payload-type", `The signature covers the payload type ${statementPayloadType}.`);
  const statement = await readStatement(content.payload, verified, findings);
  if (statement === undefined) return undefined;
  checkType(statement, request, findings);
  checkSubject(statement, request, findings);
  return statement;
}

async function readStatement(
  payload: Parameters<typeof readVerifiedStatement>[0],
  verified: Buffer,
  findings: Findings,
) {
  try {
    const statement = await readVerifiedStatement(payload, verified);
    checkPredicate(statement, findings);
    return statement;
  } catch (error) {
    if (!(error instanceof AttestError)) throw error;
    const code: FailureCode = error.code === "LIMIT_EXCEEDED" ? "LIMIT_EXCEEDED" : "STATEMENT_INVALID";
    failed(
      findings,
      "statement",
      code,
      "The payload is no valid in-toto statement.",
      "an in-toto Statement v1 or v0.1",
      reasonOf(error),
    );
    return undefined;
  }
}

function checkPredicate(statement: VerifiedStatement, findings: Findings): void {
  const { header, predicateKind } = statement;
  if (predicateKind === "none")
    return failed(
      findings,
      "statement",
      "PREDICATE_MISSING",
      "The statement says nothing of its subjects.",
      "a predicate",
      "none",
    );
  // cosign writes SPDX tag-value documents as text.
  const mayBeText = header.predicateType.startsWith("https://spdx.dev/Document");
  if (predicateKind !== "object" && !(predicateKind === "string" && mayBeText))
    return failed(
      findings,
      "statement",
      "STATEMENT_INVALID",
      "The predicate is no object.",
      "an object",
      `a ${predicateKind}`,
    );
  const problems = formProblems(statement);
  if (problems.length > 0)
    return failed(
      findings,
      "statement",
      "STATEMENT_INVALID",
      `The predicate is not what ${header.predicateType} asks for.`,
      problems.map(({ path, expected }) => `${path}: ${expected}`).join("; "),
      problems.map(({ path, got }) => `${path}: ${got}`).join("; "),
    );
  const version = header.type === statementTypeV01 ? "v0.1 (superseded)" : "v1";
  passed(findings, "statement", `The payload is a valid in-toto Statement ${version}.`);
  if (statement.predicate === undefined)
    omitted(
      findings,
      "statement",
      `The predicate's own form: statements above ${wholeStatementBytes} bytes are not held in memory.`,
    );
  if (namesNoBuilder(header.predicateType, statement.predicate))
    omitted(
      findings,
      "statement",
      "Who built it: the provenance names no builder, as BuildKit does unless it is told. The signer alone vouches for it.",
    );
}

const shownProblems = 10;

/** What a predicate of a known type lacks; the statement itself says where a predicate is too large to be looked into. */
function formProblems({ header, predicate }: VerifiedStatement): Problem[] {
  const definition = definitionOf(header.predicateType);
  if (definition === undefined || predicate === undefined) return [];
  return predicateProblems(definition, predicate)
    .slice(0, shownProblems)
    .map(({ path, ...problem }) => ({ ...problem, path: path === "" ? "predicate" : `predicate.${path}` }));
}

function checkType(
  { header }: VerifiedStatement,
  { predicateType }: Pick<CheckedRequest, "predicateType">,
  findings: Findings,
): void {
  if (predicateType === undefined)
    omitted(findings, "predicate-type", `Any was taken; it is ${header.predicateType}.`);
  else if (header.predicateType === predicateType)
    passed(findings, "predicate-type", `The predicate type is ${predicateType}.`);
  else
    failed(
      findings,
      "predicate-type",
      "PREDICATE_TYPE",
      "The statement is of another type.",
      predicateType,
      header.predicateType,
    );
}

function checkSubject(
  { header }: VerifiedStatement,
  { artifact }: Pick<CheckedRequest, "artifact">,
  findings: Findings,
): void {
  const failure = checkSubjects(header.subjects, artifact);
  if (failure === undefined)
    passed(findings, "subject", `The statement is about ${artifact.name}, by its digest.`);
  else findings.failures.push(failure);
}

/** A bundle that signs a file: nothing is said of it, so all there is to check is that it is this one. */
function checkFile(
  content: ReadBundle["content"] & { kind: "file" },
  actual: Buffer,
  { artifact }: Pick<CheckedRequest, "artifact">,
  findings: Findings,
): void {
  const digest = actual.toString("hex");
  const asked = artifact.digests["sha256"];
  const claimed = content.algorithm === "SHA2_256" ? content.digest.toString("hex") : digest;
  if (asked !== undefined && asked !== digest)
    failed(
      findings,
      "subject",
      "SUBJECT_MISMATCH",
      "Another file was signed.",
      `sha256:${asked}`,
      `sha256:${digest}`,
    );
  else if (claimed !== digest)
    failed(
      findings,
      "subject",
      "SUBJECT_MISMATCH",
      "The bundle names another file than the one that was signed.",
      `sha256:${digest}`,
      `sha256:${claimed}`,
    );
  else passed(findings, "subject", `The signature covers the bytes of ${artifact.name}.`);
  for (const check of ["payload-type", "statement", "predicate-type"] as const)
    omitted(findings, check, "The bundle signs the file itself and says nothing of it.");
}
