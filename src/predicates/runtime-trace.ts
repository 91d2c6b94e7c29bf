import type { PredicateDefinition } from "./definition.js";
import {
  anyObject,
  descriptor,
  emptyOr,
  list,
  object,
  text,
  timestamp,
  unset,
  uri,
  withRule,
  type TypeOf,
} from "./shape.js";

const log = object({
  process: unset(list(anyObject)),
  network: unset(list(anyObject)),
  fileAccess: unset(list(descriptor)),
});

const shape = object({
  monitor: object({
    type: uri,
    // Empty means the same as unset here.
    configSource: unset(emptyOr(descriptor)),
    tracePolicy: unset(anyObject),
  }),
  monitoredProcess: object({ hostID: uri, type: uri, event: text }),
  monitorLog: withRule(log, (value, path) =>
    [value.process, value.network, value.fileAccess].some((part) => part !== undefined)
      ? []
      : [{ path, expected: "one of process, network and fileAccess", got: "none of them" }],
  ),
  metadata: unset(object({ buildStartedOn: unset(timestamp), buildFinishedOn: unset(timestamp) })),
});

export type RuntimeTrace = TypeOf<typeof shape>;

/** What a monitor saw of a process: processes, network, files. */
export const runtimeTraceV01: PredicateDefinition<RuntimeTrace> = {
  predicateType: "https://in-toto.io/attestation/runtime-trace/v0.1",
  what: "a runtime trace",
  specification: "https://github.com/in-toto/attestation/blob/main/spec/predicates/runtime-trace.md",
  shape,
};
