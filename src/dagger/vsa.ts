import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { verificationSummary } from "../report/vsa.js";
import type { Verification } from "../verification/types.js";
import { Attestation } from "./attestation.js";
import { returnedFile, scratchDirectory } from "./files.js";
import { exposeSubject } from "./subject.js";

export type VsaArguments = {
  readonly verifierId: string;
  readonly resourceUri: string;
  readonly verifiedLevels: readonly string[];
  readonly policyUri: string | undefined;
};

/** A verdict as an attestation about its artifact. */
export async function attestVerdict(
  verification: Verification,
  { policyUri, ...given }: VsaArguments,
): Promise<Attestation> {
  const { subjects, predicateType, predicate } = verificationSummary(verification, {
    ...given,
    ...(policyUri ? { policyUri } : {}),
  });
  const path = join(await scratchDirectory(), "predicate.json");
  await writeFile(path, JSON.stringify(predicate));
  const result = verification.passed ? "PASSED" : "FAILED";
  return new Attestation(
    predicateType,
    returnedFile(path),
    subjects.map(exposeSubject),
    `verification summary: ${result}, ${given.verifiedLevels.join(", ")}`,
  );
}
