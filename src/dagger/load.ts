import { join } from "node:path";

import type { File } from "@dagger.io/dagger";

import { extractPredicate, readStatement } from "../statement/read.js";
import { Attestation } from "./attestation.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";
import { exposeSubject } from "./subject.js";

/** Reads a statement file into an attestation; the predicate's bytes stay as they are. */
export async function loadStatement(file: File): Promise<Attestation> {
  return loadStatementFrom(await localFile(file), "not signed");
}

/** The same from this function's own disk; `standing` says in the summary how far to believe it. */
export async function loadStatementFrom(path: string, standing: string): Promise<Attestation> {
  const { header, predicate } = await readStatement(path);
  const predicatePath = join(await scratchDirectory(), "predicate.json");
  await extractPredicate(path, predicate, predicatePath);
  const count = header.subjects.length;
  return new Attestation(
    header.predicateType,
    returnedFile(predicatePath),
    header.subjects.map(exposeSubject),
    `${header.predicateType} about ${count} ${count === 1 ? "subject" : "subjects"}, ${standing}`,
  );
}
