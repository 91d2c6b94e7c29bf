/** Builds that one call does and that other calls show: the engine turns a Dockerfile into calls of its own. */
import { inputsOf, typeName } from "../recipe/call.js";
import { type CallGraph, type CallSpan, liesWithin } from "./calls.js";
import { isInternal, type Span } from "./span.js";

/**
 * What each `dockerBuild` did, by its digest: digest of the call that made the image, then those of calls that nothing
 * seen builds on, since the engine reports no call that its cache answers. The calls stand below the span of the build,
 * and the image is the last of them. A build that a cache answered has none.
 */
export function openedBuilds({ calls, known }: CallGraph, spans: readonly Span[]): Map<string, string[]> {
  const opened = new Map<string, string[]>();
  for (const build of calls.filter(isBuild)) {
    const [image, ...loose] = endsInside(build, calls, spans);
    if (image !== undefined && known.has(image)) opened.set(build.call.digest, [image, ...loose]);
  }
  return opened;
}

function isBuild({ call }: CallSpan): boolean {
  return call.module === undefined && (call.field === "dockerBuild" || call.field === "build");
}

/** What stands directly below the build and nothing inside it uses; the image, which is the last container, first. */
function endsInside(build: CallSpan, calls: readonly CallSpan[], spans: readonly Span[]): string[] {
  const isInside = liesWithin(spans, new Set([build.span.spanId]));
  const inside = calls.filter((one) => one !== build && isInside(one.span.spanId));
  const used = new Set(inside.flatMap(({ call }) => inputsOf(call)));
  const made = inside.filter(
    ({ call, span }) =>
      span.parentSpanId === build.span.spanId && !isInternal(span) && values.has(typeName(call)),
  );
  const image = made.findLast(({ call }) => typeName(call) === "Container");
  if (image === undefined || used.has(resultOf(image))) return [];
  return [...new Set([image, ...made].map(resultOf))].filter((digest) => !used.has(digest));
}

function resultOf({ call, output }: CallSpan): string {
  return output ?? call.digest;
}

const values: ReadonlySet<string> = new Set(["Container", "Directory", "File"]);
