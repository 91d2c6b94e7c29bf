/** `./attest record -- COMMAND`: the telemetry of a command in a file, and nothing else changed. */
import { startCollector } from "./collector.js";
import type { RecordCommand } from "./command-line.js";
import { type Caller, type Ending, passThrough } from "./pass-through.js";
import { openTrace, type TraceWriter } from "./trace-writer.js";

/** Runs the command and writes the trace. What goes wrong with the trace does not touch the command. */
export async function record(command: RecordCommand, caller: Caller): Promise<Ending> {
  const { trace, program, args } = command;
  const writer = await openTrace(trace);
  try {
    const collector = await startCollector((body) => writer.add(body));
    const ours = exporterVariables(collector.url);
    for (const name of Object.keys(ours).filter((one) => one.endsWith("_ENDPOINT") && caller.env[one]))
      caller.say(`${name} is set: what would go there goes to ${trace}`);
    const env = { ...caller.env, ...ours };
    const ending = await passThrough(program, args, env, caller).finally(() => collector.close());
    await keep(writer, trace, caller);
    return ending;
  } finally {
    await writer.discard();
  }
}

async function keep(writer: TraceWriter, trace: string, { say }: Caller): Promise<void> {
  try {
    if ((await writer.finish()) === 0) say(`the command sent no telemetry: ${trace} is empty`);
  } catch (error) {
    say(`${trace} was not written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * Where and how exporters send. Each signal has variables of its own, and Dagger reads no others; what
 * the caller set for other signals stays.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
function exporterVariables(url: string): Record<string, string> {
  const bySignal = (["traces", "metrics"] as const).flatMap((signal) => {
    const prefix = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}`;
    return [
      [`${prefix}_ENDPOINT`, `${url}/v1/${signal}`],
      [`${prefix}_PROTOCOL`, "http/protobuf"],
    ] as const;
  });
  return Object.fromEntries(bySignal);
}
