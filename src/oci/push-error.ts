/** An engine's own words on a push that failed, as an error with a code. */
import { AttestError } from "../error.js";
import { redactorFor } from "../provenance/redact.js";

const longestReason = 400;

/**
 * REGISTRY_DENIED where the registry refused the credentials, else REGISTRY_FAILED.
 * @param name registry and repository that were pushed to
 */
export function pushError(reason: unknown, name: string): AttestError {
  const message = reason instanceof Error ? reason.message : String(reason);
  const isDenied = /\b40[13]\b|unauthorized|forbidden|denied|authorization failed/i.test(message);
  return new AttestError(
    isDenied ? "REGISTRY_DENIED" : "REGISTRY_FAILED",
    `the engine could not push to ${name}`,
    {
      problems: [
        { path: "", expected: "a push", got: redactorFor([]).text(message).slice(0, longestReason) },
      ],
      cause: reason,
    },
  );
}
