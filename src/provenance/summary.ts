/** A provenance in a few lines for people: what is covered first, then what is not. */
import type { Provenance } from "./slsa/types.js";

/** Gaps that are named; the predicate has them all. */
const namedGaps = 5;

export function provenanceSummary({ buildDefinition, runDetails }: Provenance): string {
  const {
    materials,
    steps,
    usage,
    sources,
    unavailable = {},
    gaps,
    contradictions = [],
  } = runDetails.metadata.dagger_completeness;
  const problems = [...gaps, ...contradictions.map((text) => `contradiction: ${text}`)];
  const rest = problems.length - namedGaps;
  return [
    `SLSA provenance from ${sources.join(", ")}: materials ${materials} (${buildDefinition.resolvedDependencies.length}), steps ${steps}, usage ${usage}`,
    ...problems.slice(0, namedGaps).map((text) => `not known: ${text}`),
    ...(rest > 0 ? [`not known: ${rest} more`] : []),
    ...Object.entries(unavailable).map(([source, because]) => `no ${source}: ${because}`),
  ].join("\n");
}
