import { func, object } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import type { Verification } from "../verification/types.js";

/** A verdict on an artifact, with its reasons: what passed, what failed, what was not checked. */
@object()
export class AttestVerification {
  /** Whether the artifact is what a trusted signer says of it. */
  @func()
  passed: boolean;

  /** The whole verdict as JSON; docs/verification.md describes it. */
  @func()
  json: string;

  constructor(passed: boolean, json: string) {
    this.passed = passed;
    this.json = json;
  }

  /** What was checked and holds: one sentence each. */
  @func()
  checks(): string[] {
    return this.verdict().checks.map(({ check, message }) => `${check}: ${message}`);
  }

  /** What was not checked, and why: one sentence each. It must not be read as if it had been. */
  @func()
  notChecked(): string[] {
    return this.verdict().notChecked.map(({ check, message }) => `${check}: ${message}`);
  }

  /** Why it did not pass: code, sentence, expected and got. Empty when it did. */
  @func()
  failures(): string[] {
    return this.verdict().failures.map(
      ({ code, message, expected, got }) => `${code}: ${message} (${expected} expected, got ${got})`,
    );
  }

  /** Nothing when the verdict passed, otherwise the error VERIFICATION_FAILED with the reasons: for CI jobs. */
  @func({ cache: "never" })
  assert(): void {
    if (this.passed) return;
    throw new AttestError(
      "VERIFICATION_FAILED",
      `the artifact is not verified\n${this.failures().join("\n")}`,
      {
        next: "Do not use it; the reasons above say what is missing.",
      },
    );
  }

  private verdict(): Verification {
    return JSON.parse(this.json) as Verification;
  }
}
