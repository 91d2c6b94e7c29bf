/** Which spans lie below which. */
import type { SpanIndex } from "./span.js";

/** Tells whether a span is one of the given spans, or lies below one, by their parents. */
export function liesWithin(spans: SpanIndex, outer: ReadonlySet<string>): (spanId: string) => boolean {
  if (outer.size === 0) return () => false;
  const known = new Map<string, boolean>();
  // Of what has something below it the answer is kept: most spans have nothing.
  const isParentInside = (parent: string | undefined): boolean => {
    const path: string[] = [];
    let at = parent;
    while (at !== undefined && !known.has(at) && !outer.has(at) && path.length <= spans.size) {
      path.push(at);
      at = spans.get(at)?.parentSpanId;
    }
    const answer = at !== undefined && (outer.has(at) || known.get(at) === true);
    for (const id of path) known.set(id, answer);
    return answer;
  };
  return (spanId) => outer.has(spanId) || isParentInside(spans.get(spanId)?.parentSpanId);
}
