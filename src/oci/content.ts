/** What an attestation holds, whatever it is wrapped in. */

import { AttestError } from "../error.js";
import type { ByteSource } from "../signing/source.js";
import type { StatementHeader } from "../statement/types.js";
import { readBundle } from "../verification/bundle/read.js";
import type { ReadBundle } from "../verification/bundle/types.js";
import { readUnverifiedStatement } from "../verification/statement.js";
import { inTotoStatement } from "./media-types.js";

/**
 * `bundle`: a Sigstore bundle. `envelope`: a bare DSSE envelope. Both are signed; by whom, and whether it
 * holds, only a verification tells. `statement`: a statement as it is, unsigned.
 */
export type AttestationForm = "bundle" | "envelope" | "statement";

export type AttestationContent = {
  readonly form: AttestationForm;
  readonly header: StatementHeader;
  /** The statement's bytes. */
  readonly statement: ByteSource;
  /** SHA-256 of the statement's bytes, lower-case hex. */
  readonly statementSha256: string;
  /** The bundle or envelope around it. */
  readonly signed?: ReadBundle;
};

/**
 * Reads a bundle or an envelope. Nothing is verified but the form.
 * @throws AttestError BUNDLE_INVALID, JSON_INVALID, STATEMENT_INVALID or LIMIT_EXCEEDED
 */
export async function readSignedContent(source: ByteSource): Promise<AttestationContent> {
  const signed = await readBundle(source);
  const { content } = signed;
  if (content.kind !== "envelope") {
    throw new AttestError("BUNDLE_INVALID", "the bundle signs a file directly and holds no statement", {
      next: "Attach attestations; the signature of a file belongs beside the file.",
    });
  }
  if (
    content.payloadType !== inTotoStatement &&
    !/^application\/vnd\.in-toto\.[a-z0-9.-]+\+json$/.test(content.payloadType)
  ) {
    throw new AttestError("BUNDLE_INVALID", "the bundle holds something that is no in-toto statement", {
      problems: [
        { path: "payloadType", expected: inTotoStatement, got: JSON.stringify(content.payloadType) },
      ],
    });
  }
  const form = signed.format === "dsse" ? "envelope" : "bundle";
  return { form, signed, ...(await readStatementContent(content.payload)) };
}

/** Reads a statement that nothing is wrapped around. @throws AttestError as {@link readSignedContent} */
export async function readBareContent(source: ByteSource): Promise<AttestationContent> {
  return { form: "statement", ...(await readStatementContent(source)) };
}

async function readStatementContent(statement: ByteSource) {
  const { header, sha256 } = await readUnverifiedStatement(statement);
  return { header, statement, statementSha256: sha256 };
}

/** Whether a statement is about the content of a digest (`sha256:<hex>`). */
export function isAbout({ subjects }: StatementHeader, digest: string): boolean {
  const [algorithm = "", encoded = ""] = digest.split(":");
  return subjects.some(
    (subject) => Object.hasOwn(subject.digest, algorithm) && subject.digest[algorithm] === encoded,
  );
}
