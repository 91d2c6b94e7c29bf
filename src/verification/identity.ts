import { AttestError } from "../error.js";
import { withinDeadline } from "./deadline.js";

/** Exactly this text, or text that matches this regular expression from its first to its last character. */
export type TextMatch = { readonly exact: string } | { readonly pattern: string };

/** Who a certificate has to name: the subject alternative name, and who vouches for it. */
export type CertificateIdentity = {
  /** An e-mail address or URI, as in `https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1`. */
  readonly subject: TextMatch;
  /** URL of the OpenID Connect issuer, as in `https://token.actions.githubusercontent.com`. */
  readonly issuer: TextMatch;
};

/** An identity whose patterns are compiled. */
export type IdentityMatcher = {
  readonly description: string;
  readonly subject: (value: string | undefined) => boolean;
  readonly issuer: (value: string | undefined) => boolean;
};

/**
 * Compiles an identity. A pattern is anchored at both ends, so that `https://github.com/acme/app` does not
 * match `https://github.com/acme/app-evil` or `https://evil.example/?https://github.com/acme/app`.
 *
 * @throws AttestError ARGUMENT_INVALID for an empty text, a pattern that is none, or one that matches everything
 */
export function compileIdentity({ subject, issuer }: CertificateIdentity): IdentityMatcher {
  return {
    description: `${describeText(subject)}, vouched for by ${describeText(issuer)}`,
    subject: compileText(subject, "identity"),
    issuer: compileText(issuer, "issuer"),
  };
}

/**
 * Compiles one text or pattern, anchored at both ends.
 *
 * @param argument what the text is called in errors
 * @throws AttestError ARGUMENT_INVALID
 */
export function compileText(match: TextMatch, argument: string): (value: string | undefined) => boolean {
  if ("exact" in match) {
    if (match.exact === "") throw refused(argument, "a text", "an empty one");
    return (value) => value === match.exact;
  }
  const anchored = anchor(match.pattern, argument);
  // The text that it is held against is the signer's choice: one that makes the pattern backtrack is no match.
  const matches = (value: string): boolean => withinDeadline(() => anchored.test(value)) ?? false;
  // A pattern that takes any of these takes anyone: whoever wants that has to say it (verifyAnyIdentityUnsafe).
  if (anybody.some(matches))
    throw refused(
      argument,
      "a pattern that names someone",
      `${JSON.stringify(match.pattern)}, which matches anything`,
    );
  return (value) => value !== undefined && value.length <= longestValue && matches(value);
}

/** Names of nobody: short ones, and long ones for patterns that only count characters. */
const anybody: readonly string[] = [
  ...["", "x", "https://example.com/", "someone@example.com"],
  ...[
    "x".repeat(99),
    `https://example.com/${"x/".repeat(99)}`,
    `${"x".repeat(99)}@${"x".repeat(99)}.example`,
  ],
];

/** Nobody is called by more characters. */
const longestValue = 8192;

function anchor(pattern: string, argument: string): RegExp {
  try {
    // Alone first: `a)|(.*` is no expression by itself and would break out of the anchors.
    void new RegExp(pattern, "u");
    return new RegExp(`^(?:${pattern})$`, "u");
  } catch (cause) {
    throw new AttestError(
      "ARGUMENT_INVALID",
      `${argument}: a regular expression expected, got ${JSON.stringify(pattern)}`,
      {
        cause,
      },
    );
  }
}

function refused(argument: string, expected: string, got: string): AttestError {
  return new AttestError("ARGUMENT_INVALID", `${argument}: ${expected} expected, got ${got}`, {
    next: "Name who has to have signed, exactly or by a regular expression that fits nobody else.",
  });
}

/** A match for people: the text, or the pattern between slashes. */
export function describeText(match: TextMatch): string {
  return "exact" in match ? match.exact : `/^${match.pattern}$/`;
}
