import type { BundleVerdict, CheckCode, Failure, Verification } from "../verification/types.js";

/** What each check is about, for readers who do not know the field. */
export const checkWords: Readonly<
  Record<CheckCode, { readonly title: string; readonly explanation: string }>
> = {
  bundle: {
    title: "Bundle",
    explanation: "Is the file a bundle that all readers understand in the same way?",
  },
  signature: { title: "Signature", explanation: "Is the content the one that was signed, to the last bit?" },
  signer: { title: "Signer", explanation: "Did someone sign who is trusted to?" },
  certificate: {
    title: "Certificate",
    explanation: "Does a trusted authority vouch for the signer at the time of signing?",
  },
  "certificate-transparency": {
    title: "Certificate log",
    explanation: "Was the issue of the certificate published, so that a false one can be found?",
  },
  timestamp: {
    title: "Time of signing",
    explanation: "Does someone else than the signer vouch for when it was signed?",
  },
  "transparency-log": {
    title: "Transparency log",
    explanation: "Was the signature published, so that a stolen key can be noticed?",
  },
  "payload-type": {
    title: "Payload type",
    explanation: "Was it signed as a statement, and not as something else?",
  },
  statement: { title: "Statement", explanation: "Is the content a valid statement about software?" },
  "predicate-type": {
    title: "Kind of statement",
    explanation: "Is it the kind of statement that was asked for?",
  },
  subject: { title: "Subject", explanation: "Is the statement about this very artifact, by its digest?" },
  policy: { title: "Policy", explanation: "Does what the statements say meet the rules?" },
};

/** Green, red, or neither: evidence that holds and that anybody may have made. */
export type Standing = "good" | "bad" | "open";

export function standing({ passed, notChecked }: Verification): Standing {
  if (!passed) return "bad";
  return notChecked.some(({ check }) => check === "signer") ? "open" : "good";
}

const verdicts = {
  good: "Verified",
  bad: "Not verified",
  open: "Signed, but by whom was not checked",
} as const;

const longestName = 120;

/** The verdict in one line; first the verdict, since the name may be anybody's. */
export function headline(verification: Verification): string {
  const { artifact } = verification;
  const name =
    artifact.name.length <= longestName ? artifact.name : `${artifact.name.slice(0, longestName)}...`;
  return `${verdicts[standing(verification)]}: ${name}`;
}

/** Why, in a few sentences: who signed and what nobody looked at, or the first thing that is wrong. */
export function because(verification: Verification): string {
  return verification.passed ? whyVerified(verification) : whyNot(verification);
}

function whyNot(verification: Verification): string {
  const [first, ...more] = tellingFailures(verification);
  if (first === undefined) return "Nothing shows that it is.";
  if (more.length === 0) return first.message;
  return `${first.message} There ${more.length === 1 ? "is one further reason" : `are ${more.length} further reasons`}.`;
}

/**
 * The failures that say something. That too few bundles hold goes without saying where the reasons are told why those
 * that are there do not, unless several were asked for.
 */
export function tellingFailures({ failures, requirement }: Verification): readonly Failure[] {
  const others = failures.filter(({ code }) => code !== "THRESHOLD");
  if (others.length === 0) return failures;
  return requirement.kind === "any"
    ? others
    : [...others, ...failures.filter(({ code }) => code === "THRESHOLD")];
}

const shownBundles = 5;

/** Which of several bundles a reason is about; "" where there is one, or it is about all together. */
export function bundlesWith(failure: Failure, bundles: readonly BundleVerdict[]): string {
  if (bundles.length < 2) return "";
  const same = (other: Failure): boolean => JSON.stringify(other) === JSON.stringify(failure);
  const names = bundles.filter(({ failures }) => failures.some(same)).map(({ name }) => name);
  const more = names.length > shownBundles ? [`${names.length - shownBundles} more`] : [];
  return [...names.slice(0, shownBundles), ...more].join(", ");
}

function whyVerified({ bundles, policy, notChecked }: Verification): string {
  const signers = bundles.flatMap(({ passed, signer }) => {
    if (!passed || signer === undefined) return [];
    return [signer.kind === "key" ? `the key ${signer.hint}` : signer.identity];
  });
  const unchecked = [...new Set(notChecked.map(({ check }) => checkWords[check].title.toLowerCase()))];
  return [
    `Signed by ${[...new Set(signers)].join(" and ")}.`,
    ...(policy === undefined ? [] : [policyMet(policy.rules.length)]),
    ...(unchecked.length === 0 ? [] : [`Not checked: ${unchecked.join(", ")}.`]),
  ].join(" ");
}

function policyMet(rules: number): string {
  return rules === 1 ? "The one rule of the policy is met." : `All ${rules} rules of the policy are met.`;
}

/** Which trusted root was used and how old it is at least; nothing where none was. */
export function rootWords({ trustedRoot, judgedAt }: Verification): string | undefined {
  if (trustedRoot === undefined) return undefined;
  const { name, newest } = trustedRoot;
  return newest === undefined ? name : `${name}; its newest key is ${ageWords(newest, judgedAt)}`;
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

function ageWords(since: string, until: string): string {
  const days = Math.floor((Date.parse(until) - Date.parse(since)) / dayMilliseconds);
  return `from ${since.slice(0, 10)}, ${days} ${days === 1 ? "day" : "days"} before the verdict`;
}
