import type { File } from "@dagger.io/dagger";

import { validatePredicateFile, type Validated } from "../predicates/validate.js";
import { checkPredicate } from "../statement/write.js";
import { Attestation } from "./attestation.js";
import { localFile } from "./files.js";

/** A predicate of the caller's own, checked at the door, as an attestation without subjects. */
export async function attestPredicate(predicateType: string, predicate: File): Promise<Attestation> {
  const predicatePath = await localFile(predicate);
  await checkPredicate({ predicateType, predicatePath });
  const validated = await validatePredicateFile(predicateType, predicatePath);
  return new Attestation(predicateType, predicate, [], summaryOf(predicateType, validated));
}

function summaryOf(predicateType: string, validated: Validated): string {
  switch (validated.kind) {
    case "unknown":
      return `${predicateType}, no subject so far`;
    case "valid":
      return `${predicateType}, ${validated.what}, no subject so far`;
    case "too-large":
      return `not checked: too large to be held against the specification of ${validated.what}\n${predicateType}, no subject so far`;
  }
}
