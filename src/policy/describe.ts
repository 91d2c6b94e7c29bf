import { describeText, type TextMatch } from "../verification/identity.js";
import type { Rule } from "./types.js";

/** What a rule demands, in a phrase for people. */
export function describeRule(rule: Rule): string {
  const { predicateTypes, match, builderId, buildType, source, dependency } = rule;
  const { maxAgeDays, noFindingsFrom, expression } = rule;
  const types = predicateTypes === undefined ? "" : ` of ${predicateTypes.join(" or ")}`;
  const conditions = [
    ...condition("the builder", builderId),
    ...condition("the build type", buildType),
    ...condition("the source", source?.uri),
    ...condition("the source's ref", source?.ref),
    ...condition("a dependency", dependency),
    ...(maxAgeDays === undefined ? [] : [`signed at most ${maxAgeDays} days ago`]),
    ...(noFindingsFrom === undefined
      ? []
      : [`no finding of severity ${noFindingsFrom} or above that no VEX answers`]),
    ...(expression === undefined ? [] : [`true: ${expression.trim()}`]),
  ];
  const whole = `${match === "all" ? "at least one attestation, and each one" : "an attestation"}${types}`;
  return conditions.length === 0 ? whole : `${whole}, with ${conditions.join(" and ")}`;
}

function condition(what: string, wanted: TextMatch | undefined): string[] {
  return wanted === undefined ? [] : [`${what} ${describeText(wanted)}`];
}
