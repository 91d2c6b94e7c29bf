import type { PredicateDefinition } from "./definition.js";
import { object, uri, withRule, type TypeOf } from "./shape.js";

const webAddress = withRule(uri, (value, path) =>
  /^https?:\/\/./.test(value) ? [] : [{ path, expected: "an http or https URL", got: JSON.stringify(value) }],
);

const shape = object({ traceURL: webAddress });

export type TraceUrl = TypeOf<typeof shape>;

/** Where the run that made the artifact can be looked at in Dagger Cloud. */
export const traceUrlV1: PredicateDefinition<TraceUrl> = {
  predicateType: "https://dagger.io/evidence/trace-url/v1",
  what: "a Dagger trace URL",
  specification: "https://github.com/dagger/dagger/blob/main/docs/predicates/trace_url.md",
  shape,
};
