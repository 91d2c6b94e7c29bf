import type { File } from "@dagger.io/dagger";

import { checkPredicate } from "../statement/write.js";
import { Attestation } from "./attestation.js";
import { localFile } from "./files.js";

/** A predicate of the caller's own, checked at the door, as an attestation without subjects. */
export async function attestPredicate(predicateType: string, predicate: File): Promise<Attestation> {
  await checkPredicate({ predicateType, predicatePath: await localFile(predicate) });
  return new Attestation(predicateType, predicate, [], `${predicateType}, no subject so far`);
}
