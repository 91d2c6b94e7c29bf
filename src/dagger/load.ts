import { join } from "node:path";

import type { File } from "@dagger.io/dagger";

import { extractPredicate, readStatement } from "../statement/read.js";
import { Attestation } from "./attestation.js";
import { localFile, returnedFile, scratchDirectory } from "./files.js";
import { exposeSubject } from "./subject.js";

/** Reads a statement file into an attestation; the predicate's bytes stay as they are. */
export async function loadStatement(file: File): Promise<Attestation> {
  const path = await localFile(file);
  const { header, predicate } = await readStatement(path);
  const predicatePath = join(await scratchDirectory(), "predicate.json");
  await extractPredicate(path, predicate, predicatePath);
  return new Attestation(
    header.predicateType,
    returnedFile(predicatePath),
    header.subjects.map(exposeSubject),
    `${header.predicateType} about ${header.subjects.length} subject(s), read from a statement`,
  );
}
