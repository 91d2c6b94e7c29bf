/** Spans beside the recipe of the value. */
import type { Call, Recipe } from "../../recipe/index.js";
import { valueWalk, walk } from "../recipe/call.js";
import type { RecipeOptions } from "../recipe/collect.js";
import { type CallGraph, digestIn } from "./calls.js";
import type { Span, SpanIndex } from "./span.js";

/** What the walk through the spans' calls finds. Where each is the recipe's, the recipe's own leads the same way. */
export function walkBeside(
  recipe: Recipe,
  known: ReadonlyMap<string, Call>,
  root: string,
): NonNullable<RecipeOptions["walked"]> {
  const described = valueWalk(recipe);
  const isDescribed =
    described.missing.length === 0 && described.order.every((call) => known.get(call.digest) === call);
  return { ...(isDescribed ? described : walk({ root, calls: known }, [root])), isDescribed };
}

/** The spans of work on the value: what else the session did has another time. */
export function spansOf(recipe: Recipe, graph: CallGraph, spans: SpanIndex): Span[] {
  const digestOf = (span: Span | undefined): string | undefined =>
    span === undefined ? undefined : digestIn(graph, span);
  const isOf = (digest: string | undefined): boolean => digest !== undefined && recipe.calls.has(digest);
  // What is resumed here and was described elsewhere is the value that we were handed.
  const isResumed = ({ name, links }: Span): boolean =>
    name.startsWith("resume ") &&
    links
      .map(({ spanId }) => digestOf(spans.get(spanId)))
      .some((digest) => digest === undefined || isOf(digest));
  return [...spans.values()].filter((span) => isOf(digestOf(span)) || isResumed(span));
}
