import type { Failure, Omission, Verification } from "./types.js";

/** Reasons that are told one by one. */
const mostTold = 20;

/**
 * A verdict beside which there is something that could not be read, and may have been a bundle. It is said; and where
 * every bundle has to hold, it is a reason to fail.
 * @param reasons one for each such thing
 */
export function withUnread(verification: Verification, reasons: readonly string[]): Verification {
  if (reasons.length === 0) return verification;
  const told = reasons.slice(0, mostTold).map((reason) => `Something attached could not be read: ${reason}.`);
  const more = reasons.length - told.length;
  const messages = more > 0 ? [...told, `And ${more} more could not be read.`] : told;
  const notChecked = [
    ...verification.notChecked,
    ...messages.map((message): Omission => ({ check: "bundle", message })),
  ];
  const got = `${reasons.length} that can't be read`;
  if (verification.passed && verification.requirement.kind === "all") {
    const failure: Failure = {
      check: "bundle",
      code: "THRESHOLD",
      message: "Not everything that is attached could be read.",
      expected: "that all bundles hold",
      got,
    };
    return { ...verification, passed: false, checks: [], notChecked, failures: [failure] };
  }
  const failures = verification.failures.map((failure) =>
    failure.code === "NO_BUNDLE"
      ? { ...failure, message: "There is nothing to verify that can be read.", got: `none, and ${got}` }
      : failure,
  );
  return { ...verification, notChecked, failures };
}
