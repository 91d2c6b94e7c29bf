import type { Check, CheckCode, Failure, FailureCode, Omission } from "./types.js";

/** What comes out of looking at one bundle, gathered as it is found. */
export type Findings = {
  readonly checks: Check[];
  readonly notChecked: Omission[];
  readonly failures: Failure[];
};

export function noFindings(): Findings {
  return { checks: [], notChecked: [], failures: [] };
}

export function passed(findings: Findings, check: CheckCode, message: string): void {
  findings.checks.push({ check, message });
}

export function omitted(findings: Findings, check: CheckCode, message: string): void {
  findings.notChecked.push({ check, message });
}

export function failed(
  findings: Findings,
  check: CheckCode,
  code: FailureCode,
  message: string,
  expected: string,
  got: string,
): void {
  findings.failures.push({ check, code, message, expected, got });
}

const order: readonly CheckCode[] = [
  "bundle",
  "signature",
  "signer",
  "certificate",
  "certificate-transparency",
  "timestamp",
  "transparency-log",
  "payload-type",
  "statement",
  "predicate-type",
  "subject",
];

/** What is said of a check that an earlier failure left out. */
export const notReachedMessage = "Not reached: an earlier check failed.";

/** What comes after the check that failed was not looked at, and has to be said so. */
export function notReached(findings: Findings, after: CheckCode): void {
  for (const check of order.slice(order.indexOf(after) + 1)) {
    const known = [...findings.checks, ...findings.notChecked, ...findings.failures].some(
      (each) => each.check === check,
    );
    if (!known) omitted(findings, check, notReachedMessage);
  }
}
