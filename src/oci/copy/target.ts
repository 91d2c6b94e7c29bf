import { AttestError } from "../../error.js";
import { parseImageReference, type ImageReference } from "../../subjects/reference.js";

/**
 * Where a copy goes. Its digest is the image's own; one that is written all the same has to be that one.
 * @throws AttestError REFERENCE_INVALID; ARGUMENT_INVALID when it names another image
 */
export function copyTarget(text: string, digest: string): ImageReference {
  const target = parseImageReference(text);
  if (target.digest === undefined || target.digest === digest) return target;
  throw new AttestError("ARGUMENT_INVALID", "the target names another image than the one that is copied", {
    problems: [{ path: "to", expected: `registry/repository[:tag], or @${digest}`, got: target.digest }],
    next: "Leave the digest out: it comes of the image.",
  });
}
