/** What a report says of one test. */
export type TestOutcome = {
  /** Names of the suites around it and its own, joined by ` > `. */
  readonly name: string;
  readonly outcome: "passed" | "warned" | "failed" | "skipped";
};

/** Joins names from the outermost to the test's own: empty ones and repeats of the one before are left out. */
export function joinNames(names: readonly string[]): string {
  const trimmed = names.map((name) => name.trim()).filter((name) => name !== "");
  return trimmed.filter((name, at) => name !== trimmed[at - 1]).join(" > ");
}
