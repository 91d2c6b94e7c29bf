/** Attestations as files on this function's disk, to be signed and attached. */
import type { StatementAbout } from "../oci/signature.js";
import { fileDigests } from "../subjects/file.js";
import type { Attestation } from "./attestation.js";
import { localFile } from "./files.js";

/** A statement as a file, with its digest, its type and what it names first. */
export type StatementFile = StatementAbout & { readonly predicateType: string };

export async function statementFiles(attestations: readonly Attestation[]): Promise<StatementFile[]> {
  return Promise.all(
    attestations.map(async (one) => {
      const path = await localFile(await one.asFile());
      const { sha256 } = await fileDigests(path);
      return { path, sha256, predicateType: one.predicateType, subject: one.subjects[0]?.digests[0] ?? "" };
    }),
  );
}

export function pathsOf(statements: readonly StatementAbout[]): string[] {
  return statements.map(({ path }) => path);
}
