/** Facts about the run as a whole: trace id, start and end, engine, labels of the caller. */
import type { RunFacts } from "../evidence.js";
import { redactorFor } from "../redact.js";
import { compareNanos, type Nanos, timestampOf } from "./nanos.js";
import { type Attributes, type Span, type Telemetry, textAttribute } from "./span.js";

const labelPrefixes = ["dagger.io/git.", "dagger.io/vcs.", "dagger.io/ci"];

/**
 * From the entry point's span where there is one, else from all spans. Who called, and its version, a trace from
 * outside tells: its first client is the one that began it. Within a session clients are commands of the build.
 */
export function runFacts(
  telemetry: Telemetry,
  source: "telemetry" | "host-trace",
  spans: readonly Span[],
  entry: Span | undefined,
  secrets: readonly string[],
): RunFacts {
  const seen = entry === undefined ? spans : [entry];
  const traceId = seen[0]?.traceId;
  const start = first(seen.map((span) => span.start));
  const end = last(spans.map((span) => span.end));
  const clients = source === "host-trace" ? telemetry.resources.toReversed() : [];
  const resource: Attributes = Object.fromEntries(clients.flatMap((one) => Object.entries(one)));
  const engineVersion = textAttribute(resource, "dagger.io/client.version");
  const labels = labelsOf(resource, secrets);
  return {
    ...(traceId === undefined ? {} : { invocationId: traceId }),
    ...(start === undefined ? {} : { startedOn: timestampOf(start) }),
    ...(end === undefined ? {} : { finishedOn: timestampOf(end) }),
    ...(engineVersion === undefined ? {} : { engineVersion }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

function first(times: readonly Nanos[]): Nanos | undefined {
  return times.reduce<Nanos | undefined>(
    (a, b) => (a !== undefined && compareNanos(a, b) <= 0 ? a : b),
    undefined,
  );
}

function last(times: readonly (Nanos | undefined)[]): Nanos | undefined {
  return times.reduce(
    (a, b) => (a === undefined || (b !== undefined && compareNanos(a, b) < 0) ? b : a),
    undefined,
  );
}

function labelsOf(resource: Attributes, secrets: readonly string[]): Record<string, string> {
  const { text, argv } = redactorFor(secrets);
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(resource))
    if (labelPrefixes.some((prefix) => name.startsWith(prefix)))
      labels[name.replace("dagger.io/", "")] = text(String(value));
  const command = resource["process.command_args"];
  if (Array.isArray(command)) labels["command"] = argv(command).join(" ");
  return labels;
}
