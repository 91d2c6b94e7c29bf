import type {
  BundleVerdict,
  Check,
  Failure,
  Omission,
  Requirement,
  Verification,
  VerifiedSigner,
} from "./types.js";

type Combined = Pick<Verification, "passed" | "checks" | "notChecked" | "failures">;

/** From the verdicts on single bundles to the one that was asked for. */
export function combine(verdicts: readonly BundleVerdict[], requirement: Requirement): Combined {
  const good = verdicts.filter((verdict) => verdict.passed);
  const shortfall = findShortfall(verdicts, good, requirement);
  if (shortfall.length === 0)
    return {
      passed: true,
      checks: unique<Check>(good.flatMap(({ checks }) => checks)),
      notChecked: unique<Omission>(good.flatMap(({ notChecked }) => notChecked)),
      failures: [],
    };
  return {
    passed: false,
    checks: [],
    notChecked: unique<Omission>(verdicts.flatMap(({ notChecked }) => notChecked)),
    failures: unique<Failure>([...verdicts.flatMap(({ failures }) => failures), ...shortfall]),
  };
}

function findShortfall(
  verdicts: readonly BundleVerdict[],
  good: readonly BundleVerdict[],
  requirement: Requirement,
): readonly Failure[] {
  if (verdicts.length === 0)
    return [
      {
        check: "bundle",
        code: "NO_BUNDLE",
        message: "There is nothing to verify.",
        expected: "at least one bundle",
        got: "none",
      },
    ];
  switch (requirement.kind) {
    case "any":
      return good.length > 0 ? [] : threshold("one bundle that holds", `none of ${verdicts.length}`);
    case "all":
      return good.length === verdicts.length
        ? []
        : threshold("that all bundles hold", `${good.length} of ${verdicts.length}`);
    case "threshold": {
      const signers = new Set(
        good.flatMap(({ signer }) => (signer === undefined ? [] : [signerName(signer)])),
      ).size;
      return signers >= requirement.signers
        ? []
        : threshold(`${requirement.signers} different signers`, `${signers}`);
    }
  }
}

function threshold(expected: string, got: string): Failure[] {
  return [
    { check: "signer", code: "THRESHOLD", message: "Fewer bundles hold than were asked for.", expected, got },
  ];
}

/** The same key or identity counts once, however often it signed. */
function signerName(signer: VerifiedSigner): string {
  return signer.kind === "key"
    ? `key ${signer.hint}`
    : `certificate ${JSON.stringify([signer.issuer, signer.identity])}`;
}

function unique<T>(items: readonly T[]): T[] {
  const byText = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...byText.values()];
}
