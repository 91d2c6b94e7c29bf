/** Reads `record [--trace=FILE] -- COMMAND...`. */
import { UsageError } from "../usage-error.js";

export const defaultTraceFile = "trace.jsonl";

export type RecordCommand = {
  /** Where the trace goes. */
  readonly trace: string;
  readonly program: string;
  readonly args: readonly string[];
};

export const recordUsage = `Run a command and record the telemetry that it sends.

Usage
  ./attest record [--trace=FILE] -- COMMAND [ARGUMENT]...

An OpenTelemetry collector on loopback takes what the command sends (spans and metrics, as protobuf over
HTTP) and writes it to FILE, which \`provenance --trace=FILE\` reads. The command's input, output, signals
and exit code pass through untouched. FILE appears when the command has ended, also when it failed.

Options
  --trace FILE  Where the trace goes. Default: ${defaultTraceFile}
  -h, --help    Print this help.

Example
  ./attest record --trace=build.jsonl -- dagger call build publish --address=registry.example/app
`;

/** The command, or undefined where help is asked for. @throws UsageError */
export function parseRecord(tokens: readonly string[]): RecordCommand | undefined {
  let trace: string | undefined;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? "";
    if (token === "--help" || token === "-h") return undefined;
    if (token === "--") return commandOf(tokens.slice(at + 1), trace);
    if (!token.startsWith("-")) return commandOf(tokens.slice(at), trace);
    const [name, given] = token.split(/=(.*)/s, 2);
    if (name !== "--trace") throw new UsageError(`record has no flag "${token}"`, ["record"]);
    trace = given ?? tokens[++at];
    if (trace === undefined || trace === "") throw new UsageError("--trace: a file expected", ["record"]);
  }
  return commandOf([], trace);
}

function commandOf([program, ...args]: readonly string[], trace = defaultTraceFile): RecordCommand {
  if (program === undefined) throw new UsageError("record: a command expected after --", ["record"]);
  return { trace, program, args };
}
